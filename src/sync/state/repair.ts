// What the dead leave in shared objects, and how it is put right. Two come to it: whoever reaps a dead process or thread looks into every
// object of the arena, and whoever waits for an object looks into that one every 50 ms, for the reaper may be blocked, or dead itself.
// Every step may be repeated and done by several at once.
import type { Arena } from '../../memory/arena.ts'
import { type OwnerId, SHARED_OBJECT } from '../../memory/identity.ts'
import { load } from '../../memory/words.ts'
import type { Reference } from '../../memory/segments.ts'
import { repairBarrier } from './barrier-state.ts'
import { repairCondition } from './condition-state.ts'
import { adoptExtension } from './extension.ts'
import { repairLock } from './lock-state.ts'
import { type Repair, strikeOut } from './places.ts'
import { forgetDeadNext, longestWaiting } from './waiting-list.ts'
import { repairSemaphore } from './semaphore-state.ts'
import {
  BLOCK_BYTES,
  EXTENSION,
  KIND,
  KIND_BARRIER,
  KIND_CONDITION,
  KIND_LOCK,
  KIND_RLOCK,
  KIND_SEMAPHORE,
  KIND_WORD,
  type ObjectWords,
} from './object-layout.ts'
import { objectAt } from './shared-block.ts'

/** True: something was put right that others may be waiting for. */
function repairObject(object: ObjectWords, repair: Repair): boolean {
  adoptExtension(object, EXTENSION, repair.isDead)
  const kind = load(object.words, object.base + KIND)
  if (kind === KIND_BARRIER) return repairBarrier(object, repair)
  if (kind === KIND_CONDITION) return repairCondition(object, repair)
  const wasThere = strikeOut(object, repair)
  forgetDeadNext(object, repair)
  if (kind === KIND_LOCK || kind === KIND_RLOCK) return repairLock(object, repair) || wasThere
  if (kind === KIND_SEMAPHORE) return repairSemaphore(object, repair) || wasThere
  return wasThere
}

/** A waiter looks at so many places of the dead at a time: each is a system call, and the others who wait look at others. */
const LOOKS = 4
const LOOKS_AT_HOLDERS = 32

/**
 * What a waiter does for itself: it looks at those on whom its progress depends. `turn` counts its looks, so that it comes to all. True:
 * something was put right.
 */
export function rescueObject(object: ObjectWords, repair: Repair, turn: number): boolean {
  const kind = load(object.words, object.base + KIND)
  if (kind === KIND_BARRIER) return repairBarrier(object, repair, turn * LOOKS, LOOKS)
  if (kind === KIND_CONDITION) return repairCondition(object, repair, turn * LOOKS, LOOKS)
  if (kind !== KIND_LOCK && kind !== KIND_RLOCK && kind !== KIND_SEMAPHORE && kind !== KIND_WORD) return false
  // Whoever is woken next: if it is dead, nobody is.
  const next = longestWaiting(object)
  const isNextDead = next !== 0 && repair.isDead(next) && strikeOut(object, { ...repair, isDead: owner => owner === next })
  if (kind === KIND_WORD) return isNextDead
  if (kind !== KIND_SEMAPHORE) return repairLock(object, repair) || isNextDead
  return repairSemaphore(object, repair, turn * LOOKS_AT_HOLDERS, LOOKS_AT_HOLDERS) || isNextDead
}

/** Puts right what `dead` left in all objects of the arena. `repaired` is called for those that others may be waiting for. */
export function repairAll(arena: Arena, dead: OwnerId, me: OwnerId, repaired: (object: ObjectWords) => void): void {
  const repair: Repair = { me, isDead: owner => owner === dead }
  arena.reaper.forEachBlock(BLOCK_BYTES, SHARED_OBJECT, (reference: Reference) => {
    const object = objectAt(reference)
    if (repairObject(object, repair)) repaired(object)
  })
}
