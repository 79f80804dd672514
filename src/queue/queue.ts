import { ShutDownError } from '../base/errors.ts'
import { checkBoolean, checkInteger, expected, readOptions } from '../base/validate.ts'
import type { SyncWaitOptions, WaitOptions } from '../base/wait-options.ts'
import { describe, inspect } from '../sync/parts/inspection.ts'
import type { Closable } from '../sync/parts/shared-object.ts'
import { type Readiness, type WaitableObject, waitable } from '../sync/waiting/waitable.ts'
import { get, getMany, getManySync, getSync, tryGet, tryGetMany } from './getting.ts'
import { MessageQueue } from './message-queue.ts'
import { put, putSync, tryPut } from './putting.ts'
import { putMany, putManySync, tryPutMany } from './putting-many.ts'
import { Ring } from './ring/ring.ts'
import type { Bounds } from './store/header.ts'
import { OPEN } from './store/layout.ts'
import { OCTET } from './store/records.ts'
import { teachQueue } from './travel.ts'

export interface QueueOptions {
  /** Items; 0, if nothing is said: no limit. */
  maxSize?: number
  /** Bytes that the items take in shared memory, up to 16 GiB; 1 GiB, if nothing is said. */
  maxBytes?: number
}

const MOST_ITEMS = 0x7fffffff
const MOST_BYTES = MOST_ITEMS * OCTET
const DEFAULT_BYTES = 2 ** 30

/** For sending, and for the other classes of this folder. */
export let messagesOf: (queue: Queue) => MessageQueue

/** What a new queue is told; `more`: options beside those of all. @throws TypeError, RangeError */
export function readQueueOptions<O extends QueueOptions>(given: unknown, more: readonly (keyof O & string)[] = []): O & Bounds {
  if (typeof given === 'number') throw new TypeError(expected('options', `an object like { maxSize: ${given} }`, given))
  const options = readOptions<O>(given, ['maxSize', 'maxBytes', ...more])
  const { maxSize = 0, maxBytes = DEFAULT_BYTES } = options
  return {
    ...options,
    maxSize: Math.max(0, checkInteger(maxSize, 'maxSize', -MOST_ITEMS, MOST_ITEMS)),
    maxBytes: checkInteger(maxBytes, 'maxBytes', 1, MOST_BYTES),
  }
}

/** The messages of a new queue, or those that are there already. @throws TypeError, RangeError */
function messagesFor(given: unknown): MessageQueue {
  return given instanceof MessageQueue ? given : MessageQueue.create(Ring.create(readQueueOptions(given)))
}

/**
 * Items for whichever process or thread of the tree takes them first, as Python's `Queue`: many may put and many may get, each item is got
 * once, and the items of one thread are got in the order in which it put them.
 *
 * An item is encoded by the call that puts it, and is in shared memory when the call is over: an error is thrown where it was made, and whoever
 * has put may end at once. What is put is a copy, but for shared objects, which are the same ones over there.
 *
 * Waiting: putting waits while the queue has `maxSize` items or `maxBytes` bytes (an item that is larger goes into an empty queue); the
 * promise forms of a thread go in and come out in the order of their calls. A blocking form comes before promise forms of the same thread, which
 * cannot go on while it blocks: await a put before a call that blocks for its answer.
 *
 * Crash safety: who is killed in mid-put has not put, and disturbs nobody; what a killed process has got and not worked off is lost. Who is
 * stopped (SIGSTOP) in the microsecond in which it has its hands in the queue holds up those on its side until it goes on.
 *
 * `close()` in the thread that made it ends the queue for the whole tree, with what is still in it: not, as in Python, a word that this process
 * will put no more.
 */
// biome-ignore lint/suspicious/noExplicitAny: who does not say what the items are may do anything with them.
export class Queue<T = any> implements AsyncIterable<T>, Closable, WaitableObject {
  readonly #messages: MessageQueue

  /** @throws TypeError, RangeError */
  constructor(options?: QueueOptions)
  constructor(options?: unknown) {
    this.#messages = messagesFor(options)
  }

  /** @throws FullError when the time is up, ShutDownError, ClosedError, NotSerializableError */
  put(item: T, options?: WaitOptions): Promise<void> {
    return put(this.#messages, item, options)
  }

  /** Blocks this thread while the queue is full. @throws InterruptedError, and as `put` */
  putSync(item: T, options?: SyncWaitOptions): void {
    putSync(this.#messages, item, options)
  }

  /** Never waits. False: it is full, puts of this thread wait already, or somebody has stood still in a put for 50 ms. @throws ShutDownError, ClosedError, NotSerializableError */
  tryPut(item: T): boolean {
    return tryPut(this.#messages, item)
  }

  /** The next item. @throws EmptyError when the time is up, ShutDownError when it is shut down and empty, ClosedError */
  get(options?: WaitOptions): Promise<T> {
    return get(this.#messages, options) as Promise<T>
  }

  /** Blocks this thread while the queue is empty. @throws InterruptedError, and as `get` */
  getSync(options?: SyncWaitOptions): T {
    return getSync(this.#messages, options) as T
  }

  /** Never waits: the next item, or `fallback` when there is none. @throws ShutDownError when it is shut down and empty, ClosedError */
  tryGet<D = undefined>(fallback?: D): T | D {
    return tryGet(this.#messages, fallback) as T | D
  }

  /**
   * Puts all of them, in order, many at a time; others' items may come between. What is in when it throws stays in, and the error's `put` says
   * how many that is. @throws as `put`, and what the iterable throws
   */
  putMany(items: Iterable<T>, options?: WaitOptions): Promise<void> {
    return putMany(this.#messages, items, options)
  }

  /** The same, blocking. @throws InterruptedError, and as `putMany` */
  putManySync(items: Iterable<T>, options?: SyncWaitOptions): void {
    putManySync(this.#messages, items, options)
  }

  /** Never waits: puts the first of them for which there is room, and says how many. */
  tryPutMany(items: Iterable<T>): number {
    return tryPutMany(this.#messages, items)
  }

  /** At least one item, and up to `max` of what is there. @throws as `get`, RangeError */
  getMany(max: number, options?: WaitOptions): Promise<T[]> {
    return getMany(this.#messages, max, options) as Promise<T[]>
  }

  /** The same, blocking. @throws InterruptedError, and as `getMany` */
  getManySync(max: number, options?: SyncWaitOptions): T[] {
    return getManySync(this.#messages, max, options) as T[]
  }

  /** Never waits: up to `max` of what is there. */
  tryGetMany(max: number): T[] {
    return tryGetMany(this.#messages, max) as T[]
  }

  /** How many items are in it at this moment. */
  get size(): number {
    this.#messages.check()
    return this.#messages.store.header.size
  }

  get isEmpty(): boolean {
    return this.size === 0
  }

  /** Whether it has `maxSize` items. */
  get isFull(): boolean {
    this.#messages.check()
    return this.#messages.store.header.isFull
  }

  get isShutDown(): boolean {
    this.#messages.check()
    return this.#messages.store.header.shutDown !== OPEN
  }

  /**
   * For all: nothing more goes in; those who get have what is in it, and then a ShutDownError. `immediate`: what is in it is dropped, and
   * counts as done. May be called again. @throws ClosedError
   */
  shutdown(options?: { immediate?: boolean }): void {
    const { immediate = false } = readOptions<{ immediate?: boolean }>(options, ['immediate'], '{ immediate: true }')
    this.#messages.shutDown({ atOnce: checkBoolean(immediate, 'immediate') })
  }

  /** What comes, until the queue is shut down and empty. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    const next = (): Promise<IteratorResult<T>> => this.get().then(value => ({ value, done: false }), endAtShutDown)
    const iterator: AsyncIterableIterator<T> = { next, [Symbol.asyncIterator]: () => iterator }
    return iterator
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
    return describeQueue('Queue', this.#messages)
  }

  static {
    messagesOf = queue => queue.#messages
  }
}

teachQueue('Queue', Queue, { messagesOf, make: messages => new Queue(messages as QueueOptions), storeAt: Ring.find })

function endAtShutDown(error: unknown): IteratorReturnResult<undefined> {
  if (error instanceof ShutDownError) return { value: undefined, done: true }
  throw error
}

/** `Queue { 3 of 10 items, 2 waiting for room }`. */
export function describeQueue(name: string, messages: MessageQueue, ...more: string[]): string {
  return describe(name, messages.items, () => {
    const { waiting } = messages
    const { size, maxSize, shutDown } = messages.store.header
    return [
      `${size}${maxSize > 0 ? ` of ${maxSize}` : ''} items`,
      shutDown === OPEN ? null : 'shut down',
      waiting.items > 0 ? `${waiting.items} waiting for items` : null,
      waiting.room > 0 ? `${waiting.room} waiting for room` : null,
      ...more,
    ]
  })
}
