// Which threads wait for an object, and since when: the mark of a place is a ticket. A thread is in the list once, however many waits
// it has on the object.
//
// `reach` is 0 when nobody waits, so that who releases needs one look to know:
//   enter:  the name and `reach` first, and only then another look at what it waits for
//   wake:   what is waited for becomes available first, then the look at `reach`; if all places are vacant, `reach` := 0, and another
//           look at them. A name that came in between is seen by that look, or its bearer raises `reach` after it was cleared.
// A ticket that is not written yet is an old one: its bearer is woken too early, or another before it, and nothing else.
//
// `next` is who has been woken and has not looked yet: until then nobody else need be woken, and a lock that is busy is given back without a
// walk and without a system call. Who has been woken clears it and then looks; who releases makes it available and then reads `next`: so the
// look comes after one of the two. One that dies or stands still with it, or stops waiting, is no obstacle: whoever stops waiting clears
// it, too, and whoever else waits clears it every 50 ms.
//
// Names of the dead are taken out by `repair.ts`. Waking one of them wakes nobody; the others look for themselves every 50 ms.
import type { OwnerId } from '../../memory/identity.ts'
import { add, exchange, load, raise, store } from '../../memory/words.ts'
import { claimPlace, markAt, nameAt, type Repair, reachOf, setMark, vacatePlace } from './places.ts'
import { NEXT, type ObjectWords, REACH, TICKETS } from './object-layout.ts'

const NOBODY = 0

/** Enters `me` and returns its place, for `leave`. Afterwards the caller looks once more whether it has to wait. */
export function enter(object: ObjectWords, me: OwnerId): number {
  // There are as many places as threads.
  const place = claimPlace(object, me)
  requeue(object, place)
  return place
}

/** Afterwards, if what was waited for is available, the caller wakes the next: it may have been woken in its stead. */
export function leave(object: ObjectWords, place: number, me: OwnerId): void {
  vacatePlace(object, place, me)
  nowLooking(object, me)
}

/** `me` looks from here on: if it has to wait after all, it must be woken anew. */
export function nowLooking({ words, base }: ObjectWords, me: OwnerId): void {
  if (load(words, base + NEXT) === me) exchange(words, base + NEXT, me, NOBODY)
}

/** Whoever was woken has had its time to look. */
export function forgetNext({ words, base }: ObjectWords): void {
  store(words, base + NEXT, NOBODY)
}

/** The same for one who died before it had looked. */
export function forgetDeadNext({ words, base }: ObjectWords, { isDead }: Pick<Repair, 'isDead'>): void {
  const next = load(words, base + NEXT)
  if (next !== NOBODY && isDead(next)) exchange(words, base + NEXT, next, NOBODY)
}

/** Whom to ring: `first`, or whoever has waited longest; 0: nobody waits, or somebody has been woken already. */
export function chooseNext(object: ObjectWords, first: OwnerId): OwnerId {
  const { words, base } = object
  if (load(words, base + NEXT) !== NOBODY) return NOBODY
  const next = first === NOBODY ? longestWaiting(object) : first
  return next !== NOBODY && exchange(words, base + NEXT, NOBODY, next) ? next : NOBODY
}

/** Puts the bearer of the place at the end: it has got what it waited for, and waits for more. */
export function requeue(object: ObjectWords, place: number): void {
  setMark(object, place, add(object.words, object.base + TICKETS, 1))
}

/** Who has waited longest; 0: nobody waits. */
export function longestWaiting(object: ObjectWords): OwnerId {
  const reach = reachOf(object)
  if (reach === 0) return NOBODY
  const found = oldestBefore(object, reach)
  if (found !== NOBODY) return found
  exchange(object.words, object.base + REACH, reach, 0)
  const late = oldestBefore(object, reach)
  if (late !== NOBODY) raise(object.words, object.base + REACH, reach)
  return late
}

function oldestBefore(object: ObjectWords, reach: number): OwnerId {
  let oldest = NOBODY
  let since = 0
  for (let place = 0; place < reach; place += 1) {
    const name = nameAt(object, place)
    if (name === NOBODY) continue
    const ticket = markAt(object, place)
    // Tickets wrap: which of two is older is the sign of their difference.
    if (oldest !== NOBODY && ((ticket - since) | 0) >= 0) continue
    oldest = name
    since = ticket
  }
  return oldest
}
