// Python's AsyncResult: what a task or a map will have come to, for promises, for blocking, and without waiting.
import { atDeadline, deadlineAfter } from '../../base/deadline.ts'
import { MultiprocessingError, NotSerializableError, TimeoutError } from '../../base/errors.ts'
import { checkFunction } from '../../base/validate.ts'
import {
  readSyncWaitOptions,
  readWaitOptions,
  type ReadWaitOptions,
  type SyncWaitOptions,
  type WaitOptions,
} from '../../base/wait-options.ts'
import { onAbort } from '../../sync/waiting/aborts.ts'
import { rebuild, reduce } from '../../wire/classes.ts'
import type { PoolCore } from '../pool-core.ts'
import { neverReady } from './blocking.ts'
import { isFailure, type Outcome, unwrap } from './outcome.ts'

export interface Callbacks<R> {
  /** Called once, in this thread, when the result is there. What it throws, or rejects with, goes to the pool's `error` event. */
  callback?: (result: R) => void
  /** The same with what the task failed with. */
  errorCallback?: (error: unknown) => void
}

export const CALLBACK_OPTIONS = ['callback', 'errorCallback'] as const

/** Where a call puts what it has come to. */
export interface ResultInlet<R> {
  /** At the first call. */
  settle(outcome: Outcome<R>): void
  /** It cannot come while this thread blocks; `why`: a sentence without its end. */
  late(why: string): void
}

/**
 * The result of a call that goes on. Awaitable; `get` and its like may be called as often as one likes, before its end and after.
 *
 * A failure that nobody observes (no `then`, `get`, `wait` or their like, no `errorCallback`) goes to the pool's `error` event, a second
 * later or when this process ends, and never crashes the process.
 * @example const result = pool.applyAsync(hash, [path]); other(); console.log(result.getSync())
 */
export class AsyncResult<T> implements PromiseLike<T> {
  readonly #core: PoolCore
  readonly #callback: ((result: T) => void) | undefined
  readonly #errorCallback: ((error: unknown) => void) | undefined
  readonly #waiting = new Set<() => void>()
  #outcome: Outcome<T> | null = null
  /** Why it cannot come while this thread blocks. */
  #late: string | null = null
  #promise: Promise<T> | null = null
  #isObserved: boolean

  private constructor(core: PoolCore, { callback, errorCallback }: Callbacks<T>) {
    if (callback !== undefined) checkFunction(callback, 'callback')
    if (errorCallback !== undefined) checkFunction(errorCallback, 'errorCallback')
    this.#core = core
    this.#callback = callback
    this.#errorCallback = errorCallback
    this.#isObserved = errorCallback !== undefined
  }

  /** For this library: `begin` gets the other end. What it throws is what the result fails with. @throws TypeError for callbacks that are none */
  static from<T>(core: PoolCore, callbacks: Callbacks<T>, begin: (inlet: ResultInlet<T>) => void): AsyncResult<T> {
    const result = new AsyncResult<T>(core, callbacks)
    const settle = (outcome: Outcome<T>): void => result.#settle(outcome)
    const late = (why: string): void => {
      result.#late = why
    }
    try {
      begin({ settle, late })
    } catch (error) {
      settle({ error })
    }
    return result
  }

  // biome-ignore lint/suspicious/noThenProperty: it is to be awaited.
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#asPromise().then(onFulfilled, onRejected)
  }

  catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.#asPromise().catch(onRejected)
  }

  finally(onFinally?: (() => void) | null): Promise<T> {
    return this.#asPromise().finally(onFinally)
  }

  /** The result. Rejects with what the task failed with; with TimeoutError after `timeout` ms, and with the reason of an abort: the task goes on. */
  async get(options?: WaitOptions): Promise<T> {
    if (!(await this.wait(options))) throw notInTime()
    return unwrap(this.#outcome as Outcome<T>)
  }

  /** The same, blocking this thread. @throws InterruptedError when a signal has a listener that wants to run; the task goes on */
  getSync(options?: SyncWaitOptions): T {
    if (!this.waitSync(options)) throw notInTime()
    return unwrap(this.#outcome as Outcome<T>)
  }

  /** The same if it is there, and otherwise `fallback`. */
  tryGet<D = undefined>(fallback?: D): T | D {
    if (!this.ready) return fallback as D
    this.#isObserved = true
    return unwrap(this.#outcome as Outcome<T>)
  }

  /** Settles with true when the task has ended, however it did, with false after `timeout` ms. An abort rejects with its reason. */
  async wait(options?: WaitOptions): Promise<boolean> {
    const read = readWaitOptions(options)
    this.#isObserved = true
    read.signal?.throwIfAborted()
    return this.ready || this.#waitForEnd(read)
  }

  /** The same, blocking this thread. @throws InterruptedError when a signal has a listener that wants to run */
  waitSync(options?: SyncWaitOptions): boolean {
    const deadline = deadlineAfter(readSyncWaitOptions(options))
    this.#isObserved = true
    if (this.#outcome !== null) return true
    const isOver = this.#core.block(() => this.#outcome !== null || this.#late !== null, deadline)
    if (isOver && this.#outcome === null) throw neverReady(this.#late as string)
    return isOver
  }

  /** Whether the task has ended. Looks, and does not wait. */
  get ready(): boolean {
    if (this.#outcome === null) this.#core.glance()
    return this.#outcome !== null
  }

  /** Whether it ended without a failure. @throws MultiprocessingError before it has ended, as Python's does */
  get successful(): boolean {
    if (!this.ready) throw new MultiprocessingError('The task has not ended: `successful` is known once `ready` is true')
    this.#isObserved = true
    return !isFailure(this.#outcome as Outcome<T>)
  }

  [reduce](): never {
    throw new NotSerializableError('an AsyncResult', 'it is for the process that has the pool; wait for it there and send the result')
  }

  /** None ever comes. */
  static [rebuild](): never {
    throw new MultiprocessingError('An AsyncResult does not travel')
  }

  #settle(outcome: Outcome<T>): void {
    if (this.#outcome !== null) return
    this.#outcome = outcome
    for (const callback of [...this.#waiting]) callback()
    const callback = this.#callback
    const errorCallback = this.#errorCallback
    if (isFailure(outcome)) {
      if (errorCallback !== undefined) this.#core.callBack(() => errorCallback(outcome.error))
      if (!this.#isObserved) this.#core.unobserved.add(this.#asFailed(outcome.error))
    } else if (callback !== undefined) this.#core.callBack(() => callback(outcome.value))
  }

  #asFailed(failure: unknown): { readonly isObserved: boolean; readonly failure: unknown } {
    const isObserved = (): boolean => this.#isObserved
    return {
      failure,
      get isObserved() {
        return isObserved()
      },
    }
  }

  /** Made only for those who want one: nobody would handle its rejection. */
  #asPromise(): Promise<T> {
    this.#isObserved = true
    this.#promise ??= this.get()
    return this.#promise
  }

  #waitForEnd({ timeout, signal }: ReadWaitOptions): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(onEnd)
        cancelDeadline()
        cancelAbort()
        noLonger()
      }
      const onEnd = (): void => {
        leave()
        resolve(true)
      }
      const noLonger = this.#core.unobserved.awaited()
      const cancelDeadline = atDeadline(deadlineAfter(timeout), () => {
        leave()
        resolve(false)
      })
      const cancelAbort = onAbort(signal, () => {
        leave()
        reject(signal?.reason)
      })
      this.#waiting.add(onEnd)
    })
  }
}

function notInTime(): TimeoutError {
  return new TimeoutError('The task did not end in time; it goes on, and get() can be called again')
}
