// Python's Pool: what users call. Each call is made in a file of its own; what they have in common is in pool-core.ts.
import { captureCallSite } from '../base/call-site.ts'
import { deadlineAfter } from '../base/deadline.ts'
import { checkArray, checkTimeout, readOptions } from '../base/validate.ts'
import { methodOf } from '../process/bound-classes.ts'
import { rebuild, reduce } from '../wire/classes.ts'
import type { AnyFunction } from '../wire/function-reference.ts'
import type { Items } from './calls/items.ts'
import { type MapOptions, runMap } from './calls/map-call.ts'
import { defineFunction, pointAt } from './definitions.ts'
import { PoolCore } from './pool-core.ts'
import { poolElsewhere } from './pool-elsewhere.ts'
import { type PoolOptions, readPoolOptions } from './pool-options.ts'
import { TASK_CALL } from './protocol.ts'
import type { ResultStream } from './streams/result-stream.ts'
import { type GeneratorOptions, openGenerator, openImap, type StreamOptions } from './streams/stream-call.ts'
import type { PoolStats } from './watching/counts.ts'
import type { PoolEvents, PoolListener } from './watching/pool-events.ts'
import type { Trace } from './watching/trace-file.ts'
import type { TaskOwner } from './tasks/task.ts'
import { readTaskSettings, TASK_OPTIONS, type TaskOptions, USUAL } from './tasks/task-options.ts'

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
    return new Promise((resolve, reject) => {
      this.#core.check(fn)
      checkArray(args, 'args')
      const settings = options === undefined ? USUAL : readTaskSettings(readOptions<TaskOptions>(options, TASK_OPTIONS))
      const callSite = this.#core.isBusy ? undefined : captureCallSite(this.apply)
      const owner: TaskOwner = { succeed: resolve as (value: unknown) => void, fail: reject, callSite }
      try {
        const definition = defineFunction(fn)
        try {
          this.#core.submit({ kind: TASK_CALL, definition, owner, items: 1 }, args, settings, 'args')
        } finally {
          definition.letGo()
        }
      } catch (error) {
        throw pointAt(error, this.apply)
      }
    })
  }

  /** `fn` of every item, in the order of the items. Rejects with the first failure; what is under way then is not awaited. */
  map<T, R>(fn: (item: T) => R, items: Items<T>, options?: MapOptions): Promise<Awaited<R>[]> {
    return runMap(this.#core, { fn, items, options, isSpread: false, below: this.map })
  }

  /** The same for a function of several parameters: each item is the list of its arguments. */
  starmap<A extends unknown[], R>(fn: (...args: A) => R, items: Items<readonly [...A]>, options?: MapOptions): Promise<Awaited<R>[]> {
    return runMap(this.#core, { fn: fn as AnyFunction, items, options, isSpread: true, below: this.starmap })
  }

  /** `fn` of every item, in the order of the items, as they come. Reads its input only as fast as it is read. */
  imap<T, R>(fn: (item: T) => R, items: Items<T>, options?: StreamOptions): ResultStream<Awaited<R>> {
    return openImap(this.#core, { fn, items, options, isSpread: false, below: this.imap }, true)
  }

  /** The same in the order in which they are ready. */
  imapUnordered<T, R>(fn: (item: T) => R, items: Items<T>, options?: StreamOptions): ResultStream<Awaited<R>> {
    return openImap(this.#core, { fn, items, options, isSpread: false, below: this.imapUnordered }, false)
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
    return poolElsewhere(Pool.prototype) as Pool
  }

  /** Terminates and joins, as Python's with-block does. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#core.isOurs) return
    this.#core.terminate()
    await this.#core.join(Infinity)
  }
}
