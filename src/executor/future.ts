// What an executor gives for a task: its outcome, now or later. How it comes to that is in future-state.ts.
import { deadlineAfter } from '../base/deadline.ts'
import { NotSerializableError, TimeoutError } from '../base/errors.ts'
import { checkFunction, expected, show } from '../base/validate.ts'
import { readSyncWaitOptions, readWaitOptions, type SyncWaitOptions, type WaitOptions } from '../base/wait-options.ts'
import { inspect } from '../sync/parts/inspection.ts'
import { rebuild, reduce } from '../wire/classes.ts'
import { nameIntrinsic } from '../wire/modules/well-known.ts'
import type { FutureState } from './future-state.ts'
import { blockForFutures } from './blocking.ts'
import { happens } from './later.ts'

/**
 * A task that an executor was given. It can be awaited, and asked at any time, without waiting, how far it is.
 *
 * A future that fails and that nobody awaits or asks is silent, as in Python. It belongs to the thread that submitted the task: it is
 * awaited there, and its result is what is sent elsewhere.
 * @example const future = executor.submit(square, 3); console.log(await future)
 */
export class Future<T> implements PromiseLike<T> {
  readonly #state: FutureState<T>

  private constructor(state: FutureState<T>) {
    this.#state = state
  }

  /** For this library. @internal */
  static of<T>(state: FutureState<T>): Future<T> {
    return new Future(state)
  }

  /** For this library. @throws TypeError for what is no future @internal */
  static stateOf<T>(value: Future<T>): FutureState<T> {
    if (typeof value !== 'object' || value === null || !(#state in value)) {
      throw new TypeError(expected('futures', 'an iterable of futures', value))
    }
    return value.#state
  }

  // biome-ignore lint/suspicious/noThenProperty: it is meant to be awaited.
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    // biome-ignore lint/suspicious/noExplicitAny: as a promise has it.
    onRejected?: ((reason: any) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#state.promise.then(onFulfilled, onRejected)
  }

  // biome-ignore lint/suspicious/noExplicitAny: as a promise has it.
  catch<B = never>(onRejected?: ((reason: any) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.#state.promise.catch(onRejected)
  }

  finally(onFinally?: (() => void) | null): Promise<T> {
    return this.#state.promise.finally(onFinally)
  }

  /** True: it was cancelled, now or before, and its task never starts. False: a worker has begun with it, or it has ended. */
  cancel(): boolean {
    return this.#state.cancel()
  }

  get cancelled(): boolean {
    return this.#state.isCancelled
  }

  /** A worker has its task. Looks, and does not wait. */
  get running(): boolean {
    if (this.#state.settled === null) this.#state.core.glance()
    return this.#state.isRunning
  }

  /** It has ended: with a value, with an error, or cancelled. Looks, and does not wait. */
  get done(): boolean {
    if (this.#state.settled === null) this.#state.core.glance()
    return this.#state.settled !== null
  }

  /**
   * What the task returned. Rejects with what it threw.
   *
   * Waiting: until the end; the task goes on when the time is over, or the signal is aborted.
   * Crash safety: a worker that dies fails only the future whose task it had in hand, with WorkerDiedError.
   * @throws CancelledError, TimeoutError, the signal's reason, BrokenPoolError
   */
  async result(options?: WaitOptions): Promise<T> {
    const settled = await this.#settle(options)
    if (settled.status === 'rejected') throw settled.reason
    return settled.value
  }

  /** The same, blocking this thread. @throws InterruptedError when a signal has a listener that wants to run; MultiprocessingError for a result whose modules this thread would have to import first */
  resultSync(options?: SyncWaitOptions): T {
    const settled = this.#settleSync(options)
    if (settled.status === 'rejected') throw settled.reason
    return settled.value
  }

  /** What the task threw; null: it succeeded. Waits like `result`. @throws CancelledError, TimeoutError, the signal's reason */
  async exception(options?: WaitOptions): Promise<unknown> {
    return this.#exceptionOf(await this.#settle(options))
  }

  /** The same, blocking this thread, like `resultSync`. */
  exceptionSync(options?: SyncWaitOptions): unknown {
    return this.#exceptionOf(this.#settleSync(options))
  }

  /**
   * Calls `callback` with this future when it has ended; at once if it has. Callbacks are called in the order in which they were added, in
   * this thread, before whoever awaits the future goes on. What one throws becomes a warning of the process, and the others are called.
   */
  addDoneCallback(callback: (future: Future<T>) => void): void {
    checkFunction(callback, 'callback')
    this.#state.addCallback(() => callback(this))
  }

  async #settle(options: WaitOptions | undefined): Promise<PromiseSettledResult<T>> {
    const { timeout, signal } = readWaitOptions(options)
    await happens(ended => this.#state.whenEnded(ended), { deadline: deadlineAfter(timeout), signal })
    return this.#outcome(timeout)
  }

  #settleSync(options: SyncWaitOptions | undefined): PromiseSettledResult<T> {
    const timeout = readSyncWaitOptions(options)
    blockForFutures([this.#state], () => this.#state.settled !== null, deadlineAfter(timeout))
    return this.#outcome(timeout)
  }

  #outcome(timeout: number): PromiseSettledResult<T> {
    const { settled } = this.#state
    if (settled === null) throw new TimeoutError(`The future did not end within ${timeout} ms; its task goes on`)
    return settled
  }

  #exceptionOf(settled: PromiseSettledResult<T>): unknown {
    if (settled.status === 'fulfilled') return null
    if (this.#state.isCancelled) throw settled.reason
    return settled.reason
  }

  [reduce](): never {
    throw refuseToTravel()
  }

  static [rebuild](): never {
    throw refuseToTravel()
  }

  /** `Future { finished, returned 9 }`. */
  [inspect](): string {
    const { settled, isCancelled, isRunning } = this.#state
    if (isCancelled) return 'Future { cancelled }'
    if (settled === null) return `Future { ${isRunning ? 'running' : 'waiting'} }`
    return settled.status === 'fulfilled'
      ? `Future { finished, returned ${show(settled.value)} }`
      : `Future { finished, threw ${nameOf(settled.reason)} }`
  }
}

nameIntrinsic('%polyprocess.Future%', Future)

function refuseToTravel(): NotSerializableError {
  return new NotSerializableError('a Future', 'it belongs to the thread that submitted its task: await it, and send its result')
}

function nameOf(reason: unknown): string {
  return reason instanceof Error ? reason.name : show(reason)
}
