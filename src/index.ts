// The one door out: every public name, one line each.

export { cpuCount } from './base/cpu-count.ts'
export {
  BrokenPoolError,
  ClosedError,
  InterruptedError,
  MultiprocessingError,
  NotSerializableError,
  NotSupportedError,
  RemoteError,
  TimeoutError,
  WorkerDiedError,
} from './base/errors.ts'
export type { Items } from './pool/chunks.ts'
export { type MapOptions, Pool, type PoolOptions, type StreamOptions } from './pool/pool.ts'
export type { ResultStream } from './pool/result-stream.ts'
export { type Diagnostics, diagnostics } from './process/diagnostics.ts'
export { Process, type ProcessOptions } from './process/process.ts'
export { type Reducible, rebuild, reduce, registerClass } from './wire/classes.ts'
export { type AnyFunction, type FunctionReference, reference } from './wire/function-reference.ts'
