// All that watches a pool, in one hand: the pool's parts tell it what happens, and it tells whoever wants to know.
import { ClosedError } from '../../base/errors.ts'
import { channels, type PoolErrorMessage, type PoolWorkerExitMessage, type PoolWorkerMessage, taskMessage } from './channels.ts'
import { Counts } from './counts.ts'
import { PoolListeners } from './pool-events.ts'
import { endedTaskInfo, type TaskReport, taskInfo, type WorkerEnd, type WorkerReport } from './reports.ts'
import { type Trace, TraceFile } from './trace-file.ts'

export interface PoolWatchOptions {
  /** Whose `this` listeners get, and subscribers as `pool`. */
  readonly pool: object
  /** How many tasks wait and run now; asked for while there is a trace. */
  readonly load: () => { readonly queued: number; readonly running: number }
}

/**
 * None of what the pool tells can throw, whatever listeners do. The pool asks `wantsStarts` and `wantsEnds` first, and makes no report that
 * nobody wants; what it counts goes to `counts` in any case.
 */
export class PoolWatch {
  readonly counts = new Counts()
  readonly listeners: PoolListeners
  readonly #options: PoolWatchOptions
  readonly #workers = new Map<string, WorkerReport>()
  readonly #traces = new Set<TraceFile>()
  /** Of their failures the pool tells at its end, if nobody has learned of them by `stop()`. */
  readonly #failedTraces: TraceFile[] = []
  #tracing = false
  #ended = false

  constructor(options: PoolWatchOptions) {
    this.#options = options
    this.listeners = new PoolListeners(options.pool)
  }

  /** Workers have to announce when they begin a task. */
  get wantsStarts(): boolean {
    return this.listeners.has('taskStart') || channels.taskStart.hasSubscribers
  }

  get wantsEnds(): boolean {
    return this.#tracing || this.listeners.has('taskEnd') || channels.taskEnd.hasSubscribers
  }

  taskStart(report: TaskReport): void {
    if (channels.taskStart.hasSubscribers) channels.taskStart.publish(taskMessage(this.#options.pool, report))
    if (this.listeners.has('taskStart')) this.listeners.emit('taskStart', taskInfo(report))
  }

  /** The end of a try, whatever came of it. */
  taskEnd(report: TaskReport): void {
    for (const trace of this.#traces) trace.taskEnd(report)
    if (channels.taskEnd.hasSubscribers) channels.taskEnd.publish(taskMessage(this.#options.pool, report))
    if (this.listeners.has('taskEnd')) this.listeners.emit('taskEnd', endedTaskInfo(report))
  }

  workerStart(worker: WorkerReport): void {
    this.#workers.set(worker.name, worker)
    for (const trace of this.#traces) trace.workerStart(worker)
    const message: PoolWorkerMessage = { pool: this.#options.pool, worker }
    if (channels.workerStart.hasSubscribers) channels.workerStart.publish(message)
    if (this.listeners.has('workerStart')) this.listeners.emit('workerStart', { pid: worker.pid, name: worker.name })
  }

  /** The end of a worker that was announced by `workerStart`, after those of its tasks; of another, which never came up, nobody hears. */
  workerExit(name: string, { exitCode, signal }: WorkerEnd): void {
    const worker = this.#workers.get(name)
    if (worker === undefined) return
    this.#workers.delete(name)
    const end = { exitCode, signal }
    for (const trace of this.#traces) trace.workerExit(worker, end)
    const message: PoolWorkerExitMessage = { pool: this.#options.pool, worker: { ...worker, ...end } }
    if (channels.workerExit.hasSubscribers) channels.workerExit.publish(message)
    if (this.listeners.has('workerExit')) this.listeners.emit('workerExit', { pid: worker.pid, name, ...end })
  }

  /** A failure that nobody observed: called once for each. */
  fail(error: unknown, report?: TaskReport): void {
    const task = report === undefined ? undefined : taskInfo(report)
    const message: PoolErrorMessage = { pool: this.#options.pool, error, ...(task === undefined ? {} : { task }) }
    if (channels.error.hasSubscribers) channels.error.publish(message)
    this.listeners.fail(error, task)
  }

  /** Begins a trace: see `Pool.trace`. @throws TypeError, MultiprocessingError as TraceFile; ClosedError after `end()` */
  trace(file: unknown): Trace {
    if (this.#ended) throw new ClosedError('The pool has ended: there is nothing to trace')
    const trace: TraceFile = new TraceFile({
      file,
      load: this.#options.load,
      onFailure: error => this.fail(error),
      onOver: () => this.#over(trace),
    })
    this.#traces.add(trace)
    this.#tracing = true
    for (const worker of this.#workers.values()) trace.workerStart(worker)
    return trace
  }

  /** The pool's last worker has ended: completes the traces. What is wrong with them, and `stop()` did not tell, is a failure of the pool. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    for (const trace of [...this.#traces]) trace.finish()
    for (const trace of this.#failedTraces) trace.tellFailure()
  }

  #over(trace: TraceFile): void {
    this.#traces.delete(trace)
    this.#tracing = this.#traces.size > 0
    if (trace.hasFailed) this.#failedTraces.push(trace)
  }
}
