// Trying again for a moment, where an operation that never waits finds somebody else at its side of the ring: that takes a microsecond, unless
// the other one was interrupted, stopped or killed in it.
import { isOwnerDead } from '../sync/waiting/life.ts'
import { BUSY } from './ring/put.ts'
import type { Ring } from './ring/ring.ts'

const LOOKS = 2000
const NAPS = 50
const clock = new Int32Array(new SharedArrayBuffer(4))

/** How an attempt is made. */
export type Insistence = (ring: Ring, attempt: () => number) => number

/** For promises. BUSY: the other one has stood still for a fraction of a millisecond. */
export function insistBriefly(_: Ring, attempt: () => number): number {
  let result = attempt()
  for (let look = 1; look < LOOKS && result === BUSY; look += 1) result = attempt()
  return result
}

/** What the attempt gives, which is BUSY only if the other one has stood still for some 50 ms. */
export function insist(ring: Ring, attempt: () => number): number {
  const soon = insistBriefly(ring, attempt)
  if (soon !== BUSY) return soon
  for (let nap = 0; nap < NAPS; nap += 1) {
    ring.unlockForDead(isOwnerDead)
    const result = attempt()
    if (result !== BUSY) return result
    Atomics.wait(clock, 0, 0, 1)
  }
  return BUSY
}
