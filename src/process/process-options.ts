import {
  checkArray,
  checkBoolean,
  checkEnvironment,
  checkFunction,
  checkInteger,
  checkString,
  checkStrings,
  expected,
  readOptions,
} from '../base/validate.ts'
import type { OutputMode } from './methods/launch.ts'

// biome-ignore lint/suspicious/noExplicitAny: the arguments of any function.
export interface ProcessOptions<A extends unknown[] = any[]> {
  /**
   * Runs in the child, with the variables that it captured as they are at `start()`; under fork in memory that is this process's as it
   * was. It may be async, or a generator, which is run to its end. Without it the child does nothing and ends.
   */
  target?: (...args: A) => unknown
  args?: readonly [...A]
  /** Default: `Process-1` and so on. */
  name?: string
  /** Ended with this process instead of being waited for; may have no children. Default: as this process. */
  daemon?: boolean
  /** Beside this process's own variables; undefined removes one. */
  env?: Record<string, string | undefined>
  /** Flags of the child's `node`. Default: this process's, without those for a debugger or the test runner. With it `forkserver` starts a fresh `node`; `fork` refuses it. */
  execArgv?: readonly string[]
  /** Default: 'inherit'. 'pipe': read it from `stdout` of the process object. */
  stdout?: OutputMode
  stderr?: OutputMode
  /** The child listens for a debugger; 'auto': at a free port, which it tells on standard error. */
  inspectPort?: number | 'auto'
}

const OPTIONS = ['target', 'args', 'name', 'daemon', 'env', 'execArgv', 'stdout', 'stderr', 'inspectPort'] as const
const OUTPUT_MODES: readonly unknown[] = [undefined, 'inherit', 'ignore', 'pipe']
const LAST_PORT = 65535

/** @throws TypeError or RangeError for options of the wrong type, and for an option that does not exist */
export function readProcessOptions<A extends unknown[]>(options: unknown): ProcessOptions<A> {
  if (typeof options === 'function') throw new TypeError(expected('options', 'an object like { target: work, args: [1] }', options))
  const read = readOptions<ProcessOptions<A>>(options, OPTIONS)
  if (read.target !== undefined) checkFunction(read.target, 'target')
  if (read.args !== undefined) checkArray(read.args, 'args')
  if (read.name !== undefined) checkString(read.name, 'name')
  if (read.daemon !== undefined) checkBoolean(read.daemon, 'daemon')
  if (read.env !== undefined) checkEnvironment(read.env, 'env')
  if (read.execArgv !== undefined) checkStrings(read.execArgv, 'execArgv')
  if (read.inspectPort !== undefined && read.inspectPort !== 'auto') checkInteger(read.inspectPort, 'inspectPort', 0, LAST_PORT)
  for (const output of ['stdout', 'stderr'] as const) checkOutput(read[output], output)
  return read
}

function checkOutput(mode: unknown, name: string): void {
  if (!OUTPUT_MODES.includes(mode)) throw new TypeError(expected(name, "'inherit', 'ignore' or 'pipe'", mode))
}
