// Who waits on a condition: a place for each wait, whose mark is its ticket, or 0 once it was notified.
//
//   wait     (lock held) a place with a ticket; without the lock until the mark is 0; (lock held again) the place is vacated
//   notify   (lock held) the oldest tickets := 0, and their bearers are rung
//
// Tickets are given and taken under the condition's lock. So a wait whose time is up decides with the lock in hand whether it was
// notified, and no notification goes to somebody who has left. What a waiter sees without the lock is no more than a hint to take it.
// Killed between two of these steps a process leaves a name that `notify` passes over, or a mark that its waiter finds at the next look.
import type { OwnerId } from '../../memory/identity.ts'
import { load, store } from '../../memory/words.ts'
import { claimPlace, markAt, nameAt, reachOf, setMark, vacatePlace } from './places.ts'
import { type ObjectWords, TICKETS } from './shared-block.ts'

const NOTIFIED = 0

/** Enters `me`, who holds the lock. Returns its place; -1: there is no more room. */
export function enterCondition(object: ObjectWords, me: OwnerId): number {
  const place = claimPlace(object, me)
  if (place === -1) return place
  const ticket = (load(object.words, object.base + TICKETS) + 1) | 0 || 1
  store(object.words, object.base + TICKETS, ticket)
  setMark(object, place, ticket)
  return place
}

export function isNotified(object: ObjectWords, place: number): boolean {
  return markAt(object, place) === NOTIFIED
}

/** With the lock. False: it was not notified, and never will be. */
export function leaveCondition(object: ObjectWords, place: number, me: OwnerId): boolean {
  const notified = isNotified(object, place)
  vacatePlace(object, place, me)
  return notified
}

/** With the lock: notifies up to `count` of those who have waited longest, and returns who they are, to be rung. */
export function notifyOldest(object: ObjectWords, count: number, isDead: (owner: OwnerId) => boolean): OwnerId[] {
  const waiting = unnotified(object)
  const notified: OwnerId[] = []
  for (const place of waiting) {
    if (notified.length >= count) break
    const name = nameAt(object, place)
    if (isDead(name)) continue
    setMark(object, place, NOTIFIED)
    notified.push(name)
  }
  return notified
}

/** Places, the longest waiting first. */
function unnotified(object: ObjectWords): number[] {
  const reach = reachOf(object)
  const places: number[] = []
  for (let place = 0; place < reach; place += 1) {
    if (nameAt(object, place) !== 0 && markAt(object, place) !== NOTIFIED) places.push(place)
  }
  // Tickets wrap: which of two is older is the sign of their difference.
  return places.sort((one, other) => (markAt(object, one) - markAt(object, other)) | 0)
}
