// The ways of getting. What came out of the store and cannot be given to the program at once is the next that this thread gets
// (channel/undelivered.ts).
import { EmptyError } from '../base/errors.ts'
import { checkInteger } from '../base/validate.ts'
import { type ReadWaitOptions, readSyncWaitOptions, readWaitOptions, type SyncWaitOptions, type WaitOptions } from '../base/wait-options.ts'
import { failed, kept, type Late } from '../channel/undelivered.ts'
import { isAwaitedHere, waitFor, waitForSync, WITHOUT_LIMIT } from '../sync/waiting/waits.ts'
import { Incoming } from './incoming.ts'
import type { MessageQueue } from './message-queue.ts'
import { atHand } from './turns.ts'
import './store/repair.ts'

const NOTHING = Symbol('nothing')

/** @throws EmptyError, ShutDownError, ClosedError, and what the item's own code throws when it is rebuilt */
export function get(queue: MessageQueue, options: WaitOptions | undefined): Promise<unknown> {
  try {
    const read = options === undefined ? WITHOUT_LIMIT : readWaitOptions(options)
    read.signal?.throwIfAborted()
    const isFirst = !isAwaitedHere(queue.items.reference)
    if (isFirst && queue.isOpen && !queue.undelivered.isEmpty) return queue.undelivered.takeInTime(read, () => new EmptyError())
    const item = isFirst ? takeOne(queue) : NOTHING
    return item === NOTHING ? getOneLater(queue, read) : (atHand(item) as Promise<unknown>)
  } catch (error) {
    return Promise.reject(error)
  }
}

async function getOneLater(queue: MessageQueue, options: ReadWaitOptions): Promise<unknown> {
  const [item] = await getLater(queue, 1, options)
  return item
}

/** The same, blocking. @throws InterruptedError, too */
export function getSync(queue: MessageQueue, options: SyncWaitOptions | undefined): unknown {
  const timeout = options === undefined ? Infinity : readSyncWaitOptions(options)
  const item = takeOne(queue)
  return oneReady(queue, item === NOTHING ? getLaterSync(queue, 1, timeout)[0] : item)
}

export function tryGet(queue: MessageQueue, fallback: unknown): unknown {
  const item = takeOne(queue, true)
  return item === NOTHING ? fallback : oneReady(queue, item)
}

/** At least one, and what else is there. @throws as `get`, RangeError */
export async function getMany(queue: MessageQueue, max: number, options: WaitOptions | undefined): Promise<unknown[]> {
  checkInteger(max, 'max', 1)
  const read = readWaitOptions(options)
  read.signal?.throwIfAborted()
  const items = isAwaitedHere(queue.items.reference) ? [] : takeMany(queue, max)
  return await settled(queue, items.length > 0 ? await atHand(items) : await getLater(queue, max, read))
}

/** The same, blocking. @throws InterruptedError, too */
export function getManySync(queue: MessageQueue, max: number, options: SyncWaitOptions | undefined): unknown[] {
  checkInteger(max, 'max', 1)
  const timeout = readSyncWaitOptions(options)
  const items = takeMany(queue, max)
  return queue.undelivered.ready(items.length > 0 ? items : getLaterSync(queue, max, timeout))
}

export function tryGetMany(queue: MessageQueue, max: number): unknown[] {
  checkInteger(max, 'max', 1)
  return queue.undelivered.ready(takeMany(queue, max, true))
}

async function getLater(queue: MessageQueue, max: number, options: ReadWaitOptions): Promise<unknown[]> {
  let items: unknown[] = []
  const attempt = (): boolean => {
    items = takeMany(queue, max, options.timeout === 0)
    return items.length > 0
  }
  if (!(await waitFor(queue.waitingForItems(), attempt, options))) throw new EmptyError()
  return items
}

function getLaterSync(queue: MessageQueue, max: number, timeout: number): unknown[] {
  let items: unknown[] = []
  const attempt = (): boolean => {
    items = takeMany(queue, max, timeout === 0)
    return items.length > 0
  }
  if (!waitForSync(queue.waitingForItems(), attempt, timeout)) throw new EmptyError()
  return items
}

/** Not while something is decoded: that may run code which gets from queues itself. */
let idle: Incoming | null = null

/** The next item, a promise for it, or NOTHING. */
function takeOne(queue: MessageQueue, mayInsist = false): unknown {
  queue.check()
  if (!queue.undelivered.isEmpty) return queue.undelivered.take()
  const incoming = idle ?? new Incoming()
  idle = null
  try {
    return queue.takeNow(incoming, 1, mayInsist) === 0 ? NOTHING : incoming.next()
  } finally {
    incoming.forget()
    idle = incoming
  }
}

/** What is there, or promises for it, up to `max`. @throws what the first of them throws */
function takeMany(queue: MessageQueue, max: number, mayInsist = false): unknown[] {
  queue.check()
  if (!queue.undelivered.isEmpty) return queue.undelivered.takeMany(max)
  const incoming = idle ?? new Incoming()
  idle = null
  try {
    const items: unknown[] = []
    const undelivered: Late[] = []
    // What comes meanwhile is for the next call: where others put faster than this thread takes, there would be no end.
    const most = Math.min(max, Math.max(1, queue.store.header.size))
    while (items.length < most && undelivered.length === 0) {
      const count = takeMore(queue, incoming, most - items.length, { mayInsist, isFirst: items.length === 0 })
      if (count === 0) break
      for (let left = count; left > 0; left -= 1) decodeOne(incoming, items, undelivered)
    }
    queue.undelivered.keep(undelivered)
    return items.length === 0 && undelivered.length > 0 ? queue.undelivered.takeMany(max) : items
  } finally {
    incoming.forget()
    idle = incoming
  }
}

/** Once there are some, that the queue is shut down and empty, or closed, is for the next call. */
function takeMore(queue: MessageQueue, incoming: Incoming, max: number, how: { mayInsist: boolean; isFirst: boolean }): number {
  try {
    return queue.takeNow(incoming, max, how.mayInsist)
  } catch (error) {
    if (how.isFirst) throw error
    return 0
  }
}

/** Behind one that cannot be decoded nothing is delivered in the same call. */
function decodeOne(incoming: Incoming, items: unknown[], undelivered: Late[]): void {
  try {
    const item = incoming.next()
    if (undelivered.length === 0) items.push(item)
    else undelivered.push(kept(item))
  } catch (error) {
    undelivered.push(failed(error))
  }
}

/** The values, when all modules are there. */
async function settled(queue: MessageQueue, items: unknown[]): Promise<unknown[]> {
  if (!items.some(item => item instanceof Promise)) return items
  // One may fail while an earlier one is awaited.
  for (const item of items) kept(item)
  for (const [index, item] of items.entries()) {
    if (!(item instanceof Promise)) continue
    try {
      items[index] = await item
    } catch (error) {
      const rest = items.slice(index + 1).map(kept)
      queue.undelivered.keep(index === 0 ? rest : [failed(error), ...rest])
      if (index === 0) throw error
      return items.slice(0, index)
    }
  }
  return items
}

function oneReady(queue: MessageQueue, item: unknown): unknown {
  return item instanceof Promise ? queue.undelivered.ready([item])[0] : item
}
