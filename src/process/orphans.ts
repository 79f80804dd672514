// Children of children. Whoever started a process reaps it; if that one ended first, whoever looks next does. An orphan ends by
// itself, since it watches its parent, but it may take its time: so it is looked for again whenever a child starts or ends.
import { arena, isSlotAlive } from '../memory/arena.ts'
import { THE_TREE } from '../memory/identity.ts'
import { SLOT_ALIVE } from '../memory/process-table.ts'

/** Reaps processes of this tree that have ended and whose parent was reaped before. Returns how many. */
export function reapOrphans(): number {
  const { slots, reaper, me } = arena()
  let reaped = 0
  for (let slot = 1; slot < slots.limit; slot += 1) {
    // The id first: should the slot be another's by the time that it is reaped, nothing happens.
    const id = slots.idOf(slot)
    if (slots.stateAt(slot) !== SLOT_ALIVE) continue
    const parent = slots.responsibleFor(slot)
    if (parent === THE_TREE || slots.isCurrent(parent) || isSlotAlive(slot)) continue
    if (reaper.reap(id, me)) reaped += 1
  }
  return reaped
}
