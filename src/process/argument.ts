// What a parent tells a child before it runs: a block that belongs to the parent, whose place is written in the child's slot. The
// parent starts the child first and tells it afterwards, while it comes up; a child that is sooner waits.
import { arena } from '../memory/arena.ts'
import { native } from '../native/load.ts'
import { decode } from '../wire/decoder.ts'
import { encode } from '../wire/encoder.ts'

const LENGTH_BYTES = 8

/** @throws NotSerializableError */
export function writeArgument(slot: number, argument: unknown): void {
  const bytes = encode(argument, 'argument')
  const { slots } = arena()
  const reference = arena().allocate(LENGTH_BYTES + bytes.length)
  const block = arena().view(reference, LENGTH_BYTES + bytes.length)
  new DataView(block.buffer, block.byteOffset).setUint32(0, bytes.length, true)
  block.set(bytes, LENGTH_BYTES)
  slots.setArgument(slot, reference)
  native().futexWake(arena().root, slots.argumentWordOf(slot), 1) // Pairs with the wait in `readArgument`.
}

/** In the child. Waiting: blocks until the parent has told it; should the parent end before, this process is ended with it. */
export function readArgument(slot: number): unknown {
  const { allocator, slots, root } = arena()
  while (slots.argumentOf(slot) === 0) native().futexWait(root, slots.argumentWordOf(slot), 0, Infinity)
  const reference = slots.argumentOf(slot)
  const block = arena().view(reference, allocator.capacityOf(reference))
  const length = new DataView(block.buffer, block.byteOffset).getUint32(0, true)
  return decode(block, LENGTH_BYTES, length)
}

export function freeArgument(slot: number): void {
  const reference = arena().slots.argumentOf(slot)
  if (reference !== 0) arena().free(reference)
}
