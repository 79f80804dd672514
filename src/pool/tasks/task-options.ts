// The options that a single task can have.
import { checkFunction, checkInteger, checkTimeout, expected } from '../../base/validate.ts'

export interface SyncTaskOptions {
  /** ms from the task's start, after which it fails with TimeoutError. Its worker is stopped, unless the task heeds its `taskSignal()`. */
  timeout?: number
  /** More tries after a dead worker or a timeout, and after errors that `retryIf` accepts. Default 0: a task runs at most once. */
  retries?: number
  retryIf?: (error: unknown) => boolean
  /** Higher starts earlier. Default 0. */
  priority?: number
}

export interface TaskOptions extends SyncTaskOptions {
  /** An abort rejects with its `reason`: a task that waits is dropped, one that runs is told by its `taskSignal()`, or its worker is stopped. */
  signal?: AbortSignal
}

export const SYNC_TASK_OPTIONS = ['timeout', 'retries', 'retryIf', 'priority'] as const
export const TASK_OPTIONS = [...SYNC_TASK_OPTIONS, 'signal'] as const

/** What makes a task more than a call: somebody has to watch it. */
export interface Supervision {
  /** Infinity: none. */
  readonly timeout: number
  readonly retries: number
  readonly retryIf: (error: unknown) => boolean
  readonly signal: AbortSignal | undefined
}

export interface TaskSettings {
  readonly priority: number
  /** Null: nobody needs to watch it. */
  readonly supervision: Supervision | null
}

export const USUAL: TaskSettings = { priority: 0, supervision: null }

/** For a part of what has the signal. */
export function withoutSignal(task: TaskSettings): TaskSettings {
  const { priority, supervision } = task
  if (supervision === null || supervision.signal === undefined) return task
  return { priority, supervision: isTimedOrRetried(task) ? { ...supervision, signal: undefined } : null }
}

export function isTimedOrRetried({ supervision }: TaskSettings): boolean {
  return supervision !== null && (supervision.timeout !== Infinity || supervision.retries > 0)
}

export function mayBeRetried({ supervision }: TaskSettings): boolean {
  return supervision !== null && supervision.retries > 0
}

const MOST_RETRIES = 1000

/** @throws TypeError, RangeError */
export function readTaskSettings(options: TaskOptions): TaskSettings {
  const { retryIf, signal } = options
  const timeout = options.timeout === undefined ? Infinity : checkTaskTimeout(options.timeout)
  const retries = options.retries === undefined ? 0 : checkInteger(options.retries, 'retries', 0, MOST_RETRIES)
  if (retryIf !== undefined) checkFunction(retryIf, 'retryIf')
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw new TypeError(expected('signal', 'an AbortSignal', signal))
  const priority = checkPriority(options.priority)
  if (timeout === Infinity && retries === 0 && signal === undefined) return priority === 0 ? USUAL : { priority, supervision: null }
  return { priority, supervision: { timeout, retries, retryIf: retryIf ?? never, signal } }
}

function checkTaskTimeout(value: unknown): number {
  const timeout = checkTimeout(value)
  if (timeout <= 0) throw new RangeError(expected('timeout', 'a number of milliseconds above 0', value))
  return timeout
}

function checkPriority(value: unknown = 0): number {
  if (typeof value !== 'number') throw new TypeError(expected('priority', 'a finite number', value))
  if (!Number.isFinite(value)) throw new RangeError(expected('priority', 'a finite number', value))
  return value
}

function never(): boolean {
  return false
}
