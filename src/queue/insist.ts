// Trying again for a moment, where an operation that never waits finds somebody else at its side of the ring: that takes a microsecond, unless
// the other one was interrupted, stopped or killed in it.
import { isOwnerDead } from '../sync/waiting/life.ts'
import { BUSY } from './ring/put.ts'
import type { Ring } from './ring/ring.ts'

const LOOKS = 2000
const NAPS = 50
const clock = new Int32Array(new SharedArrayBuffer(4))

/** What the attempt gives, which is BUSY only if the other one has stood still for some 50 ms. */
export function insist(ring: Ring, attempt: () => number): number {
  for (let look = 0; look < LOOKS; look += 1) {
    const result = attempt()
    if (result !== BUSY) return result
  }
  for (let nap = 0; nap < NAPS; nap += 1) {
    ring.unlockForDead(isOwnerDead)
    const result = attempt()
    if (result !== BUSY) return result
    Atomics.wait(clock, 0, 0, 1)
  }
  return BUSY
}
