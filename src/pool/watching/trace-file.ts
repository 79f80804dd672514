// A time line of a pool in a file. It is a JSON array with one event a line, and the closing bracket comes last: the format allows
// it to be missing, so that a file is loadable at any moment, also when its writer was killed.
//
// It is written synchronously, 64 KiB at a time, which is some 350 tasks (one takes 2 µs): that works while this thread is blocked in
// `mapSync` and when the process exits, and what is in memory is bounded whatever the disk does.
import type { MultiprocessingError } from '../../base/errors.ts'
import { forgetTrace, type OpenTrace, rememberTrace } from './open-traces.ts'
import { type TaskReport, wallClock, type WorkerEnd, type WorkerReport } from './reports.ts'
import { loadEvent, poolNameEvent, taskEvent, type TraceEvent, TraceRows, workerExitEvent, workerStartEvent } from './trace-events.ts'
import { traceError, TraceOutput } from './trace-output.ts'

/**
 * A time line that is being written.
 *
 * Crash safety: the file can be loaded at any moment. If this process is killed, what happened in its last second may be missing.
 */
export interface Trace extends AsyncDisposable {
  /**
   * Completes the file; twice is fine. Tasks that have not ended are not in it.
   * Rejects with what went wrong with the file, at whatever time it did: a pool goes on when its trace cannot be written.
   */
  stop(): Promise<void>
  /** As `stop()`. */
  [Symbol.asyncDispose](): Promise<void>
}

export interface TraceFileOptions {
  /** What the user gave; it is checked. */
  readonly file: unknown
  /** How many tasks there are, by what becomes of them. */
  readonly load: () => Readonly<Record<string, number>>
  /** The file could not be written, and nobody will learn it from `stop()`. Called at most once. */
  readonly onFailure: (error: MultiprocessingError) => void
  /** Nothing is written any more. */
  readonly onOver: () => void
}

const FLUSH_EVERY = 1000
/** ms between two looks at how many tasks there are. */
const LOAD_EVERY = 10

export class TraceFile implements Trace, OpenTrace {
  readonly #options: TraceFileOptions
  readonly #output: TraceOutput
  readonly #rows = new TraceRows(event => this.#add(event))
  readonly #flushing: NodeJS.Timeout
  /** A fork copies the object, and a second hand would spoil the file. */
  readonly #maker = process.pid
  #lastLoad = 0
  #over = false
  #failure: MultiprocessingError | null = null
  #stopped: Promise<void> | null = null
  #toldFailure = false

  /** @throws TypeError for what is no path and no `file:` URL; MultiprocessingError with the system's code when it cannot be opened */
  constructor(options: TraceFileOptions) {
    this.#options = options
    this.#output = new TraceOutput(options.file, JSON.stringify(poolNameEvent()))
    this.#flushing = setInterval(() => this.flush(), FLUSH_EVERY).unref()
    rememberTrace(this)
  }

  taskEnd(report: TaskReport): void {
    if (this.#over) return
    this.#add(taskEvent(report, this.#rows))
    this.#addLoad()
  }

  workerStart(worker: WorkerReport): void {
    if (!this.#over) this.#add(workerStartEvent(worker, this.#rows))
  }

  workerExit(worker: WorkerReport, end: WorkerEnd): void {
    if (this.#over) return
    this.#add(workerExitEvent(worker, end, wallClock(), this.#rows))
    this.#rows.forget(worker.name)
  }

  stop(): Promise<void> {
    this.finish()
    forgetTrace(this)
    this.#stopped ??= this.#failure === null ? Promise.resolve() : Promise.reject(this.#failure)
    return this.#stopped
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  /** Writes what is in memory. */
  flush(): void {
    this.#try(() => this.#output.flush())
  }

  /** Completes the file, as `stop()`, for who has nobody to tell of a failure. */
  finish(): void {
    if (this.#over || this.#maker !== process.pid) return
    this.#try(() => this.#output.end())
    this.#end()
  }

  get hasFailed(): boolean {
    return this.#failure !== null
  }

  /** What `stop()` would have told if it had been called. */
  tellFailure(): void {
    if (this.#failure === null || this.#stopped !== null || this.#toldFailure) return
    this.#toldFailure = true
    forgetTrace(this)
    this.#options.onFailure(this.#failure)
  }

  #addLoad(): void {
    const now = wallClock()
    if (now - this.#lastLoad < LOAD_EVERY) return
    this.#lastLoad = now
    this.#add(loadEvent(this.#options.load(), now))
  }

  #add(event: TraceEvent): void {
    this.#try(() => this.#output.add(JSON.stringify(event)))
  }

  /** In a forked child, and after a failure, it does nothing. */
  #try(write: () => void): void {
    if (this.#over || this.#maker !== process.pid) return
    try {
      write()
    } catch (error) {
      this.#failure = traceError(this.#output.path, error)
      this.#output.abandon()
      this.#end()
    }
  }

  #end(): void {
    if (this.#over) return
    this.#over = true
    clearInterval(this.#flushing)
    if (this.#failure === null) forgetTrace(this)
    this.#options.onOver()
  }
}
