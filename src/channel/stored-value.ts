// A value in a block of its own, for as long as its owner keeps it: written once, read by whoever knows the block, as often as it
// is needed. So nothing in it is beside it.
import { arena } from '../memory/arena.ts'
import type { Reference } from '../memory/segments.ts'
import { decodeMessage } from '../wire/messages.ts'
import { treeCapability } from '../wire/tree-capability.ts'
import { encode } from '../wire/values/encoder.ts'
import './shared-locks.ts'
import { SHARED_BUFFERS } from './shared-values.ts'

/** The length comes first, in a word of its own; the value is aligned as its encoding wants it. */
const LENGTH_BYTES = 8

/** For messages that stay where they are. */
const STORED = treeCapability({ receiver: 0, blocks: null, shared: SHARED_BUFFERS })

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

/** The value of a message that `encodeStored` wrote; a promise as above. */
export function decodeStored(message: Uint8Array): unknown {
  return decodeMessage(message, 0, message.length, STORED)
}

function stored(reference: Reference): { block: Uint8Array; length: number } {
  const block = arena().view(reference, arena().allocator.capacityOf(reference))
  return { block, length: new DataView(block.buffer, block.byteOffset).getUint32(0, true) }
}
