// The one door out: every public name, one line each.

export { cpuCount } from './base/cpu-count.ts'
export {
  AuthenticationError,
  BrokenBarrierError,
  BrokenPoolError,
  BufferTooShortError,
  ClosedError,
  ContextError,
  DeadlockError,
  EmptyError,
  EndOfFileError,
  FullError,
  InterruptedError,
  MultiprocessingError,
  NotSerializableError,
  NotSupportedError,
  RemoteError,
  ShutDownError,
  TimeoutError,
  WorkerDiedError,
} from './base/errors.ts'
export type { SyncWaitOptions, WaitOptions } from './base/wait-options.ts'
export type { Bytes, LimitOptions, PartOptions, PlaceOptions } from './connection/call-options.ts'
export { Connection } from './connection/connection.ts'
export { Pipe, type PipeOptions } from './connection/pipe.ts'
export { answerChallenge, type ChallengeOptions, deliverChallenge } from './connection/handshake/challenges.ts'
export { Client, type ClientOptions, ClientSync, type SyncClientOptions } from './connection/network/client.ts'
export { Listener, type ListenerOptions } from './connection/network/listener.ts'
export type { Address, AddressFamily } from './connection/network/addresses.ts'
export type { AuthKey } from './connection/handshake/digests.ts'
export { type Context, getContext, ThreadPool } from './context.ts'
export { wait, waitSync } from './connection/wait.ts'
export type { Waitable } from './connection/waited-objects.ts'
export type { Items } from './pool/calls/items.ts'
export type { ChunkOptions, MapOptions, SyncMapOptions } from './pool/calls/map-call.ts'
export { AsyncResult, type Callbacks } from './pool/calls/async-result.ts'
export { Pool } from './pool/pool.ts'
export type { PoolOptions } from './pool/pool-options.ts'
export type { Progress, ProgressOptions } from './pool/progress/progress-option.ts'
export type { ResultStream } from './pool/streams/result-stream.ts'
export type { GeneratorOptions, StreamOptions } from './pool/streams/stream-call.ts'
export type { SyncTaskOptions, TaskOptions } from './pool/tasks/task-options.ts'
export type { PoolErrorMessage, PoolTaskMessage, PoolWorkerExitMessage, PoolWorkerMessage } from './pool/watching/channels.ts'
export type { PoolStats } from './pool/watching/counts.ts'
export type { Histogram } from './pool/watching/histogram.ts'
export type { PoolEvents } from './pool/watching/pool-events.ts'
export type { TaskInfo, WorkerInfo } from './pool/watching/reports.ts'
export type { Trace } from './pool/watching/trace-file.ts'
export { taskSignal } from './pool/worker/task-signal.ts'
export { type Diagnostics, diagnostics } from './process/diagnostics.ts'
export { currentProcess, parentProcess, type ProcessHandle } from './process/handles.ts'
export { getLogger, type Logger, type LogLevel, type LogRecord, logToStderr } from './process/log.ts'
export { setExecutable } from './process/methods/executable.ts'
export { type PreloadErrors, setForkserverPreload } from './process/methods/forkserver.ts'
export { activeChildren, Process } from './process/process.ts'
export type { ProcessOptions } from './process/process-options.ts'
export { fork } from './process/raw-fork.ts'
export type { ProcessSentinel } from './process/sentinel.ts'
export { getAllStartMethods, getStartMethod, setStartMethod, type StartMethod } from './process/start-method.ts'
export { JoinableQueue } from './queue/joinable-queue.ts'
export { Queue, type QueueOptions } from './queue/queue.ts'
export { SimpleQueue } from './queue/simple-queue.ts'
export { Barrier, type BarrierOptions } from './sync/barrier.ts'
export { BoundedSemaphore } from './sync/bounded-semaphore.ts'
export { Condition } from './sync/condition.ts'
export { Event } from './sync/event.ts'
export { Lock } from './sync/lock.ts'
export type { Acquirable, Holdable } from './sync/parts/holding.ts'
export type { Closable } from './sync/parts/shared-object.ts'
export { RLock } from './sync/rlock.ts'
export { Semaphore } from './sync/semaphore.ts'
export type { ShareableItem } from './value/named/list-items.ts'
export { ShareableList, type ShareableListOptions } from './value/named/shareable-list.ts'
export { type AttachOptions, SharedMemory, type SharedMemoryOptions } from './value/named/shared-memory.ts'
export { closeShared, lockOf, setChecked, share, type TypedArray } from './value/array-functions.ts'
export type { LockOption } from './value/lock-option.ts'
export type { ScalarArrays, ScalarType, ScalarValue } from './value/scalar-types.ts'
export { RawArray, SharedArray } from './value/shared-array.ts'
export type { StructArray } from './value/struct/struct-array.ts'
export { defineStruct, type FieldValue, type Struct, type StructFields, type StructValue } from './value/struct/layout.ts'
export { RawValue, Value } from './value/value.ts'
export { type Reducible, rebuild, reduce, registerClass } from './wire/classes.ts'
export { type AnyFunction, type FunctionReference, reference } from './wire/function-reference.ts'
