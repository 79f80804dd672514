// What a parent tells a child before it runs: a block that belongs to the parent, whose place is written in the child's slot. The
// parent starts the child first and tells it afterwards, while it comes up; a child that is sooner waits.
import { encodeStored, loadValue, storeMessage } from '../../channel/stored-value.ts'
import { arena } from '../../memory/arena.ts'
import { native } from '../../native/load.ts'

/** @throws NotSerializableError */
export function writeArgument(slot: number, argument: unknown): void {
  const { root, slots } = arena()
  slots.setArgument(slot, storeMessage(encodeStored(argument, 'argument')))
  native().futexWake(root, slots.argumentWordOf(slot), 1) // Pairs with the wait in `readArgument`.
}

/** In ms. */
const LOOK_EVERY = 100

/** In the child. Waiting: blocks until the parent has told it; should the parent end before, this process is ended with it. */
export function readArgument(slot: number, isOrphan: () => boolean): unknown {
  const { root, slots } = arena()
  while (slots.argumentOf(slot) === 0) {
    native().futexWait(root, slots.argumentWordOf(slot), 0, LOOK_EVERY)
    if (slots.argumentOf(slot) === 0 && isOrphan()) native().exitNow(1)
  }
  return loadValue(slots.argumentOf(slot))
}

export function freeArgument(slot: number): void {
  const { slots } = arena()
  const reference = slots.argumentOf(slot)
  if (reference === 0) return
  slots.setArgument(slot, 0)
  arena().free(reference)
}
