import { cpuCount } from '../base/cpu-count.ts'
import {
  checkArray,
  checkEnvironment,
  checkFunction,
  checkInteger,
  checkStrings,
  checkTimeout,
  expected,
  readOptions,
} from '../base/validate.ts'
import type { StartMethod } from '../process/start-method.ts'
import type { WorkerSettings } from './workforce/seat.ts'

export interface PoolOptions {
  /** Worker processes. Default: `cpuCount()`. */
  processes?: number
  /** As many are kept when there is nothing to do; more are started as tasks wait. Default: `processes`. 0: none. */
  minProcesses?: number
  /** ms after which a worker above `minProcesses` that has nothing to do is ended. Default: 10,000. */
  idleTimeout?: number
  /** Called in each worker before its first task, and awaited. Workers in which it throws do not come up. */
  // biome-ignore lint/suspicious/noExplicitAny: any function may initialize a worker.
  initializer?: (...args: any[]) => unknown
  initArgs?: readonly unknown[]
  /** A worker is replaced after so many tasks; a chunk of a map is one. */
  maxTasksPerChild?: number
  /** A worker is replaced after the task at whose end it has more memory: bytes, of a process resident ones, of a thread those of its heap. */
  maxMemoryPerChild?: number
  /** Tasks that return promises a worker runs at once. Default 1. */
  concurrency?: number
  env?: Record<string, string | undefined>
  execArgv?: readonly string[]
}

export interface PoolSettings {
  readonly processes: number
  readonly minProcesses: number
  readonly idleTimeout: number
  readonly workers: WorkerSettings
}

const NAMES = [
  ...(['processes', 'minProcesses', 'idleTimeout', 'initializer', 'initArgs', 'maxTasksPerChild', 'maxMemoryPerChild'] as const),
  ...(['concurrency', 'env', 'execArgv'] as const),
]
const MOST_PROCESSES = 4000
const MOST_AT_ONCE = 1000
const USUAL_IDLE_TIMEOUT = 10_000

/** @throws TypeError, RangeError */
export function readPoolOptions(given: unknown, method: StartMethod): PoolSettings {
  const read = readOptions<PoolOptions>(typeof given === 'number' ? { processes: given } : given, NAMES)
  const { env, execArgv, initializer, initArgs = [] } = read
  const processes = count(read.processes, 'processes', cpuCount(), 1, MOST_PROCESSES)
  if (env !== undefined) checkEnvironment(env, 'env')
  if (execArgv !== undefined) checkStrings(execArgv, 'execArgv')
  if (initializer !== undefined) checkFunction(initializer, 'initializer')
  else if (read.initArgs !== undefined) throw new TypeError(expected('initArgs', 'given together with an `initializer`', initArgs))
  const minProcesses = count(read.minProcesses, 'minProcesses', processes, 0, processes)
  return {
    processes,
    minProcesses,
    idleTimeout: read.idleTimeout === undefined ? USUAL_IDLE_TIMEOUT : checkTimeout(read.idleTimeout, 'idleTimeout'),
    workers: {
      ...{ method, env, execArgv, initializer: initializer ?? null, initArgs: checkArray(initArgs, 'initArgs') },
      concurrency: count(read.concurrency, 'concurrency', 1, 1, MOST_AT_ONCE),
      maxTasks: count(read.maxTasksPerChild, 'maxTasksPerChild', Infinity, 1),
      maxMemory: count(read.maxMemoryPerChild, 'maxMemoryPerChild', Infinity, 1),
    },
  }
}

function count(value: number | undefined, name: string, usual: number, minimum: number, maximum?: number): number {
  return value === undefined ? usual : checkInteger(value, name, minimum, maximum)
}
