// What the pool tells about its tasks and workers, and the forms in which users get it.

/** One try of one task, as the dispatcher knows it. */
export interface TaskReport {
  readonly id: number
  /** The function's name, or 'anonymous'. */
  readonly name: string
  readonly items: number
  /** 1: the first try. */
  readonly attempt: number
  /** The worker's. */
  readonly pid: number
  /** The worker's name. */
  readonly worker: string
  /** On the wall clock; see `wallClock`. */
  readonly submitted: number
  readonly started: number
  /** In ms; 0 when the task has only just started. */
  readonly runTime: number
  /** Of its message, in bytes. */
  readonly bytesOut: number
  /** Of its results, in bytes. */
  readonly bytesBack: number
  /** An own property only if the try failed. */
  readonly error?: unknown
}

export interface WorkerReport {
  readonly pid: number
  readonly name: string
  /** On the wall clock; see `wallClock`. */
  readonly started: number
}

/** How a worker ended, as far as it is known. */
export interface WorkerEnd {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
}

/** A task that a worker has begun. */
export interface TaskInfo {
  readonly id: number
  /** The function's name, or 'anonymous'. */
  readonly name: string
  /** The worker's. */
  readonly pid: number
  /** So many calls: 1, or the items of a chunk. */
  readonly items: number
  /** From the submission until a worker began it, in ms. */
  readonly waitTime: number
  /** 1: the first try. */
  readonly attempt: number
}

export interface WorkerInfo {
  readonly pid: number
  readonly name: string
}

/** ms since the epoch, to the microsecond; the same clock in all processes of the machine, but for steps of the system's time. */
export function wallClock(): number {
  return TIME_ORIGIN + performance.now()
}

/** Of this thread. To look it up costs more than to look at the clock. */
export const TIME_ORIGIN = performance.timeOrigin

/** Two processes' clocks may differ by a little: what seems to have started before it was submitted has not waited. */
export function waitTimeOf({ submitted, started }: TaskReport): number {
  return Math.max(0, started - submitted)
}

export function taskInfo(report: TaskReport): TaskInfo {
  const { id, name, pid, items, attempt } = report
  return { id, name, pid, items, waitTime: waitTimeOf(report), attempt }
}

/** With `error` as an own property if the try failed, whatever it failed with: undefined can be thrown, too. */
export function endedTaskInfo(report: TaskReport): TaskInfo & { readonly runTime: number; readonly error?: unknown } {
  const info = { ...taskInfo(report), runTime: report.runTime }
  return Object.hasOwn(report, 'error') ? { ...info, error: report.error } : info
}
