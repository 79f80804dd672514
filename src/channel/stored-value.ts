// A value in a block of its own, for as long as its owner keeps it: written once, read by whoever knows the block.
import { arena } from '../memory/arena.ts'
import type { Reference } from '../memory/segments.ts'
import { decode } from '../wire/decoder.ts'
import { encode } from '../wire/encoder.ts'

/** The length comes first, in a word of its own; the value is aligned as its encoding wants it. */
const LENGTH_BYTES = 8

/** A block of this thread's that holds the value. `name` is how error messages call it. @throws NotSerializableError */
export function storeValue(value: unknown, name: string): Reference {
  const bytes = encode(value, name)
  const reference = arena().allocate(LENGTH_BYTES + bytes.length)
  const block = arena().view(reference, LENGTH_BYTES + bytes.length)
  new DataView(block.buffer, block.byteOffset).setUint32(0, bytes.length, true)
  block.set(bytes, LENGTH_BYTES)
  return reference
}

/** The value in a block that `storeValue` filled, here or in another process. */
export function loadValue(reference: Reference): unknown {
  const block = arena().view(reference, arena().allocator.capacityOf(reference))
  const length = new DataView(block.buffer, block.byteOffset).getUint32(0, true)
  return decode(block, LENGTH_BYTES, length)
}
