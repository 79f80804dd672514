// Processes that are none: several arenas over one memory in one process, so that one of them can die and another reap it.
import { Arena } from '../../src/memory/arena.ts'
import { checkArena } from '../../src/memory/check.ts'
import type { OwnerId } from '../../src/memory/identity.ts'

/** An arena over the same memory in a slot of its own, a child of `parent`. */
export function childOf(parent: Arena): Arena {
  const id = parent.slots.idOf(parent.slots.claim(parent.me))
  return Arena.attach(parent.source, id, 1000 + id)
}

/** Throws what `checkArena` finds. */
export function assertSound(arena: Arena): void {
  const { problems } = checkArena(arena)
  if (problems.length > 0) throw new Error(`The arena is damaged:\n  ${problems.join('\n  ')}`)
}

export function reap(reaper: Arena, dead: OwnerId): void {
  if (!reaper.reaper.reap(dead, reaper.me)) throw new Error(`Owner ${dead} could not be reaped`)
}
