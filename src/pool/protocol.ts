// What pool and worker say to each other. Tasks go out through one ring that all workers take from, results come home through a
// ring of each worker's own; the kinds below are the words of both.
import type { ChildArgument } from '../process/inside/child-argument.ts'
import type { ThrownDescription } from '../wire/remote-error.ts'

/** The payload is the list of arguments of one call. */
export const TASK_CALL = 0
/** The payload is a list of items, one call each; the first failure ends the chunk. */
export const TASK_MAP = 1
/** The same, but each item has an outcome of its own. */
export const TASK_STREAM = 2

/** The payload is what the task returned; of a chunk, the list of what its calls returned. */
export const RESULT_VALUE = 0
/** The payload is a ThrownDescription. */
export const RESULT_THROWN = 1
/** The payload is a ChunkOutcome: of a stream's chunk in which calls failed. */
export const RESULT_CHUNK = 2

export interface ChunkOutcome {
  readonly values: readonly unknown[]
  /** By their place in the chunk, whose value is undefined. */
  readonly failures: readonly { readonly index: number; readonly thrown: ThrownDescription }[]
}

export interface WorkerArgument extends ChildArgument {
  /** Blocks, by reference: the pool's task ring, this worker's result ring, and its seat. */
  readonly tasks: number
  readonly results: number
  readonly seat: number
  /** The thread that has the pool: an OwnerId. */
  readonly poolThread: number
}
