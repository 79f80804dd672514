// Whether somebody who is named in shared memory still lives, as the kernel says and not as the process table does: a slot is
// reaped by its parent, which may be blocked itself, waiting for what the dead one held.
import { arena, isSlotAlive } from '../../memory/arena.ts'
import { type OwnerId, slotOf } from '../../memory/identity.ts'

/** Waiting: not; a system call or two. */
export function isOwnerDead(owner: OwnerId): boolean {
  const { slots, me } = arena()
  if (owner === me) return false
  if (!slots.isCurrent(owner)) return true
  const slot = slotOf(owner)
  const thread = slots.threadOf(slot)
  // Should the slot have become another's since, who lives, this one is found dead at the next look.
  return !isSlotAlive(slot) || (thread !== 0 && !isThreadAlive(thread))
}

/** Linux finds a thread by its number where a process is meant, too. */
function isThreadAlive(thread: number): boolean {
  try {
    process.kill(thread, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
