// Children of children. Whoever started a process reaps it; if that one ended first, whoever looks next does. An orphan ends by
// itself, since it watches its parent, but it may take its time: so it is looked for again whenever a child starts or ends.
import { arena, isSlotAlive } from '../memory/arena.ts'
import { slotOf, THE_TREE } from '../memory/identity.ts'
import { SLOT_ALIVE, SLOT_FREE } from '../memory/process-table.ts'

/** Reaps processes of this tree that have ended and whose parent was reaped before. `isMine`: a slot is a child's of this process. Returns how many. */
export function reapOrphans(isMine: (slot: number) => boolean): number {
  const { slots, reaper, me, slot: mySlot } = arena()
  let reaped = 0
  for (let slot = 1; slot < slots.limit; slot += 1) {
    // The id first: should the slot be another's by the time that it is reaped, nothing happens.
    const id = slots.idOf(slot)
    const parent = slots.responsibleFor(slot)
    if (slots.stateAt(slot) !== SLOT_ALIVE || parent === slotOf(THE_TREE)) continue
    // The parent's slot may be another's by now, who knows that the orphan is no child of its own.
    const isOrphan = parent === mySlot ? !isMine(slot) : slots.stateAt(parent) === SLOT_FREE
    if (isOrphan && !isSlotAlive(slot) && reaper.reap(id, me)) reaped += 1
  }
  return reaped
}
