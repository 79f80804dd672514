// Events of the Trace Event Format (Google's "Trace Event Format" document), which chrome://tracing, ui.perfetto.dev and speedscope
// show. Times in it are whole microseconds; rounding both ends of a task keeps tasks that followed each other apart.
import { type TaskReport, waitTimeOf, type WorkerEnd, type WorkerReport } from './reports.ts'
import { textOf } from './thrown.ts'

/** `M`: a name. `B`, `E`: begin and end. `X`: both in one. `C`: a count that changes. */
export interface TraceEvent {
  readonly ph: 'M' | 'B' | 'E' | 'X' | 'C'
  readonly name: string
  readonly cat?: string
  readonly pid: number
  readonly tid: number
  readonly ts?: number
  readonly dur?: number
  readonly cname?: string
  readonly args?: Readonly<Record<string, unknown>>
}

const LONGEST_TEXT = 500

function microseconds(ms: number): number {
  return Math.round(ms * 1000)
}

/**
 * The rows of a trace, one for each worker. Tasks that a worker does side by side overlap, which a row cannot show: who began before
 * the row's last one ended gets a further row.
 */
export class TraceRows {
  readonly #rows = new Map<string, { readonly tid: number; end: number }[]>()
  readonly #add: (event: TraceEvent) => void
  #last = 0

  constructor(add: (event: TraceEvent) => void) {
    this.#add = add
  }

  worker({ name, pid }: Pick<WorkerReport, 'name' | 'pid'>): number {
    return this.#rowsOf(name, pid)[0]!.tid
  }

  /** @param start in whole µs, as `end` */
  task({ worker, pid }: TaskReport, start: number, end: number): number {
    const rows = this.#rowsOf(worker, pid)
    let row = rows.find(each => each.end <= start)
    if (row === undefined) {
      row = { tid: this.#begin(`${worker} (${rows.length + 1})`, pid), end }
      rows.push(row)
    }
    row.end = end
    return row.tid
  }

  /** The worker's are over. */
  forget(name: string): void {
    this.#rows.delete(name)
  }

  #rowsOf(name: string, pid: number): { readonly tid: number; end: number }[] {
    let rows = this.#rows.get(name)
    if (rows === undefined) {
      rows = [{ tid: this.#begin(name, pid), end: 0 }]
      this.#rows.set(name, rows)
    }
    return rows
  }

  #begin(name: string, pid: number): number {
    this.#last += 1
    const row = { pid: process.pid, tid: this.#last }
    this.#add({ ph: 'M', name: 'thread_name', ...row, args: { name: `${name}, process ${pid}` } })
    this.#add({ ph: 'M', name: 'thread_sort_index', ...row, args: { sort_index: this.#last } })
    return this.#last
  }
}

export function poolNameEvent(): TraceEvent {
  return { ph: 'M', name: 'process_name', pid: process.pid, tid: 0, args: { name: 'Pool' } }
}

export function taskEvent(report: TaskReport, rows: TraceRows): TraceEvent {
  const { id, name, items, attempt, started, runTime, bytesOut, bytesBack } = report
  const ts = microseconds(started)
  const end = Math.max(ts, microseconds(started + runTime))
  const failed = Object.hasOwn(report, 'error')
  const args = { id, items, attempt, wait: Math.round(waitTimeOf(report) * 1000) / 1000, bytesOut, bytesBack }
  return {
    ...{ ph: 'X', name, cat: 'task', pid: process.pid, tid: rows.task(report, ts, end), ts, dur: end - ts },
    // One of the colours that the viewers know; others ignore it.
    ...(failed ? { cname: 'terrible', args: { ...args, error: textOf(report.error).slice(0, LONGEST_TEXT) } } : { args }),
  }
}

export function workerStartEvent(worker: WorkerReport, rows: TraceRows): TraceEvent {
  const row = { pid: process.pid, tid: rows.worker(worker) }
  return { ph: 'B', name: 'worker', cat: 'worker', ...row, ts: microseconds(worker.started), args: { pid: worker.pid } }
}

export function workerExitEvent(worker: WorkerReport, { exitCode, signal }: WorkerEnd, at: number, rows: TraceRows): TraceEvent {
  const row = { pid: process.pid, tid: rows.worker(worker) }
  return { ph: 'E', name: 'worker', cat: 'worker', ...row, ts: microseconds(at), args: { exitCode, signal } }
}

export function loadEvent(load: Readonly<Record<string, number>>, at: number): TraceEvent {
  return { ph: 'C', name: 'tasks', pid: process.pid, tid: 0, ts: microseconds(at), args: load }
}
