import { bindClass } from '../process/bound-classes.ts'
import { nameIntrinsic } from '../wire/modules/well-known.ts'
import type { ThreadExecutorOptions } from './executor-options.ts'
import { ProcessPoolExecutor } from './process-pool-executor.ts'

/**
 * An executor whose workers are threads of this process: `Worker`s, each with an isolate of its own, so it is Python's
 * `InterpreterPoolExecutor` as well. Nothing is shared but what is made to be.
 */
export const ThreadPoolExecutor = bindClass(ProcessPoolExecutor, 'thread', 'ThreadPoolExecutor') as new (
  options?: ThreadExecutorOptions,
) => ProcessPoolExecutor
export type ThreadPoolExecutor = ProcessPoolExecutor

nameIntrinsic('%polyprocess.ThreadPoolExecutor%', ThreadPoolExecutor)
