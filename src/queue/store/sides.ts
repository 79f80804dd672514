// The lock of a side, and what has passed it. A store with one lock has it on the *in* side.
import type { OwnerId } from '../../memory/identity.ts'
import { exchange, load, store, type Words } from '../../memory/words.ts'
import { CONTENDED, COUNT, LOCK } from './layout.ts'

const NOBODY = 0

/** False: somebody else has it, who will see that it was wanted. */
export function lockSide(words: Words, side: number, me: OwnerId): boolean {
  if (exchange(words, side + LOCK, NOBODY, me)) return true
  // In this order: whoever still has it afterwards reads the word after giving it back.
  store(words, side + CONTENDED, 1)
  return exchange(words, side + LOCK, NOBODY, me)
}

/** For who looks again and again: an attempt would take the lock's cache line from whoever has it, and have others rung for nothing. */
export function isLocked(words: Words, side: number): boolean {
  return load(words, side + LOCK) !== NOBODY
}

/** True: it was wanted meanwhile, and one of those who wait is to be woken. */
export function unlockSide(words: Words, side: number): boolean {
  store(words, side + LOCK, NOBODY)
  if (load(words, side + CONTENDED) === 0) return false
  store(words, side + CONTENDED, 0)
  return true
}

/** True: the lock was a dead one's, and is free now. */
export function unlockForDead(words: Words, side: number, isDead: (owner: OwnerId) => boolean): boolean {
  const owner = load(words, side + LOCK)
  return owner !== NOBODY && isDead(owner) && exchange(words, side + LOCK, owner, NOBODY)
}

export function countOf(words: Words, side: number): number {
  return load(words, side + COUNT)
}
