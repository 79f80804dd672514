// Trying again for a moment, where an operation that never waits finds somebody else at the store: that takes a microsecond, unless
// the other one was interrupted, stopped or killed in it.
import { isOwnerDead } from '../sync/waiting/life.ts'
import { BUSY, type Store } from './store/store.ts'

const LOOKS = 2000
const NAPS = 50
const AGAIN = 20
const clock = new Int32Array(new SharedArrayBuffer(4))

/** How an attempt is made. */
export type Insistence = (store: Store, attempt: () => number) => number

/** For promises. BUSY: the other one has stood still for a fraction of a millisecond. */
export function insistBriefly(_: Store, attempt: () => number): number {
  let result = attempt()
  for (let look = 1; look < LOOKS && result === BUSY; look += 1) result = attempt()
  return result
}

/** What the attempt gives, which is BUSY only if the other one has stood still for some 50 ms. */
export function insist(store: Store, attempt: () => number): number {
  const soon = insistBriefly(store, attempt)
  if (soon !== BUSY) return soon
  for (let nap = 0; nap < NAPS; nap += 1) {
    store.unlockForDead(isOwnerDead)
    const result = attempt()
    if (result !== BUSY) return result
    Atomics.wait(clock, 0, 0, 1)
  }
  return BUSY
}

/** The same for what must be done: BUSY only if the other one has stood still for more than a second, as one does that was stopped. */
export function persist(store: Store, attempt: () => number): number {
  let result = insist(store, attempt)
  for (let again = 0; again < AGAIN && result === BUSY; again += 1) result = insist(store, attempt)
  return result
}
