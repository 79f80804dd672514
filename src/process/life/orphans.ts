// Children of children. Whoever started a process reaps it; if that one ended first, whoever looks next does. An orphan ends by
// itself, since it watches its parent, but it may take its time: so it is looked for again whenever a child starts or ends.
import { constants } from 'node:os'
import { arena, arenaDescriptor, isSlotAlive } from '../../memory/arena.ts'
import { type OwnerId, slotOf, THE_TREE } from '../../memory/identity.ts'
import { SLOT_ALIVE, SLOT_FREE } from '../../memory/process-table.ts'
import { native } from '../../native/load.ts'

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

/** A killed process is gone in a few ms; one that the kernel cannot end (it waits for a device) is not waited for any longer. */
const LONGEST_END = 2000
/** poll(2)'s word for a pidfd whose process has ended. */
export const POLL_IN = 1

/**
 * Ends the children of one who has ended, and theirs, and reaps them. They would end by themselves, but what belongs to the dead one
 * (the rings that it and its children shared, first of all) is about to be freed, and a child that still lives would write into it when
 * it is somebody else's. Waiting: until they are gone, a few ms.
 */
export function endFamilyOf(dead: OwnerId): void {
  const { slots, reaper, me } = arena()
  for (let slot = 1; slot < slots.limit; slot += 1) {
    const id = slots.idOf(slot)
    if (slots.stateAt(slot) !== SLOT_ALIVE || slots.responsibleFor(slot) !== slotOf(dead) || slot === slotOf(dead)) continue
    endProcess(id)
    endFamilyOf(id)
    reaper.reap(id, me)
  }
}

/** Kills the process that has its place under this id, if there is one. Waiting: until it is gone. */
export function endProcess(id: OwnerId): void {
  const pid = native().byteLockOwner(arenaDescriptor(), id)
  if (pid <= 0) return
  let pidfd: number
  try {
    pidfd = native().pidfdOpen(pid)
  } catch {
    return // Gone between the two calls.
  }
  try {
    // The lock's holder still, so the pid is not another's by now.
    if (native().byteLockOwner(arenaDescriptor(), id) !== pid) return
    native().pidfdSignal(pidfd, constants.signals.SIGKILL)
    native().pollDescriptor(pidfd, POLL_IN, LONGEST_END)
  } finally {
    native().close(pidfd)
  }
}
