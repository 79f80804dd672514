import { expected } from '../base/validate.ts'
import type { SyncWaitOptions, WaitOptions } from '../base/wait-options.ts'
import { describe, inspect } from '../sync/parts/inspection.ts'
import type { Closable } from '../sync/parts/shared-object.ts'
import { type Readiness, type WaitableObject, waitable } from '../sync/waiting/waitable.ts'
import { get, getSync, tryGet } from './getting.ts'
import { MessageQueue } from './message-queue.ts'
import { put, putSync } from './putting.ts'
import { readQueueOptions } from './queue.ts'
import { Ring } from './ring/ring.ts'
import { teachQueue } from './travel.ts'

let messagesOfSimple: (queue: SimpleQueue) => MessageQueue

/** A queue with nothing but putting and getting, as Python's `SimpleQueue`. In everything that it has it is as `Queue`. */
// biome-ignore lint/suspicious/noExplicitAny: who does not say what the items are may do anything with them.
export class SimpleQueue<T = any> implements Closable, WaitableObject {
  readonly #messages: MessageQueue

  constructor()
  constructor(existing?: unknown) {
    if (existing !== undefined && !(existing instanceof MessageQueue)) {
      throw new TypeError(`SimpleQueue takes no argument, Queue does. ${expected('argument', 'nothing', existing)}`)
    }
    this.#messages = existing ?? MessageQueue.create(Ring.create(readQueueOptions(undefined)))
  }

  /** Waits only while it has 1 GiB of items. @throws FullError when the time is up, ClosedError, NotSerializableError */
  put(item: T, options?: WaitOptions): Promise<void> {
    return put(this.#messages, item, options)
  }

  /** The same, blocking. @throws InterruptedError, and as `put` */
  putSync(item: T, options?: SyncWaitOptions): void {
    putSync(this.#messages, item, options)
  }

  /** The next item. @throws EmptyError when the time is up, ClosedError */
  get(options?: WaitOptions): Promise<T> {
    return get(this.#messages, options) as Promise<T>
  }

  /** Blocks this thread while the queue is empty. @throws InterruptedError, and as `get` */
  getSync(options?: SyncWaitOptions): T {
    return getSync(this.#messages, options) as T
  }

  /** Never waits: the next item, or `fallback` when there is none. @throws ClosedError */
  tryGet<D = undefined>(fallback?: D): T | D {
    return tryGet(this.#messages, fallback) as T | D
  }

  get isEmpty(): boolean {
    this.#messages.check()
    return this.#messages.store.header.isEmpty
  }

  close(): void {
    this.#messages.close()
  }

  get closed(): boolean {
    return !this.#messages.isOpen
  }

  [Symbol.dispose](): void {
    this.close()
  }

  /** For `wait()`: it is ready while there is something to get, or it is shut down. */
  [waitable](): Readiness {
    return this.#messages.readiness()
  }

  [inspect](): string {
    return describe('SimpleQueue', this.#messages.items, () => [`${this.#messages.store.header.size} items`])
  }

  static {
    messagesOfSimple = queue => queue.#messages
  }
}

const FromMessages = SimpleQueue as new (messages: MessageQueue) => SimpleQueue
teachQueue('SimpleQueue', SimpleQueue, { messagesOf: messagesOfSimple, make: messages => new FromMessages(messages), storeAt: Ring.find })
