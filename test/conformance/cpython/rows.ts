// Every test of CPython that a row here may be about. Those of test_subprocess.py are not among them: what they test is node:child_process.
import { LOCKS_QUEUES_FUTURES } from './locks-queues-futures.ts'
import { MULTIPROCESSING } from './multiprocessing.ts'

/** A test by its class, as CPython calls it. */
export interface TestName {
  readonly cls: string
  readonly test: string
}

/** The names of a class's tests, by the class's name; class names differ between the suites. */
export const CPYTHON: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({ ...MULTIPROCESSING, ...LOCKS_QUEUES_FUTURES }).map(([cls, names]) => [cls, names.trim().split(/\s+/)]),
)

/** @throws Error for a name that CPython does not have */
export function checkName({ cls, test }: TestName): void {
  if (CPYTHON.get(cls)?.includes(test) !== true) throw new Error(`CPython has no test ${cls}.${test}`)
}
