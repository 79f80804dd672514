import { constants } from 'node:os'
import type { ChildEnd } from './child.ts'

/** As in Python: the exit code, or minus the number of the signal. */
export function exitCodeOf({ exitCode, signal }: ChildEnd): number {
  if (exitCode !== null) return exitCode
  return signal === null ? 255 : -constants.signals[signal]
}

/** For people: `exit code 1`, `signal SIGKILL`. */
export function describeEnd({ exitCode, signal, error }: ChildEnd): string {
  if (error !== undefined) return `an error at its start (${error instanceof Error ? error.message : String(error)})`
  return signal === null ? `exit code ${exitCode ?? 'unknown'}` : `signal ${signal}`
}
