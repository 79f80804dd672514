// Python's executors, on what pools stand on (pool/pool-core.ts): what users call.
import { captureCallSite } from '../base/call-site.ts'
import { ClosedError } from '../base/errors.ts'
import { checkBoolean, readOptions } from '../base/validate.ts'
import type { Items } from '../pool/calls/items.ts'
import { defineFunction, pointAt } from '../pool/definitions.ts'
import { PoolCore } from '../pool/pool-core.ts'
import { poolElsewhere } from '../pool/pool-elsewhere.ts'
import { TASK_CALL } from '../pool/protocol.ts'
import type { ResultStream } from '../pool/streams/result-stream.ts'
import { USUAL } from '../pool/tasks/task-options.ts'
import { boundMethodOf } from '../process/bound-classes.ts'
import { isProcessEnding } from '../process/life/at-exit.ts'
import { getStartMethod } from '../process/start-method.ts'
import { rebuild, reduce } from '../wire/classes.ts'
import type { AnyFunction } from '../wire/function-reference.ts'
import { nameIntrinsic } from '../wire/modules/well-known.ts'
import { type ExecutorOptions, readExecutorOptions } from './executor-options.ts'
import { type ExecutorMap, type ExecutorMapOptions, openExecutorMap } from './executor-map.ts'
import { Future } from './future.ts'
import { FutureState } from './future-state.ts'

export interface ShutdownOptions {
  /** Default true: settles when the last task has ended and the workers are gone. False: at once; the tasks go on all the same. */
  wait?: boolean
  /** Cancels what no worker has. Default false. */
  cancelFutures?: boolean
}

/**
 * Python's `concurrent.futures`: tasks as futures, done by worker processes that are started as tasks need them.
 *
 * Crash safety: a worker that dies fails the future of its own task with WorkerDiedError and is replaced; the executor goes on (Python's
 * is broken from then on). Workers that do not even come up, or whose initializer throws, fail all futures with BrokenPoolError.
 * An executor that has nothing to do does not keep this process running; one that was never used starts nothing.
 * @example await using executor = new ProcessPoolExecutor(); console.log(await executor.submit(square, 3))
 */
export class ProcessPoolExecutor implements AsyncDisposable {
  readonly #core: PoolCore
  /** Futures and maps that have not ended. */
  readonly #futures = new Set<FutureState<unknown>>()
  readonly #maps = new Set<ExecutorMap>()
  #isShutDown = false

  /** @throws TypeError or RangeError for wrong options */
  constructor(options?: ExecutorOptions) {
    this.#core = new PoolCore(readExecutorOptions(options, boundMethodOf(this.constructor), getStartMethod), this)
  }

  /**
   * Calls `fn(...args)` in a worker. The arguments are copied now; what cannot be sent fails the future.
   * @throws TypeError for what is no function, ClosedError after `shutdown()` and when the program is over, BrokenPoolError
   */
  submit<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Future<Awaited<R>> {
    this.#check(fn)
    const callSite = this.#core.isBusy ? undefined : captureCallSite(this.submit)
    const state: FutureState<Awaited<R>> = new FutureState(this.#core, callSite, () => this.#futures.delete(state as FutureState<unknown>))
    this.#futures.add(state as FutureState<unknown>)
    try {
      this.#send(state, fn as AnyFunction, args)
    } catch (error) {
      state.fail(pointAt(error, this.submit))
    }
    return Future.of(state)
  }

  /**
   * `fn` of every item, in the order of the items, as they come. The input is read, and worked on, whether the results are read or not, but
   * with `bufferSize` only as far ahead of the reader. Ending the iteration cancels what no worker has.
   * @throws TypeError, RangeError, NotSerializableError, ClosedError after `shutdown()` and when the program is over, BrokenPoolError
   */
  map<T, R>(fn: (item: T) => R, items: Items<T>, options?: ExecutorMapOptions): ResultStream<Awaited<R>> {
    this.#check(fn)
    return openExecutorMap(this.#core, this.#maps, { fn: fn as AnyFunction, items, options, isSpread: false, below: this.map })
  }

  /** The same for a function of several parameters: each item is the list of its arguments. */
  starmap<A extends unknown[], R>(
    fn: (...args: A) => R,
    items: Items<readonly [...A]>,
    options?: ExecutorMapOptions,
  ): ResultStream<Awaited<R>> {
    this.#check(fn)
    return openExecutorMap(this.#core, this.#maps, { fn: fn as AnyFunction, items, options, isSpread: true, below: this.starmap })
  }

  /** Takes no more tasks, from this call on. Those that there are are done, and then the workers end. May be called again. */
  async shutdown(options?: ShutdownOptions): Promise<void> {
    const { wait, cancelFutures } = readShutdownOptions(options)
    this.#shutDown()
    if (cancelFutures) this.#cancelAll()
    if (wait) await this.#core.join(Infinity)
  }

  /** The same, blocking this thread. @throws InterruptedError; DeadlockError for a map whose input waits for this thread */
  shutdownSync(options?: ShutdownOptions): void {
    const { wait, cancelFutures } = readShutdownOptions(options)
    this.#shutDown()
    if (cancelFutures) this.#cancelAll()
    if (wait) this.#core.joinSync(Infinity)
  }

  /** Ends the workers by SIGTERM and shuts down: what waits is cancelled, what runs fails with BrokenPoolError. */
  terminateWorkers(): void {
    this.#terminate('SIGTERM')
  }

  /** The same by SIGKILL, which no task can put off. */
  killWorkers(): void {
    this.#terminate('SIGKILL')
  }

  /** Shuts down and waits, as Python's with-block does. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#core.isOurs) await this.shutdown()
  }

  /** An executor can be sent, as a part of something else: it arrives as one that throws when it is used. */
  [reduce](): null {
    return null
  }

  static [rebuild](): ProcessPoolExecutor {
    const names = { noun: 'executor', className: 'ProcessPoolExecutor' }
    return poolElsewhere(ProcessPoolExecutor.prototype, names) as ProcessPoolExecutor
  }

  #check(fn: unknown): void {
    if (this.#isShutDown) throw new ClosedError('The executor was shut down: it takes no more tasks')
    if (isProcessEnding()) throw new ClosedError('This process is about to end: its executors take no more tasks')
    this.#core.check(fn)
  }

  #send(state: FutureState<unknown>, fn: AnyFunction, args: readonly unknown[]): void {
    const definition = defineFunction(fn)
    try {
      state.begin(this.#core.submit({ kind: TASK_CALL, definition, owner: state, items: 1 }, args, USUAL, 'args'))
    } finally {
      definition.letGo()
    }
  }

  #shutDown(): void {
    this.#core.close()
    this.#isShutDown = true
    for (const map of [...this.#maps]) map.shutDown()
  }

  #cancelAll(): void {
    for (const future of [...this.#futures]) future.cancel()
    for (const map of [...this.#maps]) map.cancel()
  }

  #terminate(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#shutDown()
    this.#cancelAll()
    this.#core.terminate({ signal, message: 'The workers of this executor were ended before this task was' })
  }
}

nameIntrinsic('%polyprocess.ProcessPoolExecutor%', ProcessPoolExecutor)

function readShutdownOptions(given: unknown): Required<ShutdownOptions> {
  const { wait = true, cancelFutures = false } = readOptions<ShutdownOptions>(given, ['wait', 'cancelFutures'], '{ wait: false }')
  return { wait: checkBoolean(wait, 'wait'), cancelFutures: checkBoolean(cancelFutures, 'cancelFutures') }
}
