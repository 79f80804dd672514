// The pools' channels of node:diagnostics_channel, for monitors that see all pools of a process without knowing one. Whoever
// subscribes is called at once, in the pool's thread; what a subscriber throws is an `uncaughtException` (Node sees to that).
// While nobody subscribes, no message is made.
import { channel } from 'node:diagnostics_channel'
import { type TaskInfo, type TaskReport, taskInfo, type WorkerEnd, type WorkerReport } from './reports.ts'

/**
 * Of `polyprocess:pool:task:start` and `polyprocess:pool:task:end`: one try of a task. Times are in ms, `submitted` and `started` since
 * the epoch. At its start `runTime` and `bytesBack` are 0. `task.error` is an own property only if the try failed.
 */
export interface PoolTaskMessage {
  readonly pool: object
  readonly task: TaskReport & TaskInfo
}

/** Of `polyprocess:pool:worker:start`; `started` is in ms since the epoch. */
export interface PoolWorkerMessage {
  readonly pool: object
  readonly worker: WorkerReport
}

/** Of `polyprocess:pool:worker:exit`. */
export interface PoolWorkerExitMessage {
  readonly pool: object
  readonly worker: WorkerReport & WorkerEnd
}

/** Of `polyprocess:pool:error`: a failure that nobody observed, of the task if it is of one. */
export interface PoolErrorMessage {
  readonly pool: object
  readonly error: unknown
  readonly task?: TaskInfo
}

/** Held for good: Node forgets a channel that nobody has, and its subscribers with it. */
export const channels = {
  taskStart: channel('polyprocess:pool:task:start'),
  taskEnd: channel('polyprocess:pool:task:end'),
  workerStart: channel('polyprocess:pool:worker:start'),
  workerExit: channel('polyprocess:pool:worker:exit'),
  error: channel('polyprocess:pool:error'),
}

export function taskMessage(pool: object, report: TaskReport): PoolTaskMessage {
  return { pool, task: { ...report, ...taskInfo(report) } }
}
