import { checkTimeout, expected, readOptions } from './validate.ts'

/** No timeout: for ever; 0 or less: at once. */
export interface WaitOptions {
  /** Milliseconds. */
  timeout?: number
  /** An abort rejects with its `reason`. */
  signal?: AbortSignal
}

/** For forms that block this thread: nothing can call them off but a signal, which ends the wait with InterruptedError. */
export interface SyncWaitOptions {
  /** Milliseconds. */
  timeout?: number
}

export interface ReadWaitOptions {
  readonly timeout: number
  readonly signal: AbortSignal | undefined
}

/** Who comes from Python passes the seconds, or whether to wait at all, or both. @throws TypeError */
function refuseOthers(options: unknown): void {
  if (typeof options === 'number') throw new TypeError(expected('options', EXAMPLE, options))
  if (typeof options === 'boolean') throw new TypeError(expected('options', `${EXAMPLE}; what never waits begins with "try"`, options))
}

const EXAMPLE = 'an object like { timeout: 1000 }, in milliseconds'

/** @throws TypeError, RangeError */
export function readWaitOptions(options: unknown): ReadWaitOptions {
  refuseOthers(options)
  const { timeout, signal } = readOptions<WaitOptions>(options, ['timeout', 'signal'])
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw new TypeError(expected('signal', 'an AbortSignal', signal))
  return { timeout: checkTimeout(timeout), signal }
}

/** For blocking forms, which nothing can call off. @throws TypeError, RangeError */
export function readSyncWaitOptions(options: unknown): number {
  refuseOthers(options)
  return checkTimeout(readOptions<SyncWaitOptions>(options, ['timeout']).timeout)
}
