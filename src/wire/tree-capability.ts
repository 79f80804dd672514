// The capability of channels inside one tree of processes, all of which run the same program for the same user.
import type { OwnerId } from '../memory/identity.ts'
import type { AnyFunction } from './function-reference.ts'
import { hasPrivateFields } from './functions/private-fields.ts'
import { readFunction } from './functions/read-function.ts'
import { wellKnown } from './functions/variables.ts'
import { writeFunction } from './functions/write-function.ts'
import { loadedModule } from './modules/modules.ts'
import type { Attachment, Capability, ValueReader, ValueWriter } from './values/capability.ts'

/** Where large binary values go beside a message. */
export interface BlockStore {
  storeBytes(bytes: Uint8Array): Attachment | null
  takeBytes(attachment: Attachment): ArrayBuffer
  /** What stands beside the message for a handle; null: the buffer is none. */
  attachHandle?(buffer: ArrayBufferLike, writer: ValueWriter): Attachment | null
}

/** Buffers that all processes of the tree have, and that travel by name. */
export interface SharedBuffers {
  /** Null: the buffer is none of them. */
  nameOf(buffer: ArrayBufferLike): unknown
  /** @throws whatever the program is to hear when the memory is gone */
  find(name: unknown): ArrayBuffer
}

export interface Ends {
  /** The thread that the messages are for; 0: whoever takes them. */
  readonly receiver: OwnerId
  /** Null: everything is in the message itself, which may then be read any number of times. */
  readonly blocks: BlockStore | null
  /** Absent: every buffer is copied. */
  readonly shared?: SharedBuffers
}

/** Lets code, classes and blocks of the arena through. Only for channels that were inherited, never for what came over a wire. */
export function treeCapability({ receiver, blocks, shared }: Ends): Capability {
  return {
    writeFunction: (writer: ValueWriter, fn: AnyFunction) => writeFunction(writer, fn, receiver),
    readFunction: (reader: ValueReader) => readFunction(reader),
    isKnown: value => wellKnown(value) !== null,
    loadedModule,
    storeBytes: bytes => blocks?.storeBytes(bytes) ?? null,
    takeBytes: attachment => (blocks ?? NO_BLOCKS).takeBytes(attachment),
    attachHandle: (writer, buffer) => blocks?.attachHandle?.(buffer, writer) ?? null,
    checkInstance: checkPrivateFields,
    ...(shared && { nameShared: shared.nameOf, findShared: shared.find }),
  }
}

const NO_BLOCKS = {
  takeBytes(): never {
    throw new Error('A message that anybody may read names a block that only one can have')
  },
}

function checkPrivateFields(writer: ValueWriter, cls: AnyFunction): void {
  if (!hasPrivateFields(cls)) return
  writer.refuse(
    `an instance of ${cls.name || 'a class'} has private fields, which only its class can read: give the class [reduce]() and static [rebuild](), or register it`,
  )
}
