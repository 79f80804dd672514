// The list of those who wait for an object: places of two words, a name (0: vacant) and a mark that means what the kind of object
// makes of it. Four are in the object's block, the others in its extension, which is made when they are needed.
//
//   claim   `reach`, behind which walks end, the name by an exchange, and `reach` again; its bearer sets the mark afterwards
//   vacate  the name := 0; the mark stays, for nobody to read
//   strike  the name of a dead one := STRUCK by me, then 0. Only one does it at a time; if that one dies, the next strikes its name
//
// `reach` may say too much, never too little for a name whose bearer has come out of `claim`.
import type { OwnerId } from '../../memory/identity.ts'
import { SLOT_COUNT, WORD_BYTES } from '../../memory/layout.ts'
import { exchange, load, raise, store, type Words } from '../../memory/words.ts'
import { extensionAt, extensionStart, extensionWords, makeExtension } from './extension.ts'
import { EXTENSION, FIRST_PLACE, type ObjectWords, REACH } from './object-layout.ts'

const IN_BLOCK = 4
const WORDS_PER_PLACE = 2
/** In the extension: one for each thread that there can be. */
const IN_EXTENSION = SLOT_COUNT
const EXTENSION_BYTES = IN_EXTENSION * WORDS_PER_PLACE * WORD_BYTES
export const MOST_PLACES = IN_BLOCK + IN_EXTENSION
const NOBODY = 0
const OWNER = 0x1fffffff
/** Beside the name of one who clears the place of a dead one. */
export const STRUCK = 1 << 29

/** Who repairs, and whom it takes for dead. */
export interface Repair {
  readonly me: OwnerId
  isDead(owner: OwnerId): boolean
}

/** A place for `me`; -1: all are taken. */
export function claimPlace(object: ObjectWords, me: OwnerId): number {
  for (let place = 0; place < MOST_PLACES; place += 1) {
    if (place === IN_BLOCK && extensionAt(object, EXTENSION) === 0) makeExtension(object, EXTENSION, EXTENSION_BYTES, me)
    const words = wordsOf(object, place)
    const index = indexOf(object, place)
    if (load(words, index) !== NOBODY) continue
    // Before, so that a reaper finds the name of one who dies in between; and after, for whoever cleared it in between.
    raise(object.words, object.base + REACH, place + 1)
    if (!exchange(words, index, NOBODY, me)) continue
    raise(object.words, object.base + REACH, place + 1)
    return place
  }
  return -1
}

/** `owner`'s own place. */
export function vacatePlace(object: ObjectWords, place: number, owner: OwnerId): void {
  exchange(wordsOf(object, place), indexOf(object, place), owner, NOBODY)
}

/** How far a walk over the places goes. */
export function reachOf({ words, base }: ObjectWords): number {
  return load(words, base + REACH)
}

/** 0: vacant, or being struck out. */
export function nameAt(object: ObjectWords, place: number): OwnerId {
  const name = load(wordsOf(object, place), indexOf(object, place))
  return (name & STRUCK) === 0 ? name : NOBODY
}

export function markAt(object: ObjectWords, place: number): number {
  return load(wordsOf(object, place), indexOf(object, place) + 1)
}

export function setMark(object: ObjectWords, place: number, mark: number): void {
  store(wordsOf(object, place), indexOf(object, place) + 1, mark)
}

/** False: the mark is no longer `from`. */
export function changeMark(object: ObjectWords, place: number, from: number, to: number): boolean {
  return exchange(wordsOf(object, place), indexOf(object, place) + 1, from, to)
}

/** All names, once for each place. */
export function allNames(object: ObjectWords): OwnerId[] {
  const reach = reachOf(object)
  const names: OwnerId[] = []
  for (let place = 0; place < reach; place += 1) {
    const name = nameAt(object, place)
    if (name !== NOBODY) names.push(name)
  }
  return names
}

/** Takes the place of one who is dead, so that nobody else clears it. False: it is vacant, or a living one's. `endStriking` follows. */
export function beginStriking(object: ObjectWords, place: number, { isDead, me }: Repair): boolean {
  const name = load(wordsOf(object, place), indexOf(object, place))
  if (name === NOBODY || !isDead(name & OWNER)) return false
  return exchange(wordsOf(object, place), indexOf(object, place), name, me | STRUCK)
}

export function endStriking(object: ObjectWords, place: number, me: OwnerId): void {
  exchange(wordsOf(object, place), indexOf(object, place), me | STRUCK, NOBODY)
}

/** Takes the names of the dead out. True: there were some. */
export function strikeOut(object: ObjectWords, repair: Repair): boolean {
  const reach = reachOf(object)
  let found = false
  for (let place = 0; place < reach; place += 1) {
    if (!beginStriking(object, place, repair)) continue
    endStriking(object, place, repair.me)
    found = true
  }
  return found
}

function wordsOf(object: ObjectWords, place: number): Words {
  return place < IN_BLOCK ? object.words : extensionWords(extensionAt(object, EXTENSION))
}

function indexOf(object: ObjectWords, place: number): number {
  if (place < IN_BLOCK) return object.base + FIRST_PLACE + place * WORDS_PER_PLACE
  return extensionStart(extensionAt(object, EXTENSION)) + (place - IN_BLOCK) * WORDS_PER_PLACE
}
