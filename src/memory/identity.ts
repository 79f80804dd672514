// Who owns something: a slot of the process table and the generation of its use, in 29 bits, so that a state of three bits fits
// beside it in one word and both change in one step. Never a pid: pids are reused, and a dead Worker leaves its pid alive.

/** generation << 12 | slot. Zero is nobody. */
export type OwnerId = number

const SLOT_BITS = 12
const GENERATION_MASK = 0x1ffff
const OWNER_MASK = 0x1fffffff
const STATE_SHIFT = 29
const FREEING = 1 << 29

export function ownerIdOf(slot: number, generation: number): OwnerId {
  return ((generation & GENERATION_MASK) << SLOT_BITS) | slot
}

export function slotOf(owner: OwnerId): number {
  return owner & ((1 << SLOT_BITS) - 1)
}

export function generationOf(owner: OwnerId): number {
  return owner >>> SLOT_BITS
}

/** The generation after this one; 0 is never used, so that no owner's id is 0. */
export function nextGeneration(generation: number): number {
  return (generation + 1) & GENERATION_MASK || 1
}

/** Slot 0 is no process's: what it owns belongs to the whole tree and lives until somebody frees it. */
export const THE_TREE: OwnerId = ownerIdOf(0, 1)

/** The same for blocks of locks and their like, in which reapers look for the dead: see `sync/README.md`. */
export const SHARED_OBJECT: OwnerId = ownerIdOf(0, 2)

/** The same for headers of queues: see `queue/README.md`. */
export const QUEUE: OwnerId = ownerIdOf(0, 3)

/** What stands in a block's owner word while its last owner gives it back: nobody can take it over any more. */
export function freeingBy(owner: OwnerId): OwnerId {
  return owner | FREEING
}

/** A word that says a state and, beside it, whose it is or how many. */
export function stateWord(state: number, value: number): number {
  return (state << STATE_SHIFT) | (value & OWNER_MASK)
}

export function stateOf(word: number): number {
  return word >>> STATE_SHIFT
}

export function valueOf(word: number): number {
  return word & OWNER_MASK
}
