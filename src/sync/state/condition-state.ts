// Who waits on a condition: a place for each wait, whose mark is its ticket, or NOTIFIED.
//
//   wait     (lock held) a place with a ticket; without the lock until the mark is NOTIFIED; (lock held again) ticket → 0, which fails
//            if it was notified; the place is vacated
//   notify   (lock held) the oldest tickets → NOTIFIED, and their bearers are rung
//   repair   a dead one's place is vacated; if it was notified and has not come back, the next is notified in its stead
//
// A mark changes by an exchange: so each notification goes to one wait that has not ended otherwise, and a wait whose time is up knows
// whether it was notified. Killed between two of these steps a process leaves a name that `notify` passes over, or a mark that its waiter
// finds at the next look.
import type { OwnerId } from '../../memory/identity.ts'
import { add } from '../../memory/words.ts'
import {
  beginStriking,
  changeMark,
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
import { type ObjectWords, TICKETS } from './object-layout.ts'

/** Tickets are even. */
const NOTIFIED = 1

/** Enters `me`, who holds the lock. Returns its place; -1: there is no more room. */
export function enterCondition(object: ObjectWords, me: OwnerId): number {
  const place = claimPlace(object, me)
  if (place === -1) return place
  const number = add(object.words, object.base + TICKETS, 1)
  setMark(object, place, (number + 1) << 1 || 2)
  return place
}

export function isNotified(object: ObjectWords, place: number): boolean {
  return markAt(object, place) === NOTIFIED
}

/** With the lock. False: it was not notified, and never will be. */
export function leaveCondition(object: ObjectWords, place: number, me: OwnerId): boolean {
  const ticket = markAt(object, place)
  const notified = ticket === NOTIFIED || !changeMark(object, place, ticket, 0)
  vacatePlace(object, place, me)
  return notified
}

/** With the lock: notifies up to `count` of those who have waited longest, and returns who they are, to be rung. */
export function notifyOldest(object: ObjectWords, count: number, isDead: (owner: OwnerId) => boolean): OwnerId[] {
  const notified: OwnerId[] = []
  for (const { place, name, ticket } of unnotified(object)) {
    if (notified.length >= count) break
    if (!isDead(name) && changeMark(object, place, ticket, NOTIFIED)) notified.push(name)
  }
  return notified
}

/** Takes out the dead. Looks at `count` places from `from` on. True: somebody was notified in a dead one's stead. */
export function repairCondition(object: ObjectWords, repair: Repair, from = 0, count = MOST_PLACES): boolean {
  const reach = reachOf(object)
  let passedOn = false
  for (let step = 0; step < Math.min(count, reach); step += 1) {
    const place = (from + step) % reach
    if (!beginStriking(object, place, repair)) continue
    // Before the name goes: if this one dies in between, the next passes it on, perhaps once too often.
    if (markAt(object, place) === NOTIFIED) {
      notifyOldest(object, 1, repair.isDead)
      passedOn = true
    }
    // Whoever claims the place next must not be notified by a ticket that is not its own.
    setMark(object, place, 0)
    endStriking(object, place, repair.me)
  }
  return passedOn
}

interface Waiting {
  readonly place: number
  readonly name: OwnerId
  readonly ticket: number
}

/** The longest waiting first. */
function unnotified(object: ObjectWords): Waiting[] {
  const reach = reachOf(object)
  const waiting: Waiting[] = []
  for (let place = 0; place < reach; place += 1) {
    const name = nameAt(object, place)
    const ticket = markAt(object, place)
    if (name !== 0 && ticket !== NOTIFIED && ticket !== 0) waiting.push({ place, name, ticket })
  }
  // Tickets wrap: which of two is older is the sign of their difference.
  return waiting.sort((one, other) => (one.ticket - other.ticket) | 0)
}
