import type { AnyFunction } from '../../wire/function-reference.ts'
import type { Place } from './place.ts'

/** What is sent: `payload` is a value, or of the kinds that say so, what was thrown. */
export interface TaskResult {
  readonly kind: number
  readonly payload: unknown
}

export interface RunningTask {
  readonly kind: number
  /** A promise, like the payload, if modules have to be imported first. */
  readonly fn: AnyFunction | Promise<AnyFunction>
  readonly payload: unknown
  readonly place: Place
  /** Sends an item's outcome before the task's end. */
  readonly send: (result: TaskResult) => void
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}
