// What pool and worker say to each other. Tasks go out through one ring that all workers take from, results come home through a
// ring of each worker's own; the kinds below are the words of both. What must not wait in a ring is in the seat (seat-words.ts).
import type { ChildArgument } from '../process/inside/child-argument.ts'

/** The payload is the list of arguments of one call. */
export const TASK_CALL = 0
/** The payload is a list of items, one call each; the first failure ends the chunk. */
export const TASK_MAP = 1
/** The same, but each item has an outcome of its own, which is sent as soon as it is there. */
export const TASK_STREAM = 2
/** The payload is [how many items it may run ahead, the list of arguments]; what the function returns is iterated, and each item sent. */
export const TASK_GENERATOR = 3
/** A bit of a task's kind: arguments are spread over the call's parameters, each item of a chunk being a list of them. */
export const SPREAD = 0x100
/** A bit: the worker says when it begins. */
export const ANNOUNCED = 0x200
/** A bit: the payload is a StoredPayload, since what is stored there may be needed again. */
export const STORED = 0x400
/** The block of a stored message that holds what would be the payload, and its generation: the block may be gone. */
export type StoredPayload = readonly [reference: number, generation: number]
export const KIND_MASK = 0xff

/** The payload is what the task returned; of a chunk, the list of what its calls returned. It ends the task. */
export const RESULT_VALUE = 0
/** The payload is a ThrownDescription. It ends the task. */
export const RESULT_THROWN = 1
/** One item of a task whose items have outcomes of their own; what it is, or the ThrownDescription of what its call threw. */
export const RESULT_ITEM = 2
export const RESULT_ITEM_THROWN = 3
/** The worker has begun with an announced task; without a payload, its place in the seat for a time. */
export const RESULT_STARTED = 4
/** Of no task: the initializer threw, and the worker is about to end. */
export const RESULT_NO_START = 5

/** Why a task is called off. */
export const CANCEL_ABORTED = 1
export const CANCEL_TIMEOUT = 2
export const CANCEL_TERMINATED = 3

/** The id that no task has. */
export const NO_TASK = 0

export interface WorkerArgument extends ChildArgument {
  /** Blocks, by reference: the pool's task ring, this worker's result ring, and its seat. */
  readonly tasks: number
  readonly results: number
  readonly seat: number
  /** The thread that has the pool: an OwnerId. */
  readonly poolThread: number
  /** Tasks that return promises it may run at once. */
  readonly concurrency: number
  /** [the function, its arguments], of `encodeForOne`; null: none. */
  readonly initializer: Uint8Array | null
  /** Infinity: none. */
  readonly maxTasks: number
  readonly maxMemory: number
}
