import { checkTimeout, expected, readOptions } from './validate.ts'

/** No timeout: for ever; 0 or less: at once. */
export interface WaitOptions {
  /** Milliseconds. */
  timeout?: number
  /** An abort rejects with its `reason`. */
  signal?: AbortSignal
}

export interface ReadWaitOptions {
  readonly timeout: number
  readonly signal: AbortSignal | undefined
}

/** @throws TypeError, RangeError */
export function readWaitOptions(options: unknown): ReadWaitOptions {
  const { timeout, signal } = readOptions<WaitOptions>(options, ['timeout', 'signal'])
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw new TypeError(expected('signal', 'an AbortSignal', signal))
  return { timeout: checkTimeout(timeout), signal }
}

/** For blocking forms, which nothing can call off. @throws TypeError, RangeError */
export function readSyncWaitOptions(options: unknown): number {
  return checkTimeout(readOptions<{ timeout?: number }>(options, ['timeout']).timeout)
}
