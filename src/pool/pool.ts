// Python's Pool: what users call. Each call is made in a file of its own; what they have in common is in pool-core.ts.
import { deadlineAfter } from '../base/deadline.ts'
import { checkTimeout, readOptions } from '../base/validate.ts'
import { readSyncWaitOptions, type SyncWaitOptions } from '../base/wait-options.ts'
import { methodOf } from '../process/bound-classes.ts'
import { rebuild, reduce } from '../wire/classes.ts'
import type { AnyFunction } from '../wire/function-reference.ts'
import { callAsync, callInWorker, callSync } from './calls/apply-call.ts'
import type { AsyncResult, Callbacks } from './calls/async-result.ts'
import type { Items } from './calls/items.ts'
import { type MapOptions, mapAsync, mapSync, runMap, type SyncMapOptions } from './calls/map-call.ts'
import { PoolCore } from './pool-core.ts'
import { poolElsewhere } from './pool-elsewhere.ts'
import { type PoolOptions, readPoolOptions } from './pool-options.ts'
import type { ResultStream } from './streams/result-stream.ts'
import { type GeneratorOptions, openGenerator, openImap, openImapSync, type StreamOptions } from './streams/stream-call.ts'
import type { PoolStats } from './watching/counts.ts'
import type { PoolEvents, PoolListener } from './watching/pool-events.ts'
import type { Trace } from './watching/trace-file.ts'
import type { SyncTaskOptions, TaskOptions } from './tasks/task-options.ts'

/**
 * A number of worker processes and the tasks they do.
 *
 * Crash safety: a worker that dies fails its own task with WorkerDiedError and is replaced; no other task is touched, none is done
 * twice. Workers that do not even come up fail the pool with BrokenPoolError. When this process ends, however it does, the workers do.
 * A pool that has nothing to do does not keep this process running.
 * @example const pool = new Pool(4); console.log(await pool.map(square, [1, 2, 3])); pool.close(); await pool.join()
 */
export class Pool implements AsyncDisposable {
  readonly #core: PoolCore

  /** Starts the workers; in a child process of this library's with the first task. @throws TypeError or RangeError for wrong options; the system's error when no process can be started */
  constructor(processesOrOptions?: number | PoolOptions) {
    this.#core = new PoolCore(readPoolOptions(processesOrOptions, methodOf(this.constructor)), this)
  }

  /** Calls `fn(...args)` in a worker. Rejects with what it throws. The arguments are copied now, not when a worker is free. */
  apply<R>(fn: () => R, args?: readonly [], options?: TaskOptions): Promise<Awaited<R>>
  apply<A extends unknown[], R>(fn: (...args: A) => R, args: readonly [...A], options?: TaskOptions): Promise<Awaited<R>>
  apply<R>(fn: AnyFunction, args: readonly unknown[] = [], options?: TaskOptions): Promise<Awaited<R>> {
    return callInWorker(this.#core, { fn, args, options, below: this.apply })
  }

  /** The same, blocking this thread. @throws what the call throws; InterruptedError when a signal has a listener that wants to run: the task is called off */
  applySync<R>(fn: () => R, args?: readonly [], options?: SyncTaskOptions): Awaited<R>
  applySync<A extends unknown[], R>(fn: (...args: A) => R, args: readonly [...A], options?: SyncTaskOptions): Awaited<R>
  applySync<R>(fn: AnyFunction, args: readonly unknown[] = [], options?: SyncTaskOptions): Awaited<R> {
    return callSync(this.#core, { fn, args, options, below: this.applySync })
  }

  /** The same without waiting: what comes back can be awaited, blocked for, and looked at. @throws TypeError, RangeError, ClosedError; other failures are the result's */
  applyAsync<R>(fn: () => R, args?: readonly [], options?: TaskOptions & Callbacks<Awaited<R>>): AsyncResult<Awaited<R>>
  applyAsync<A extends unknown[], R>(
    fn: (...args: A) => R,
    args: readonly [...A],
    options?: TaskOptions & Callbacks<Awaited<R>>,
  ): AsyncResult<Awaited<R>>
  applyAsync<R>(fn: AnyFunction, args: readonly unknown[] = [], options?: TaskOptions & Callbacks<R>): AsyncResult<R> {
    return callAsync(this.#core, { fn, args, options, below: this.applyAsync })
  }

  /** `fn` of every item, in the order of the items. Rejects with the first failure; what is under way then is not awaited. */
  map<T, R>(fn: (item: T) => R, items: Items<T>, options?: MapOptions): Promise<Awaited<R>[]> {
    return runMap(this.#core, { fn, items, options, isSpread: false, below: this.map })
  }

  /**
   * The same, blocking this thread. @throws the first failure; TypeError for an async iterable, which `map()` takes; InterruptedError when
   * a signal has a listener that wants to run: what is under way is called off
   */
  mapSync<T, R>(fn: (item: T) => R, items: Iterable<T>, options?: SyncMapOptions): Awaited<R>[] {
    return mapSync(this.#core, { fn, items, options, isSpread: false, below: this.mapSync }, 'map()')
  }

  /** The same without waiting: see `applyAsync`. */
  mapAsync<T, R>(fn: (item: T) => R, items: Items<T>, options?: MapOptions & Callbacks<Awaited<R>[]>): AsyncResult<Awaited<R>[]> {
    return mapAsync(this.#core, { fn, items, options, isSpread: false, below: this.mapAsync })
  }

  /** The same as `map` for a function of several parameters: each item is the list of its arguments. */
  starmap<A extends unknown[], R>(fn: (...args: A) => R, items: Items<readonly [...A]>, options?: MapOptions): Promise<Awaited<R>[]> {
    return runMap(this.#core, { fn: fn as AnyFunction, items, options, isSpread: true, below: this.starmap })
  }

  /** The same, blocking this thread: see `mapSync`. */
  starmapSync<A extends unknown[], R>(fn: (...args: A) => R, items: Iterable<readonly [...A]>, options?: SyncMapOptions): Awaited<R>[] {
    return mapSync(this.#core, { fn: fn as AnyFunction, items, options, isSpread: true, below: this.starmapSync }, 'starmap()')
  }

  /** The same without waiting: see `applyAsync`. */
  starmapAsync<A extends unknown[], R>(
    fn: (...args: A) => R,
    items: Items<readonly [...A]>,
    options?: MapOptions & Callbacks<Awaited<R>[]>,
  ): AsyncResult<Awaited<R>[]> {
    return mapAsync(this.#core, { fn: fn as AnyFunction, items, options, isSpread: true, below: this.starmapAsync })
  }

  /** `fn` of every item, in the order of the items, as they come. Reads its input only as fast as it is read. */
  imap<T, R>(fn: (item: T) => R, items: Items<T>, options?: StreamOptions): ResultStream<Awaited<R>> {
    return openImap(this.#core, { fn, items, options, isSpread: false, below: this.imap }, true)
  }

  /**
   * The same for who blocks: `next()` waits for the next result. It throws what a call threw, and can be called again for those after it;
   * what is left of an input that is not read to its end is called off by `break` or `return()`. @throws as `mapSync`
   */
  imapSync<T, R>(fn: (item: T) => R, items: Iterable<T>, options?: SyncMapOptions): IterableIterator<Awaited<R>> {
    return openImapSync(this.#core, { fn, items, options, isSpread: false, below: this.imapSync }, true, 'imap()')
  }

  /** As `imap`, in the order in which they are ready. */
  imapUnordered<T, R>(fn: (item: T) => R, items: Items<T>, options?: StreamOptions): ResultStream<Awaited<R>> {
    return openImap(this.#core, { fn, items, options, isSpread: false, below: this.imapUnordered }, false)
  }

  /** As `imapSync`, in the order in which they are ready. */
  imapUnorderedSync<T, R>(fn: (item: T) => R, items: Iterable<T>, options?: SyncMapOptions): IterableIterator<Awaited<R>> {
    return openImapSync(this.#core, { fn, items, options, isSpread: false, below: this.imapUnorderedSync }, false, 'imapUnordered()')
  }

  /** What the generator (or whatever can be iterated) that `fn(...args)` returns yields, as it yields it; it runs ahead by at most `maxPending` items. */
  stream<R>(fn: () => Items<R> | PromiseLike<Items<R>>, args?: readonly [], options?: GeneratorOptions): ResultStream<R>
  stream<A extends unknown[], R>(
    fn: (...args: A) => Items<R> | PromiseLike<Items<R>>,
    args: readonly [...A],
    options?: GeneratorOptions,
  ): ResultStream<R>
  stream<R>(fn: AnyFunction, args: readonly unknown[] = [], options?: GeneratorOptions): ResultStream<R> {
    return openGenerator(this.#core, { fn, args, options, below: this.stream })
  }

  /** No more tasks: the workers end when those that there are have been done. */
  close(): void {
    this.#core.close()
  }

  /** Ends the workers at once; a task that has its `taskSignal()` is given a moment. Tasks that have not ended reject with BrokenPoolError. Twice is fine. */
  terminate(): void {
    this.#core.terminate()
  }

  /** Settles with true when all workers have ended, with false after `timeout` ms. @throws MultiprocessingError before `close()` or `terminate()` */
  async join(options?: { timeout?: number }): Promise<boolean> {
    const { timeout } = readOptions<{ timeout?: number }>(options, ['timeout'])
    return this.#core.join(deadlineAfter(checkTimeout(timeout)))
  }

  /**
   * The same, blocking this thread. @throws InterruptedError when a signal has a listener that wants to run; DeadlockError when a map or
   * stream keeps the pool from ending that cannot go on while this thread blocks
   */
  joinSync(options?: SyncWaitOptions): boolean {
    return this.#core.joinSync(deadlineAfter(readSyncWaitOptions(options)))
  }

  /** What the pool does and has done, at this moment. */
  get stats(): PoolStats {
    return this.#core.stats
  }

  /**
   * Writes every task and worker from now on to a file that Chrome's tracing and Perfetto show on a time line: one row a worker.
   * `stop()` completes it, and so does the end of the pool. @throws TypeError; MultiprocessingError when the file cannot be opened
   */
  trace(file: string | URL): Trace {
    return this.#core.watch.trace(file)
  }

  /** Calls `listener` at each such event, on this thread. What it throws is an uncaught exception, and no concern of the pool's. @throws TypeError */
  on<E extends keyof PoolEvents>(event: E, listener: PoolListener<E>): this {
    this.#core.watch.listeners.on(event, listener)
    return this
  }

  once<E extends keyof PoolEvents>(event: E, listener: PoolListener<E>): this {
    this.#core.watch.listeners.once(event, listener)
    return this
  }

  off<E extends keyof PoolEvents>(event: E, listener: PoolListener<E>): this {
    this.#core.watch.listeners.off(event, listener)
    return this
  }

  /** A pool can be sent, as a part of something else: it arrives as one that throws when it is used. */
  [reduce](): null {
    return null
  }

  static [rebuild](): Pool {
    return poolElsewhere(Pool.prototype, { noun: 'pool', className: 'Pool' }) as Pool
  }

  /** Terminates and joins, as Python's with-block does. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#core.isOurs) return
    this.#core.terminate()
    await this.#core.join(Infinity)
  }
}
