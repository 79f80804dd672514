// What a channel may carry beside plain data is decided by the capability that its two ends hold. Without one (`null`) nothing is
// imported, no code is built and no memory of the arena is named: functions, classes and large blocks are refused on both sides.
import type { AnyFunction } from '../function-reference.ts'

/** The power to send and to receive functions, classes and blocks of the arena: only for channels inherited inside one tree. */
export interface Capability {
  /** Writes everything about a function or class that follows its tag. Refuses with `writer.refuse`. */
  writeFunction(writer: ValueWriter, fn: AnyFunction): void
  /** Whether every process has the object under a name of its own, as `Math` and `process`. Then `writeFunction` writes it. */
  isKnown?(value: object): boolean
  /** Reads what `writeFunction` wrote. Calls `reader.fill` as soon as the function exists, before it reads what may refer to it. */
  readFunction(reader: ValueReader): AnyFunction
  /** Refuses, with `writer.refuse`, an instance of a class that cannot be rebuilt from its properties, for its fields are private. */
  checkInstance?(writer: ValueWriter, cls: AnyFunction): void
  /** What `import()` of a module that a message lists gave; undefined: it is not loaded yet. */
  loadedModule(key: string): object | undefined
  /** A block of the arena with a copy of the bytes, owned by this thread; null: too few to be worth it, write them inline. */
  storeBytes(bytes: Uint8Array): Attachment | null
  /** The memory of an attachment, which is the receiver's from now on: of a large one the block itself, of a smaller one a copy. */
  takeBytes(attachment: Attachment): ArrayBuffer
  /** What stands beside the message for a buffer that is no bytes but a handle of something that travels; null: it is an ordinary one. */
  attachHandle?(writer: ValueWriter, buffer: ArrayBufferLike): Attachment | null
  /** What stands for a buffer in shared memory, which then is not copied; null: it is an ordinary one. */
  nameShared?(buffer: ArrayBufferLike): unknown
  /** The buffer that `nameShared` named. */
  findShared?(name: unknown): ArrayBuffer
}

/** The length of buffers that are handles: no attachment of bytes is as short. */
export const HANDLE_BYTES = 8

/** A block beside a message. */
export interface Attachment {
  readonly reference: number
  readonly generation: number
  readonly byteLength: number
}

/**
 * A step on the path to a value, as error messages show it: an index `[3]`, a property `.name`, or a label `‹variable factor›`
 * for what has no syntax of its own.
 */
export type PathStep = number | string | { readonly label: string }

/** The encoder as those see it who write a part of a message. */
export interface ValueWriter {
  /** How the receiver may be trusted; null: with data only. */
  readonly capability: Capability | null
  byte(value: number): void
  uint32(value: number): void
  /** Any string, with its length. */
  string(text: string): void
  /** Any value, with its tag. `step` leads to it from the value that is being written. */
  value(value: unknown, step: PathStep): void
  /** The number of a module that the receiver has to load before it decodes; the same key has the same number in one message. */
  module(key: string): number
  /** Writes a message that was encoded before, by itself, with the same capability. It must list no attachments. */
  nested(message: Uint8Array): void
  /** @throws NotSerializableError for the value that is being written, with the path to it */
  refuse(reason: string): never
}

/** The decoder as those see it who read a part of a message. Everything throws `ERR_BAD_MESSAGE` for what no encoder wrote. */
export interface ValueReader {
  byte(): number
  uint32(): number
  string(): string
  value(): unknown
  /** What import() of the module with this number gave. */
  module(number: number): object
  nested(): unknown
  /** The object whose reading has begun exists from now on; values inside it may refer to it. */
  fill(object: object): void
  /** @throws MultiprocessingError `ERR_BAD_MESSAGE` */
  bad(reason: string): never
}
