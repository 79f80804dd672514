// Python's Pool, first form: calls, maps and streams.
import { addCallSite, type CallSite, captureCallSite } from '../base/call-site.ts'
import { atDeadline, deadlineAfter } from '../base/deadline.ts'
import { BrokenPoolError, ClosedError, MultiprocessingError, NotSerializableError } from '../base/errors.ts'
import { cpuCount } from '../base/cpu-count.ts'
import { checkArray, checkEnvironment, checkFunction, checkInteger, checkStrings, checkTimeout, readOptions } from '../base/validate.ts'
import { encodeForTree } from '../channel/tree-messages.ts'
import { methodOf } from '../process/bound-classes.ts'
import { isMainProcess } from '../process/inside/current.ts'
import { doorbell } from '../sync/waiting/doorbell.ts'
import { rebuild, reduce } from '../wire/classes.ts'
import type { AnyFunction } from '../wire/function-reference.ts'
import { checkItems, chunkSizeFor, type Collecting, collect, type Items } from './chunks.ts'
import { type Definition, defineFunction } from './definitions.ts'
import type { TaskOwner } from './dispatcher.ts'
import { MapResults } from './map-results.ts'
import { TASK_CALL, TASK_MAP, TASK_STREAM } from './protocol.ts'
import { poolElsewhere } from './pool-elsewhere.ts'
import { ResultStream } from './result-stream.ts'
import { Workforce } from './workforce.ts'

export interface PoolOptions {
  /** Worker processes. Default: `cpuCount()`. */
  processes?: number
  env?: Record<string, string | undefined>
  execArgv?: readonly string[]
}

export interface MapOptions {
  /** Items a task has. Default: a quarter of a worker's share for `map`, 1 for streams. */
  chunkSize?: number
}

export interface StreamOptions extends MapOptions {
  /** Items taken from the input and not yet from the result. Default: 16 chunks a worker. */
  maxPending?: number
}

interface MapSettings {
  readonly definition: Definition
  readonly callSite: CallSite
  readonly chunkSize: number | undefined
}

const MOST_PROCESSES = 4000
const PENDING_CHUNKS_PER_WORKER = 16

/**
 * A number of worker processes and the tasks they do.
 *
 * Crash safety: a worker that dies fails its own task with WorkerDiedError and is replaced; no other task is touched, none is done
 * twice. Workers that do not even come up fail the pool with BrokenPoolError. When this process ends, however it does, the workers do.
 * A pool that has nothing to do does not keep this process running.
 * @example const pool = new Pool(4); console.log(await pool.map(square, [1, 2, 3])); pool.close(); await pool.join()
 */
export class Pool implements AsyncDisposable {
  readonly #workforce: Workforce
  readonly #processes: number
  readonly #joiners = new Set<() => void>()
  #state: 'open' | 'closed' | 'terminated' | 'broken' = 'open'
  /** What tasks that were taken reject with, once the pool is over. */
  #failure: BrokenPoolError | null = null
  /**
   * How to end maps and streams whose input has not ended. They were begun before `close()`, so they may go on after it; when the
   * pool is over they cannot.
   */
  readonly #openInputs = new Set<(error: unknown) => void>()
  #holding = false
  #started = false
  #ended = false
  /** A fork copies the object, but the workers are its maker's. */
  readonly #maker = process.pid

  /** Starts the workers; in a child process of this library's with the first task. @throws TypeError or RangeError for wrong options; the system's error when no process can be started */
  constructor(processesOrOptions?: number | PoolOptions) {
    const options = readPoolOptions(processesOrOptions)
    this.#processes = options.processes ?? cpuCount()
    this.#workforce = new Workforce({
      processes: this.#processes,
      method: methodOf(this.constructor),
      env: options.env,
      execArgv: options.execArgv,
      onChange: () => this.#look(),
      onBroken: error => this.#break(error),
    })
    // Where a child loads a module that makes a pool, each worker of that pool would load it, too, and make one of its own.
    if (isMainProcess()) this.#start()
  }

  #start(): void {
    this.#started = true
    try {
      this.#workforce.start()
    } catch (error) {
      this.terminate()
      throw error
    }
  }

  /** Calls `fn(...args)` in a worker. Rejects with what it throws. The arguments are copied now, not when a worker is free. */
  apply<R>(fn: () => R, args?: readonly []): Promise<Awaited<R>>
  apply<A extends unknown[], R>(fn: (...args: A) => R, args: readonly [...A]): Promise<Awaited<R>>
  apply<R>(fn: AnyFunction, args: readonly unknown[] = []): Promise<Awaited<R>> {
    return new Promise((resolve, reject) => {
      this.#check(fn)
      checkArray(args, 'args')
      const callSite = this.#isBusy ? undefined : captureCallSite(this.apply)
      const owner: TaskOwner = { succeed: (_kind, value) => resolve(value as Awaited<R>), fail: reject, callSite }
      this.#apply(fn, args, owner)
    })
  }

  /** `fn` of every item, in the order of the items. Rejects with the first failure; what is under way then is not awaited. */
  async map<T, R>(fn: (item: T) => R, items: Items<T>, options?: MapOptions): Promise<Awaited<R>[]> {
    this.#check(fn)
    const { chunkSize } = readOptions<MapOptions>(options, ['chunkSize'])
    const callSite = captureCallSite(this.map)
    const settings: MapSettings = { definition: defineAt(fn, this.map), callSite, chunkSize }
    try {
      const given = collect(checkItems(items))
      return await ('stop' in given ? this.#mapWhenCollected<R>(settings, given) : this.#mapList<R>(settings, given))
    } catch (error) {
      if (error instanceof NotSerializableError) addCallSite(error, callSite)
      throw error
    } finally {
      settings.definition.letGo()
    }
  }

  async #mapWhenCollected<R>(settings: MapSettings, given: Collecting<unknown>): Promise<Awaited<R>[]> {
    let end = (_error: unknown): void => {}
    const over = new Promise<never>((_resolve, reject) => {
      end = reject
    })
    this.#openInputs.add(end)
    try {
      return await this.#mapList<R>(settings, await Promise.race([given.items, over]))
    } finally {
      given.stop()
      this.#openInputs.delete(end)
      this.#look()
    }
  }

  /** `fn` of every item, in the order of the items, as they come. Reads its input only as fast as it is read. */
  imap<T, R>(fn: (item: T) => R, items: Items<T>, options?: StreamOptions): ResultStream<Awaited<R>> {
    return this.#stream(fn, items, options, true)
  }

  /** The same in the order in which they are ready. */
  imapUnordered<T, R>(fn: (item: T) => R, items: Items<T>, options?: StreamOptions): ResultStream<Awaited<R>> {
    return this.#stream(fn, items, options, false)
  }

  /** No more tasks: the workers end when those that there are have been done. */
  close(): void {
    this.#checkOurs()
    if (this.#state !== 'open') return
    this.#state = 'closed'
    this.#look()
  }

  /** Ends the workers at once. Tasks that have not ended reject with BrokenPoolError. Twice is fine. */
  terminate(): void {
    this.#checkOurs()
    if (this.#failure !== null) return
    this.#state = 'terminated'
    this.#workforce.terminate()
    this.#failure = new BrokenPoolError('The pool was terminated before this task ended')
    this.#failAll(this.#failure)
    this.#look()
  }

  /** Settles with true when all workers have ended, with false after `timeout` ms. @throws MultiprocessingError before `close()` or `terminate()` */
  async join(options?: { timeout?: number }): Promise<boolean> {
    const { timeout } = readOptions<{ timeout?: number }>(options, ['timeout'])
    const deadline = deadlineAfter(checkTimeout(timeout))
    if (this.#state === 'open') throw new MultiprocessingError('join() waits for the end of the workers: call close() or terminate() first')
    if (this.#ended) return true
    doorbell().hold()
    try {
      return await this.#waitForEnd(deadline)
    } finally {
      doorbell().letGo()
    }
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
    if (this.#maker !== process.pid) return
    this.terminate()
    await this.join()
  }

  #apply(fn: AnyFunction, args: readonly unknown[], owner: TaskOwner): void {
    try {
      const definition = defineFunction(fn)
      try {
        this.#send(TASK_CALL, definition, args, owner)
      } finally {
        definition.letGo()
      }
    } catch (error) {
      throw pointAt(error, this.apply)
    }
  }

  #mapList<R>({ definition, callSite, chunkSize: wanted }: MapSettings, list: readonly unknown[]): Promise<Awaited<R>[]> {
    const size = chunkSizeFor(list.length, this.#processes, wanted)
    if (list.length === 0) return Promise.resolve([])
    return new Promise((resolve, reject) => {
      const results = new MapResults<Awaited<R>>({ count: list.length, callSite }, resolve, reject)
      for (let start = 0; start < list.length; start += size) {
        this.#send(TASK_MAP, definition, list.slice(start, start + size), results.ownerOfChunk(start))
      }
    })
  }

  #stream<R>(fn: AnyFunction, items: Items<unknown>, options: StreamOptions | undefined, ordered: boolean): ResultStream<R> {
    this.#check(fn)
    const read = readOptions<StreamOptions>(options, ['chunkSize', 'maxPending'])
    const chunkSize = read.chunkSize === undefined ? 1 : checkInteger(read.chunkSize, 'chunkSize', 1)
    const usual = chunkSize * this.#processes * PENDING_CHUNKS_PER_WORKER
    const maxPending = read.maxPending === undefined ? usual : checkInteger(read.maxPending, 'maxPending', 1)
    const input = checkItems(items)
    const below = ordered ? this.imap : this.imapUnordered
    const definition = defineAt(fn, below)
    const stream = new ResultStream<R>(input, {
      chunkSize: Math.min(chunkSize, maxPending),
      maxPending,
      ordered,
      callSite: captureCallSite(below),
      submit: (chunk, owner) => {
        if (this.#failure !== null) throw this.#failure
        return this.#send(TASK_STREAM, definition, chunk, owner)
      },
      onInputEnd: () => {
        definition.letGo()
        this.#openInputs.delete(end)
        this.#look()
      },
    })
    const end = (error: unknown): void => stream.end(error)
    this.#openInputs.add(end) // Its first read is a microtask, so this comes before its end.
    return stream
  }

  /** To note where each of very many calls came from would cost more than the calls. */
  get #isBusy(): boolean {
    return this.#workforce.dispatcher.pending > this.#processes * PENDING_CHUNKS_PER_WORKER
  }

  /** Returns how to forget the task. */
  #send(kind: number, definition: Definition, values: readonly unknown[], owner: TaskOwner): () => void {
    const { dispatcher } = this.#workforce
    if (!this.#started) this.#start()
    const id = dispatcher.submit(kind, definition, encodeForTree(values, kind === TASK_CALL ? 'args' : 'items'), owner)
    if (!this.#holding) this.#look()
    return () => {
      dispatcher.drop(id)
      this.#look()
    }
  }

  /** Keeps the process running exactly while there is something to wait for, and ends what has come to its end. */
  #look(): void {
    const { pending } = this.#workforce.dispatcher
    if (pending > 0 !== this.#holding) {
      this.#holding = pending > 0
      if (this.#holding) doorbell().hold()
      else doorbell().letGo()
    }
    if (pending > 0 || this.#state === 'open' || this.#ended) return
    if (this.#state === 'closed' && this.#openInputs.size > 0) return
    if (this.#workforce.size > 0) {
      if (this.#state === 'closed') this.#workforce.dismiss()
      return
    }
    this.#ended = true
    this.#workforce.free()
    for (const joiner of this.#joiners) joiner()
  }

  #break(error: BrokenPoolError): void {
    this.#state = 'broken'
    this.#failure = error
    this.#failAll(error)
  }

  #failAll(error: BrokenPoolError): void {
    this.#workforce.dispatcher.failAll(error)
    for (const end of [...this.#openInputs]) end(error)
  }

  #check(fn: unknown): void {
    checkFunction(fn, 'fn')
    this.#checkUsable()
  }

  #checkOurs(): void {
    if (this.#maker === process.pid) return
    throw new MultiprocessingError('This pool belongs to the process that this one was forked off: make a Pool of your own here')
  }

  #checkUsable(): void {
    this.#checkOurs()
    if (this.#state !== 'open') throw this.#whyUnusable()
  }

  #whyUnusable(): Error {
    return (this.#state === 'broken' ? this.#failure : null) ?? new ClosedError(`The pool is ${this.#state}: it takes no more tasks`)
  }

  #waitForEnd(deadline: number): Promise<boolean> {
    return new Promise(resolve => {
      let callOff = (): void => {}
      const joiner = (): void => {
        callOff()
        this.#joiners.delete(joiner)
        resolve(true)
      }
      this.#joiners.add(joiner)
      callOff = atDeadline(deadline, () => {
        this.#joiners.delete(joiner)
        resolve(false)
      })
    })
  }
}

// biome-ignore lint/complexity/noBannedTypes: V8 takes any function.
function defineAt(fn: AnyFunction, below: Function): Definition {
  try {
    return defineFunction(fn)
  } catch (error) {
    throw pointAt(error, below)
  }
}

/** What cannot be sent is the caller's mistake: the stack begins there, and not in the depths of the encoder. */
// biome-ignore lint/complexity/noBannedTypes: V8 takes any function.
function pointAt(error: unknown, below: Function): unknown {
  if (error instanceof NotSerializableError) Error.captureStackTrace(error, below)
  return error
}

function readPoolOptions(given: number | PoolOptions | undefined): PoolOptions {
  const options = typeof given === 'number' ? { processes: given } : given
  const read = readOptions<PoolOptions>(options, ['processes', 'env', 'execArgv'])
  if (read.processes !== undefined) checkInteger(read.processes, 'processes', 1, MOST_PROCESSES)
  if (read.env !== undefined) checkEnvironment(read.env, 'env')
  if (read.execArgv !== undefined) checkStrings(read.execArgv, 'execArgv')
  return read
}
