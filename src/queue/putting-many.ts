// Putting many: some thousands of bytes of messages are encoded, then they go in under one lock.
import { deadlineAfter, timeLeft } from '../base/deadline.ts'
import { FullError, MultiprocessingError } from '../base/errors.ts'
import { expected } from '../base/validate.ts'
import { readSyncWaitOptions, readWaitOptions, type SyncWaitOptions, type WaitOptions } from '../base/wait-options.ts'
import { encodeForTree } from '../channel/tree-messages.ts'
import { isAwaitedHere, waitFor } from '../sync/waiting/waits.ts'
import type { MessageQueue } from './message-queue.ts'
import { Outgoing } from './outgoing.ts'
import { putAllSync } from './putting.ts'
import { atHand } from './turns.ts'

/**
 * In order, as there is room; messages of others may come between. What is in when an error is thrown stays in: a `MultiprocessingError` says
 * in `put` how many items that is.
 * @throws FullError, ShutDownError, ClosedError, NotSerializableError, and what the iterable throws
 */
export async function putMany(queue: MessageQueue, items: Iterable<unknown>, options: WaitOptions | undefined): Promise<void> {
  const read = readWaitOptions(options)
  read.signal?.throwIfAborted()
  const parts = new Parts(queue, items)
  try {
    // In any case the first ones are encoded by the call.
    if (parts.next() === null) return
    if (!isAwaitedHere(queue.room.reference) && parts.putAll(part => queue.putSoon(part))) return await atHand(undefined)
    // One wait for all of them, so that what this thread puts after this call is behind all of them.
    const attempt = (): boolean => parts.putAll(part => queue.putNow(part, read.timeout === 0))
    if (!(await waitFor(queue.waitingForRoom(), attempt, read))) throw new FullError()
  } catch (error) {
    throw parts.failed(error)
  }
}

/** The same, blocking. @throws InterruptedError, too */
export function putManySync(queue: MessageQueue, items: Iterable<unknown>, options: SyncWaitOptions | undefined): void {
  const deadline = deadlineAfter(readSyncWaitOptions(options))
  const parts = new Parts(queue, items)
  try {
    for (let part = parts.next(); part !== null; part = parts.next()) {
      if (!queue.putNow(part)) putAllSync(queue, part, timeLeft(deadline))
    }
  } catch (error) {
    throw parts.failed(error)
  }
}

/** Puts as many of the first as there is room for, and says how many that is. */
export function tryPutMany(queue: MessageQueue, items: Iterable<unknown>): number {
  const parts = new Parts(queue, items)
  try {
    for (let part = parts.next(); part !== null; part = parts.next()) {
      if (!isAwaitedHere(queue.room.reference) && queue.putNow(part, true)) continue
      parts.end()
      break
    }
  } catch (error) {
    throw parts.failed(error)
  }
  return parts.put
}

let idle: Outgoing | null = null

/** The items in portions, each encoded when the one before is in. */
class Parts {
  readonly #queue: MessageQueue
  readonly #items: Iterator<unknown>
  readonly #outgoing: Outgoing
  #made = 0
  #isAtEnd = false
  #isBusy = false

  constructor(queue: MessageQueue, items: Iterable<unknown>) {
    queue.check()
    if (typeof items?.[Symbol.iterator] !== 'function') throw new TypeError(expected('items', 'an iterable', items))
    this.#queue = queue
    this.#items = items[Symbol.iterator]()
    // The items' own code may put into queues.
    this.#outgoing = idle ?? new Outgoing()
    idle = null
  }

  /** How many are in. */
  get put(): number {
    return this.#made - this.#outgoing.count
  }

  /** False: there was no room for all. */
  putAll(put: (part: Outgoing) => boolean): boolean {
    // The items' own code may have waits of this thread looked at, of which this is one.
    if (this.#isBusy) return false
    this.#isBusy = true
    try {
      for (let part = this.next(); part !== null; part = this.next()) {
        if (!put(part)) return false
      }
      return true
    } finally {
      this.#isBusy = false
    }
  }

  /** With what is left of the portion before. Null: that was all. */
  next(): Outgoing | null {
    const out = this.#outgoing
    const { rankOf, store } = this.#queue
    while (!this.#isAtEnd && !out.hasMuch) {
      const { done, value } = this.#items.next()
      if (done === true) this.#isAtEnd = true
      if (this.#isAtEnd) break
      const rank = rankOf === null ? undefined : rankOf(value, `items[${this.#made}]`)
      out.add(this.#encode(value), store.mostInline, rank)
      this.#made += 1
    }
    if (out.count > 0) return out
    idle = out
    return null
  }

  /** There is no room for more. */
  end(): void {
    this.#drop()
    this.#items.return?.()
  }

  failed(error: unknown): unknown {
    this.#drop()
    if (error instanceof MultiprocessingError) Object.assign(error, { put: this.put })
    try {
      this.#items.return?.()
    } catch {
      // As in `for … of`: what went wrong first is what is thrown.
    }
    return error
  }

  #drop(): void {
    this.#made = this.put
    this.#outgoing.drop()
  }

  #encode(value: unknown): Uint8Array {
    try {
      return encodeForTree(value, 'item')
    } catch {
      // Once more for an error that says which one it is.
      return encodeForTree(value, `items[${this.#made}]`)
    }
  }
}
