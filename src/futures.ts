// The door `polyprocess/futures`: Python's concurrent.futures. What it shares with `polyprocess` is the same there.

export { BrokenPoolError, CancelledError, TimeoutError, WorkerDiedError } from './base/errors.ts'
export { asCompleted, type CompletedFuture } from './executor/as-completed.ts'
export type { ExecutorMapOptions } from './executor/executor-map.ts'
export type { ExecutorOptions, ThreadExecutorOptions } from './executor/executor-options.ts'
export { Future } from './executor/future.ts'
export { ProcessPoolExecutor, type ShutdownOptions } from './executor/process-pool-executor.ts'
export { ThreadPoolExecutor } from './executor/thread-pool-executor.ts'
export { type WaitedFutures, waitFutures, type WaitFuturesOptions, waitFuturesSync } from './executor/wait-futures.ts'
