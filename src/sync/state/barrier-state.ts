// A barrier is one word, and a list of who stands at it.
//
//   generation (14 bits) | last one broken | broken | acting | arrived (12 bits)
//
//   arrive    arrived + 1; the last one sets `acting` with it, and runs the action
//   pass      acting → the next generation, arrived 0: all who arrived in the one before may go
//   break     broken, in this generation: all who stand at it get an error, and so does who comes, until `reset`
//   reset     the next generation, arrived 0, `last one broken`: who still stands at it from before gets an error
//
// A wait has a place in the list from beginning to end. Its mark is 0 until it arrives, then its generation + 1, written before it counts
// as arrived, and LEFT at the end. Nobody arrives in a generation while a mark of the one before is in the list, as in Python: so the
// outcome of one generation is enough to remember. A name whose bearer died breaks the barrier if it was to arrive, or has arrived in the
// generation that is filling.
import type { OwnerId } from '../../memory/identity.ts'
import { exchange, load, store } from '../../memory/words.ts'
import {
  beginStriking,
  claimPlace,
  endStriking,
  markAt,
  MOST_PLACES,
  nameAt,
  type Repair,
  reachOf,
  setMark,
  vacatePlace,
} from './places.ts'
import { OWN, type ObjectWords, STATE } from './object-layout.ts'

/** The most parties. */
export const MAX_PARTIES = 2000
const ARRIVED = 0xfff
const ACTING = 1 << 12
const BROKEN = 1 << 13
const LAST_BROKEN = 1 << 14
const GENERATION_SHIFT = 15
const GENERATIONS = 0x3fff

const PARTIES = OWN
/** Marks of those who wait for the generation before to leave, and of those who leave. */
const NOT_ARRIVED = 0
const LEFT = -1
/** Whichever generation stands. */
export const ANY = -1

export interface Arrival {
  readonly generation: number
  /** How many had arrived before it. */
  readonly index: number
  /** It is the last: it runs the action, and then calls `pass`. */
  readonly acts: boolean
}

export function setParties({ words, base }: ObjectWords, parties: number): void {
  store(words, base + PARTIES, parties)
}

export function partiesOf({ words, base }: ObjectWords): number {
  return load(words, base + PARTIES)
}

/** How many stand at it and have arrived. */
export function arrivedAt({ words, base }: ObjectWords): number {
  const now = load(words, base + STATE)
  return (now & BROKEN) !== 0 ? 0 : now & ARRIVED
}

export function isBroken({ words, base }: ObjectWords): boolean {
  return (load(words, base + STATE) & BROKEN) !== 0
}

/**
 * Null: some of the generation before have not left yet, or this one is acting. 'again': others may have seen a mark that was wrong; the
 * caller wakes all and tries again.
 */
export function arrive(object: ObjectWords, place: number): Arrival | 'broken' | 'again' | null {
  const { words, base } = object
  for (let marked = -1; ; ) {
    const now = load(words, base + STATE)
    const generation = generationOf(now)
    const obstacle = obstacleAt(object, now)
    if (marked !== -1 && (obstacle !== '' || marked !== generation)) {
      setMark(object, place, NOT_ARRIVED)
      return 'again'
    }
    if (obstacle !== '') return obstacle === 'broken' ? obstacle : null
    setMark(object, place, generation + 1)
    marked = generation
    const index = now & ARRIVED
    const acts = index + 1 === partiesOf(object)
    if (exchange(words, base + STATE, now, now + 1 + (acts ? ACTING : 0))) return { generation, index, acts }
  }
}

function obstacleAt(object: ObjectWords, state: number): 'broken' | 'not yet' | '' {
  if ((state & BROKEN) !== 0) return 'broken'
  return (state & ARRIVED) >= partiesOf(object) || isDraining(object, generationOf(state)) ? 'not yet' : ''
}

/** After the action. False: the barrier was broken or reset meanwhile. Afterwards the caller wakes all. */
export function pass({ words, base }: ObjectWords, generation: number): boolean {
  for (;;) {
    const now = load(words, base + STATE)
    if (generationOf(now) !== generation || (now & BROKEN) !== 0) return false
    if (exchange(words, base + STATE, now, generationAfter(generation))) return true
  }
}

/** What became of a generation: null as long as it stands. */
export function outcomeOf({ words, base }: ObjectWords, generation: number): 'passed' | 'broken' | null {
  const now = load(words, base + STATE)
  if (generationOf(now) === generation) return (now & BROKEN) !== 0 ? 'broken' : null
  return (now & LAST_BROKEN) !== 0 ? 'broken' : 'passed'
}

/** A place for a wait of `me`; -1: all are taken. */
export function enterBarrier(object: ObjectWords, me: OwnerId): number {
  const place = claimPlace(object, me)
  if (place !== -1) setMark(object, place, NOT_ARRIVED)
  return place
}

/** Afterwards the caller wakes those who have not arrived. */
export function leaveBarrier(object: ObjectWords, place: number, me: OwnerId): void {
  setMark(object, place, LEFT)
  vacatePlace(object, place, me)
}

/** Breaks this generation, or ANY, whichever stands. False: it had passed, or was broken. Afterwards the caller wakes all. */
export function breakBarrier({ words, base }: ObjectWords, generation: number): boolean {
  for (;;) {
    const now = load(words, base + STATE)
    if ((now & BROKEN) !== 0 || (generation !== ANY && generationOf(now) !== generation)) return false
    if (exchange(words, base + STATE, now, now | BROKEN)) return true
  }
}

/** Afterwards the caller wakes all. */
export function resetBarrier({ words, base }: ObjectWords): void {
  for (;;) {
    const now = load(words, base + STATE)
    // Nobody has arrived: there may still be some of the generation before, who must find what became of it.
    const next = (now & ARRIVED) === 0 ? now & ~BROKEN : generationAfter(generationOf(now)) | LAST_BROKEN
    if (exchange(words, base + STATE, now, next)) return
  }
}

/** Breaks the barrier at which somebody died. Looks at `count` places from `from` on. True: somebody did, so all are to be woken. */
export function repairBarrier(object: ObjectWords, repair: Repair, from = 0, count = MOST_PLACES): boolean {
  const reach = reachOf(object)
  let found = false
  for (let step = 0; step < Math.min(count, reach); step += 1) {
    const place = (from + step) % reach
    if (!beginStriking(object, place, repair)) continue
    const mark = markAt(object, place)
    // The barrier first, then the name: if this one dies in between, the next finds it again.
    if (mark !== LEFT) breakBarrier(object, mark === NOT_ARRIVED ? ANY : mark - 1)
    setMark(object, place, LEFT)
    endStriking(object, place, repair.me)
    found = true
  }
  return found
}

/** Who waits for those of the generation before to leave. */
export function notArrived(object: ObjectWords): OwnerId[] {
  const reach = reachOf(object)
  const names: OwnerId[] = []
  for (let place = 0; place < reach; place += 1) {
    const name = nameAt(object, place)
    if (name !== 0 && markAt(object, place) === NOT_ARRIVED) names.push(name)
  }
  return names
}

function isDraining(object: ObjectWords, generation: number): boolean {
  const reach = reachOf(object)
  const before = ((generation - 1) & GENERATIONS) + 1
  for (let place = 0; place < reach; place += 1) {
    if (nameAt(object, place) !== 0 && markAt(object, place) === before) return true
  }
  return false
}

function generationOf(state: number): number {
  return (state >>> GENERATION_SHIFT) & GENERATIONS
}

function generationAfter(generation: number): number {
  return ((generation + 1) & GENERATIONS) << GENERATION_SHIFT
}
