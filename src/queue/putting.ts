// The ways of putting. A message is encoded before anything else, so that an error is thrown where it was made, and is in the queue when the
// call is over.
import { FullError } from '../base/errors.ts'
import { type ReadWaitOptions, readSyncWaitOptions, readWaitOptions, type SyncWaitOptions, type WaitOptions } from '../base/wait-options.ts'
import { encodeForTree } from '../channel/tree-messages.ts'
import { isAwaitedHere, waitFor, waitForSync, WITHOUT_LIMIT } from '../sync/waiting/waits.ts'
import type { MessageQueue } from './message-queue.ts'
import { Outgoing } from './outgoing.ts'
import { atHand } from './turns.ts'

/** For what goes in at once: from its filling to its emptying only this floor's own code runs. */
const atOnce = new Outgoing()

function outgoing(queue: MessageQueue, item: unknown): Outgoing {
  const { rankOf, store } = queue
  // First: it is the program's own code, which may put into queues.
  const rank = rankOf === null ? undefined : rankOf(item, 'item')
  const message = encodeForTree(item, 'item')
  // Left by an error.
  if (atOnce.count > 0) atOnce.drop()
  atOnce.add(message, store.mostInline, rank)
  return atOnce
}

/** @throws FullError, ShutDownError, ClosedError, NotSerializableError */
export function put(queue: MessageQueue, item: unknown, options: WaitOptions | undefined): Promise<void> {
  try {
    const read = options === undefined ? WITHOUT_LIMIT : readWaitOptions(options)
    queue.check()
    read.signal?.throwIfAborted()
    const out = outgoing(queue, item)
    // Who waits already is first.
    if (!isAwaitedHere(queue.room.reference) && queue.putSoon(out)) return atHand(undefined)
    return putLater(queue, out.take(), read)
  } catch (error) {
    atOnce.drop()
    return Promise.reject(error)
  }
}

/** The same, blocking. */
export function putSync(queue: MessageQueue, item: unknown, options: SyncWaitOptions | undefined): void {
  const timeout = options === undefined ? Infinity : readSyncWaitOptions(options)
  queue.check()
  const out = outgoing(queue, item)
  if (!isInOrDropped(queue, out)) putLaterSync(queue, out.take(), timeout)
}

/** What nobody will put is not kept until the next put of this thread. */
function isInOrDropped(queue: MessageQueue, out: Outgoing, mayInsist = false): boolean {
  try {
    return queue.putNow(out, mayInsist)
  } catch (error) {
    out.drop()
    throw error
  }
}

/** False: it is full, or puts of this thread wait already. */
export function tryPut(queue: MessageQueue, item: unknown): boolean {
  queue.check()
  const out = outgoing(queue, item)
  if (!isAwaitedHere(queue.room.reference) && isInOrDropped(queue, out, true)) return true
  out.drop()
  return false
}

async function putLater(queue: MessageQueue, out: Outgoing, options: ReadWaitOptions): Promise<void> {
  try {
    await putAll(queue, out, options)
  } finally {
    out.drop()
  }
}

function putLaterSync(queue: MessageQueue, out: Outgoing, timeout: number): void {
  try {
    putAllSync(queue, out, timeout)
  } finally {
    out.drop()
  }
}

/** What is not in when this throws is the caller's to drop. */
async function putAll(queue: MessageQueue, out: Outgoing, options: ReadWaitOptions): Promise<void> {
  if (!(await waitFor(queue.waitingForRoom(), () => queue.putNow(out, options.timeout === 0), options))) throw new FullError()
}

export function putAllSync(queue: MessageQueue, out: Outgoing, timeout: number): void {
  if (!waitForSync(queue.waitingForRoom(), () => queue.putNow(out, timeout === 0), timeout)) throw new FullError()
}
