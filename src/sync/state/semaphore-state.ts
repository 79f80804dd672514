// A semaphore's count, and who holds permits that come back when they die.
//
//   state    count << 13 | what moves: 0, or the place of a holder (8 bits), which way (1), and how often its entry had changed (4)
//   holders  a block of 255 places: a name, and an entry = a number of changes << 12 | permits held
//
// `acquire` and `release` change the count and leave the rest of the word alone. A permit that is *held* moves between the count and
// the holder's entry, which are two words, so it moves in three steps of one exchange each, and whoever comes by can do the next:
//
//   1  state: count ∓ 1 and what moves     2  entry: one change more, permits ± 1     3  state: nothing moves
//
// The entry counts its changes, and the state says what that number was: so step 2 happens once, whoever and however many do it. A
// holder that dies leaves its permits in its entry; `repairSemaphore` moves them back one by one, in the same three steps, and if that
// one dies, too, somebody else goes on where it was. (Helping: Harris, Fraser and Pratt, "A practical multi-word compare-and-swap
// operation", 2002, made as small as two words with one owner allow.)
//
// What is not excluded, but left to chance: four bits of the number of changes are in the state. A helper that stands still between two
// instructions while a holder moves a multiple of sixteen permits, and finds the same count and a move on its way again, ends that move
// before it has happened: then a permit is lost. Helpers come only to a move that has been on its way for some time.
import type { OwnerId } from '../../memory/identity.ts'
import { WORD_BYTES } from '../../memory/layout.ts'
import { exchange, load, store, type Words } from '../../memory/words.ts'
import { adoptExtension, extensionAt, extensionStart, extensionWords, makeExtension } from './extension.ts'
import { type Repair, STRUCK } from './places.ts'
import { OWN, type ObjectWords, STATE } from './object-layout.ts'

const COUNT_SHIFT = 13
const ONE = 1 << COUNT_SHIFT
const MOVING = ONE - 1
const PLACE = 255
const TO_COUNT = 1 << 8
const CHANGES_SHIFT = 9
const CHANGES = 15
const PERMITS = 0xfff
const PERMIT_BITS = 12
const ONE_CHANGE = 1 << PERMIT_BITS
/** Looks at a move of somebody else's before it is helped: mostly it is over by then. */
const PATIENCE = 50

/** The most permits that a semaphore can have. */
export const MAX_COUNT = 2 ** (32 - COUNT_SHIFT) - 1
/** Threads that hold permits with `hold` or `run` at the same time. */
const MAX_HOLDERS = PLACE

export const HOLDERS = OWN
const MOST = OWN + 1
const WORDS_PER_HOLDER = 2
const HOLDERS_BYTES = (MAX_HOLDERS * WORDS_PER_HOLDER + WORDS_PER_HOLDER) * WORD_BYTES

/** The count: how many permits there are to take. */
export function countOf({ words, base }: ObjectWords): number {
  return load(words, base + STATE) >>> COUNT_SHIFT
}

/** Before anybody else knows the semaphore. */
export function setCount({ words, base }: ObjectWords, count: number, most: number): void {
  store(words, base + STATE, count << COUNT_SHIFT)
  store(words, base + MOST, most)
}

/** The most permits that this one can have. */
export function mostOf({ words, base }: ObjectWords): number {
  return load(words, base + MOST)
}

/** True: it took one. */
export function takePermit({ words, base }: ObjectWords): boolean {
  for (let now = load(words, base + STATE); now >>> COUNT_SHIFT > 0; now = load(words, base + STATE)) {
    if (exchange(words, base + STATE, now, now - ONE)) return true
  }
  return false
}

/** False: there would be more than `most`, and nothing was done. Afterwards the caller wakes who waits. */
export function givePermits({ words, base }: ObjectWords, permits: number, most: number): boolean {
  for (;;) {
    const now = load(words, base + STATE)
    if ((now >>> COUNT_SHIFT) + permits > most) return false
    if (exchange(words, base + STATE, now, now + (permits << COUNT_SHIFT))) return true
  }
}

/** A holder's place for `me`, which may have one already; -1: there is no room. */
export function claimHolder(object: ObjectWords, me: OwnerId): number {
  if (extensionAt(object, HOLDERS) === 0) makeExtension(object, HOLDERS, HOLDERS_BYTES, me)
  const words = holderWords(object)
  let vacant = -1
  for (let place = 1; place <= MAX_HOLDERS; place += 1) {
    const name = load(words, holderIndex(object, place))
    if (name === me) return place
    if (name === 0 && vacant === -1) vacant = place
  }
  for (let place = vacant; place !== -1 && place <= MAX_HOLDERS; place += 1) {
    if (exchange(words, holderIndex(object, place), 0, me)) return place
  }
  return -1
}

/** True: a permit moved from the count to the holder at `place`, whose bearer alone calls this. */
export function holdPermit(object: ObjectWords, place: number): boolean {
  const { words, base } = object
  for (;;) {
    const now = finishMove(object)
    if (now >>> COUNT_SHIFT === 0) return false
    const entry = load(holderWords(object), holderIndex(object, place) + 1)
    if (!exchange(words, base + STATE, now, now - ONE + moveOf(place, entry, 0))) continue
    finishMove(object, 0)
    return true
  }
}

/** Whether the holder at `place` cannot have one more. */
export function isFull(object: ObjectWords, place: number): boolean {
  return heldBy(object, place) === PERMITS
}

/**
 * Moves one permit back; or lets go of it, where there are as many as there can be: somebody has given back what was not taken. False: the
 * holder at `place` has none. Afterwards the caller wakes who waits.
 */
export function returnPermit(object: ObjectWords, place: number): boolean {
  const { words, base } = object
  for (;;) {
    const now = finishMove(object)
    const entry = load(holderWords(object), holderIndex(object, place) + 1)
    if ((entry & PERMITS) === 0) return false
    if (now >>> COUNT_SHIFT >= mostOf(object)) {
      exchange(holderWords(object), holderIndex(object, place) + 1, entry, (entry + ONE_CHANGE - 1) | 0)
      return true
    }
    // Only while the entry is as it was read and nothing moves is there a permit in it to move.
    if (!exchange(words, base + STATE, now, now + ONE + moveOf(place, entry, TO_COUNT))) continue
    finishMove(object, 0)
    return true
  }
}

/** How many permits the holder at `place` has. */
export function heldBy(object: ObjectWords, place: number): number {
  return load(holderWords(object), holderIndex(object, place) + 1) & PERMITS
}

/** `me` holds nothing any more: others may have its place. */
export function vacateHolder(object: ObjectWords, place: number, me: OwnerId): void {
  exchange(holderWords(object), holderIndex(object, place), me, 0)
}

/** Gives back what the dead hold. Looks at `count` holders from `from` on. True: there was something. */
export function repairSemaphore(object: ObjectWords, repair: Repair, from = 0, count = MAX_HOLDERS): boolean {
  adoptExtension(object, HOLDERS, repair.isDead)
  if (extensionAt(object, HOLDERS) === 0) return false
  let found = false
  for (let step = 0; step < count; step += 1) {
    if (repairHolder(object, repair, 1 + ((from + step) % MAX_HOLDERS))) found = true
  }
  return found
}

function repairHolder(object: ObjectWords, { isDead, me }: Repair, place: number): boolean {
  const words = holderWords(object)
  const index = holderIndex(object, place)
  const name = load(words, index)
  // Who repairs takes the dead one's place, so that only one does: if that one dies, too, the next takes its.
  if (name === 0 || !isDead(name & ~STRUCK) || !exchange(words, index, name, me | STRUCK)) return false
  finishMove(object)
  let found = false
  while (returnPermit(object, place)) found = true
  exchange(words, index, me | STRUCK, 0)
  return found
}

/** Does what is left of a move that is on its way. Returns the state without one. */
function finishMove(object: ObjectWords, patience = PATIENCE): number {
  const { words, base } = object
  for (let looks = 0; ; looks += 1) {
    const now = load(words, base + STATE)
    if ((now & MOVING) === 0) return now
    if (looks < patience) continue
    changeEntry(object, now)
    // The count may have changed, the move has not: nobody begins one while another is on its way.
    exchange(words, base + STATE, now, now & ~MOVING)
  }
}

/** Step 2, once. */
function changeEntry(object: ObjectWords, state: number): void {
  const { words, base } = object
  const index = holderIndex(object, state & PLACE) + 1
  const entry = load(holderWords(object), index)
  if (changesOf(entry) !== ((state >>> CHANGES_SHIFT) & CHANGES)) return
  // Read while the move was on its way: so the entry is as it was before it, and not as some later one finds it.
  if ((load(words, base + STATE) & MOVING) !== (state & MOVING)) return
  exchange(holderWords(object), index, entry, (entry + ONE_CHANGE + ((state & TO_COUNT) !== 0 ? -1 : 1)) | 0)
}

function moveOf(place: number, entry: number, way: number): number {
  return place | way | (changesOf(entry) << CHANGES_SHIFT)
}

function changesOf(entry: number): number {
  return (entry >>> PERMIT_BITS) & CHANGES
}

function holderWords(object: ObjectWords): Words {
  return extensionWords(extensionAt(object, HOLDERS))
}

function holderIndex(object: ObjectWords, place: number): number {
  return extensionStart(extensionAt(object, HOLDERS)) + place * WORDS_PER_HOLDER
}
