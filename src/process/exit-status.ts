import { constants } from 'node:os'
import type { ChildEnd } from './child.ts'

/** As in Python: the exit code, or minus the number of the signal. */
export function exitCodeOf({ exitCode, signal }: ChildEnd): number {
  if (exitCode !== null) return exitCode
  return signal === null ? 255 : -constants.signals[signal]
}

/** For people: `exit code 1`, `signal SIGKILL`. */
export function describeEnd({ exitCode, signal }: ChildEnd): string {
  return signal === null ? `exit code ${exitCode ?? 'unknown'}` : `signal ${signal}`
}
