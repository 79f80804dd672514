// The option `progress` of maps and streams.
import type { Writable } from 'node:stream'
import { LONGEST_TIMER } from '../../base/deadline.ts'
import { checkFunction, checkInteger, checkString, expected, readOptions } from '../../base/validate.ts'

/** How far a map or a stream has come. Times are in ms. */
export interface Progress {
  /** Items whose results are there. */
  readonly done: number
  /** Items that failed: those of `done` are others. */
  readonly failed: number
  /** undefined: not known, because the input has not ended. */
  readonly total: number | undefined
  readonly elapsed: number
  /** An estimate; undefined as long as there is none. */
  readonly remaining: number | undefined
}

export interface ProgressOptions {
  /** Stands before the bar. */
  label?: string
  /** Where the bar is drawn. Default: standard error; nowhere if there is `onUpdate`. */
  output?: Writable
  /** ms between two updates. Default: 100; 10,000 for lines, which are written where there is no terminal. */
  interval?: number
  /**
   * Called with each update, and once at the end. While `mapSync` and its like block the thread, it is called by them.
   * What it throws is an `uncaughtException`, and it is not called again.
   */
  onUpdate?: (progress: Progress) => void
}

export type ProgressSettings = Readonly<ProgressOptions>

/** null: no progress is wanted. @throws TypeError or RangeError for a value that `progress` cannot have */
export function readProgressOption(value: unknown): ProgressSettings | null {
  if (value === undefined || value === false) return null
  const given = value === true ? {} : value
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new TypeError(expected('progress', 'true, false or an object like { label: "resizing" }', value))
  }
  const settings = readOptions<ProgressOptions>(given, ['label', 'output', 'interval', 'onUpdate'])
  if (settings.label !== undefined) checkString(settings.label, 'progress.label')
  if (settings.output !== undefined) checkOutput(settings.output)
  if (settings.interval !== undefined) checkInteger(settings.interval, 'progress.interval', 1, LONGEST_TIMER)
  if (settings.onUpdate !== undefined) checkFunction(settings.onUpdate, 'progress.onUpdate')
  return settings
}

function checkOutput(value: unknown): void {
  const { write, on } = (typeof value === 'object' && value !== null ? value : {}) as Partial<Writable>
  if (typeof write === 'function' && typeof on === 'function') return
  throw new TypeError(expected('progress.output', 'a writable stream', value))
}
