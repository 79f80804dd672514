// What a parent tells a child before it runs: a block that belongs to the parent, whose place is written in the child's slot. The
// parent starts the child first and tells it afterwards, while it comes up; a child that is sooner waits.
import { arena } from '../memory/arena.ts'
import { GRANULE_BYTES } from '../memory/layout.ts'
import { granuleOf, segmentOf } from '../memory/segments.ts'
import { native } from '../native/load.ts'
import { decode } from '../wire/decoder.ts'
import { encode } from '../wire/encoder.ts'

const LENGTH_BYTES = 8

/** @throws NotSerializableError */
export function writeArgument(slot: number, argument: unknown): void {
  const bytes = encode(argument, 'argument')
  const { segments, slots } = arena()
  const reference = arena().allocate(LENGTH_BYTES + bytes.length)
  const block = segments.view(reference, LENGTH_BYTES + bytes.length)
  new DataView(block.buffer, block.byteOffset).setUint32(0, bytes.length, true)
  block.set(bytes, LENGTH_BYTES)
  slots.setArgument(slot, reference)
  native().futexWake(arena().root, slots.argumentWordOf(slot), 1) // Pairs with the wait in `readArgument`.
}

/** In the child. Waiting: blocks until the parent has told it; should the parent end before, this process is ended with it. */
export function readArgument(slot: number): unknown {
  const { segments, slots, root } = arena()
  while (slots.argumentOf(slot) === 0) native().futexWait(root, slots.argumentWordOf(slot), 0, Infinity)
  const reference = slots.argumentOf(slot)
  const segment = segments.bytes(segmentOf(reference))
  const start = granuleOf(reference) * GRANULE_BYTES
  const length = new DataView(segment.buffer, segment.byteOffset + start).getUint32(0, true)
  return decode(segment, start + LENGTH_BYTES, length)
}

export function freeArgument(slot: number): void {
  const reference = arena().slots.argumentOf(slot)
  if (reference !== 0) arena().free(reference)
}
