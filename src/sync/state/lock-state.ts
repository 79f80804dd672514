// The state of a lock is one word: whose it is, and three flags.
//
//   0                      free
//   owner [PROMISE]        held by a thread, in blocking form or by its event loop
//   … | ABANDONED          some owner died holding it, and nobody has said yet that all is well
//   … | RESERVED           the one in `heir` has waited so long that nobody else may take it next
//
//   take      0 → me;  ABANDONED → me | ABANDONED;  with RESERVED: the heir only, and the flag goes
//   release   owner … → the flags ABANDONED and RESERVED, as they were
//   repair    the dead one's name → 0, plus ABANDONED
//
// Whoever finds it free may take it, also before those who wait: that is what makes a busy lock fast, since it need not stand still
// until a sleeper is up. So that nobody waits for ever, who waits longest becomes the heir after 50 ms, if there is none: Go's mutex has
// this idea, https://go.dev/src/internal/sync/mutex.go.
//
// `heir` is written before RESERVED is set and cleared after RESERVED was: whoever sees RESERVED sees whose it is.
import type { OwnerId } from '../../memory/identity.ts'
import { exchange, load } from '../../memory/words.ts'
import type { Repair } from './places.ts'
import { OWN, type ObjectWords, STATE } from './object-layout.ts'

const OWNER = 0x1fffffff
const ABANDONED = 1 << 29
/** Held by a thread's event loop, so that the same thread cannot wait for it without blocking who would release it. */
export const PROMISE = 1 << 30
const RESERVED = 1 << 31

const HEIR = OWN

/** True: `me` has it. `form`: 0 or PROMISE. */
export function take({ words, base }: ObjectWords, me: OwnerId, form: number): boolean {
  if (exchange(words, base + STATE, 0, me | form)) return true
  for (;;) {
    const now = load(words, base + STATE)
    if ((now & OWNER) !== 0) return false
    const isReserved = (now & RESERVED) !== 0
    if (isReserved && load(words, base + HEIR) !== me) return false
    if (!exchange(words, base + STATE, now, (now & ABANDONED) | me | form)) continue
    if (isReserved) exchange(words, base + HEIR, me, 0)
    return true
  }
}

/** False: nobody held it. Afterwards the caller wakes who waits. */
export function release({ words, base }: ObjectWords, me: OwnerId): boolean {
  if (exchange(words, base + STATE, me, 0)) return true
  for (;;) {
    const now = load(words, base + STATE)
    if ((now & OWNER) === 0) return false
    if (exchange(words, base + STATE, now, now & (ABANDONED | RESERVED))) return true
  }
}

/** 0: nobody holds it. */
export function ownerOf({ words, base }: ObjectWords): OwnerId {
  return load(words, base + STATE) & OWNER
}

export function isHeldByLoopOf({ words, base }: ObjectWords, me: OwnerId): boolean {
  const now = load(words, base + STATE)
  return (now & OWNER) === me && (now & PROMISE) !== 0
}

/** Whether somebody may take it now: the heir, if there is one. */
export function isFree(object: ObjectWords): boolean {
  return ownerOf(object) === 0
}

export function isAbandoned({ words, base }: ObjectWords): boolean {
  return (load(words, base + STATE) & ABANDONED) !== 0
}

export function clearAbandoned({ words, base }: ObjectWords): void {
  for (let now = load(words, base + STATE); (now & ABANDONED) !== 0; now = load(words, base + STATE)) {
    exchange(words, base + STATE, now, now & ~ABANDONED)
  }
}

/** `me` has waited long: the next turn is its own, unless that is somebody else's already. */
export function reserve({ words, base }: ObjectWords, me: OwnerId): void {
  if (load(words, base + HEIR) !== me && !exchange(words, base + HEIR, 0, me)) return
  for (let now = load(words, base + STATE); (now & RESERVED) === 0; now = load(words, base + STATE)) {
    if (exchange(words, base + STATE, now, now | RESERVED)) return
  }
}

/** `me` waits no longer. */
export function renounce(object: ObjectWords, me: OwnerId): void {
  if (load(object.words, object.base + HEIR) === me) clearHeir(object, me)
}

/** Who is to be woken when it is released; 0: whoever has waited longest. */
export function heirOf({ words, base }: ObjectWords): OwnerId {
  return (load(words, base + STATE) & RESERVED) === 0 ? 0 : load(words, base + HEIR)
}

/** Takes the lock from a dead owner and the turn from a dead heir. True: something was theirs, and somebody else may go on. */
export function repairLock(object: ObjectWords, { isDead }: Repair): boolean {
  const { words, base } = object
  const heir = load(words, base + HEIR)
  const hadHeir = heir !== 0 && isDead(heir)
  if (hadHeir) clearHeir(object, heir)
  for (;;) {
    const now = load(words, base + STATE)
    const owner = now & OWNER
    if (owner === 0 || !isDead(owner)) return hadHeir
    if (exchange(words, base + STATE, now, (now & RESERVED) | ABANDONED)) return true
  }
}

/** It is free, and its heir is not there to take it: its event loop does something else. */
export function passOverHeir(object: ObjectWords, me: OwnerId): void {
  const heir = isFree(object) ? heirOf(object) : 0
  if (heir !== 0 && heir !== me) clearHeir(object, heir)
}

function clearHeir({ words, base }: ObjectWords, heir: OwnerId): void {
  for (let now = load(words, base + STATE); (now & RESERVED) !== 0; now = load(words, base + STATE)) {
    // Somebody else repairs, too, and another is the heir by now.
    if (load(words, base + HEIR) !== heir) return
    exchange(words, base + STATE, now, now & ~RESERVED)
  }
  exchange(words, base + HEIR, heir, 0)
}
