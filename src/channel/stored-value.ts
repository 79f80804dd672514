// A value in a block of its own, for as long as its owner keeps it: written once, read by whoever knows the block, as often as it
// is needed. So nothing in it is beside it.
import { MultiprocessingError } from '../base/errors.ts'
import { arena } from '../memory/arena.ts'
import type { Reference } from '../memory/segments.ts'
import { decodeMessage } from '../wire/messages.ts'
import { treeCapability } from '../wire/tree-capability.ts'
import type { ValueWriter } from '../wire/values/capability.ts'
import { attachmentsOf } from '../wire/values/decoder.ts'
import { encode } from '../wire/values/encoder.ts'
import { claimAttachment, dropAttachments } from './attachments.ts'
import { descriptorToSend, HANDLES_ONLY } from './descriptors.ts'
import './shared-locks.ts'
import { SHARED_BUFFERS } from './shared-values.ts'

/** The length comes first, in a word of its own; the value is aligned as its encoding wants it. */
const LENGTH_BYTES = 8

/** For messages that stay where they are. */
const STORED = treeCapability({
  receiver: 0,
  blocks: { storeBytes: () => null, takeBytes: noBlock, attachHandle: refuseHandle },
  shared: SHARED_BUFFERS,
})

function refuseHandle(buffer: ArrayBufferLike, writer: ValueWriter): null {
  if (descriptorToSend(buffer) === undefined) return null
  return writer.refuse('a connection cannot be a part of what several processes may read: pass it as an argument')
}

function noBlock(): never {
  throw new MultiprocessingError('A stored value names a block that only one can have', { code: 'ERR_BAD_MESSAGE' })
}

/** For what one process reads, once. */
const FOR_ONE = treeCapability({ receiver: 0, blocks: HANDLES_ONLY, shared: SHARED_BUFFERS })

/**
 * The value as bytes that one process will read, once, with `decodeForOne`. Descriptors are beside them: whoever does not know that they were
 * read calls `dropForOne` in the end. @throws NotSerializableError
 */
export function encodeForOne(value: unknown, root: string): Uint8Array {
  return new Uint8Array(encode(value, root, { capability: FOR_ONE }))
}

/** The value; a promise for it if modules have to be imported first. */
export function decodeForOne(message: Uint8Array): unknown {
  const { allocator } = arena()
  for (const attachment of attachmentsOf(message)) claimAttachment(attachment, allocator.entries.ownerOf(attachment.reference))
  return decodeMessage(message, 0, message.length, FOR_ONE)
}

/** By the thread that has encoded it. What was read stays with the one who has read it. */
export function dropForOne(message: Uint8Array): void {
  dropAttachments(attachmentsOf(message), arena().me)
}

/** The value as the bytes that `storeMessage` takes; valid until the next call of `encode`. `root` is how error messages call it. @throws NotSerializableError */
export function encodeStored(value: unknown, root: string): Uint8Array {
  return encode(value, root, { capability: STORED })
}

/** A block of this thread's that holds the message. */
export function storeMessage(message: Uint8Array): Reference {
  const reference = arena().allocate(LENGTH_BYTES + message.length)
  const block = arena().view(reference, LENGTH_BYTES + message.length)
  new DataView(block.buffer, block.byteOffset).setUint32(0, message.length, true)
  block.set(message, LENGTH_BYTES)
  return reference
}

/** Whether the block holds exactly this message. */
export function holdsMessage(reference: Reference, message: Uint8Array): boolean {
  const { block, length } = stored(reference)
  return length === message.length && Buffer.compare(block.subarray(LENGTH_BYTES, LENGTH_BYTES + length), message) === 0
}

/** The value in a block that `storeMessage` filled, here or in another process; a promise for it if modules have to be imported first. */
export function loadValue(reference: Reference): unknown {
  const { block, length } = stored(reference)
  return decodeMessage(block, LENGTH_BYTES, length, STORED)
}

function stored(reference: Reference): { block: Uint8Array; length: number } {
  const block = arena().view(reference, arena().allocator.capacityOf(reference))
  return { block, length: new DataView(block.buffer, block.byteOffset).getUint32(0, true) }
}
