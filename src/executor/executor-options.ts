import { cpuCount } from '../base/cpu-count.ts'
import { checkInteger, expected, readOptions } from '../base/validate.ts'
import { type PoolOptions, type PoolSettings, readPoolOptions } from '../pool/pool-options.ts'
import { checkStartMethod, type StartMethod } from '../process/start-method.ts'

export interface ExecutorOptions {
  /** At most so many workers; each is started when there is a task for it. Default: `cpuCount()`; of threads 4 more, and at most 32. */
  maxWorkers?: number
  /** How workers are started: `getContext('spawn')`. Default: the default start method's. */
  context?: { readonly startMethod: StartMethod }
  /** Called in each worker before its first task, and awaited. Where it throws time and again, the executor is broken. */
  // biome-ignore lint/suspicious/noExplicitAny: any function may initialize a worker.
  initializer?: (...args: any[]) => unknown
  initArgs?: readonly unknown[]
  /** A worker is replaced after so many tasks. */
  maxTasksPerChild?: number
}

export type ThreadExecutorOptions = Omit<ExecutorOptions, 'context'>

const NAMES = ['maxWorkers', 'context', 'initializer', 'initArgs', 'maxTasksPerChild'] as const
const MOST_WORKERS = 4000
/** As Python has it: threads that wait cost little. */
const MORE_THREADS = 4
const MOST_THREADS = 32

/** `method`: what the class is bound to; null: nothing. @throws TypeError, RangeError */
export function readExecutorOptions(given: unknown, bound: StartMethod | null, usual: () => StartMethod): PoolSettings {
  const names = bound === null ? NAMES : NAMES.filter(name => name !== 'context')
  const read = readOptions<ExecutorOptions>(given, names, '{ maxWorkers: 4 }')
  const { maxWorkers, context, initializer, initArgs, maxTasksPerChild } = read
  const method = bound ?? (context === undefined ? usual() : methodOfContext(context))
  const workers = maxWorkers === undefined ? usualWorkers(method) : checkInteger(maxWorkers, 'maxWorkers', 1, MOST_WORKERS)
  const options: PoolOptions = { processes: workers, minProcesses: 0, idleTimeout: Infinity }
  if (initializer !== undefined) options.initializer = initializer
  if (initArgs !== undefined) options.initArgs = initArgs
  if (maxTasksPerChild !== undefined) options.maxTasksPerChild = maxTasksPerChild
  return readPoolOptions(options, method)
}

function usualWorkers(method: StartMethod): number {
  return method === 'thread' ? Math.min(MOST_THREADS, cpuCount() + MORE_THREADS) : cpuCount()
}

function methodOfContext(context: { readonly startMethod: StartMethod }): StartMethod {
  const method: unknown = (context as { startMethod?: unknown } | null)?.startMethod
  if (typeof method !== 'string') throw new TypeError(expected('context', "a context, as of getContext('spawn')", context))
  return checkStartMethod(method)
}
