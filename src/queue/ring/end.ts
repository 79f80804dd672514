// Taking out what nobody is to have, when a queue is shut down at once or closed.
import { arena } from '../../memory/arena.ts'
import { peek } from '../../memory/words.ts'
import { Incoming } from '../incoming.ts'
import { lockSide, unlockSide } from '../store/sides.ts'
import { BUSY, type Check } from '../store/store.ts'
import { endLinking, freeChain } from './chunks.ts'
import { AT_CHUNK, LINKING } from './layout.ts'
import type { Ring } from './ring.ts'
import { currentSlot } from './side.ts'
import { finishFreeing, take } from './take.ts'

/**
 * From now on puts are refused; `how` is DRAINING or SHUT_AT_ONCE. Under *in*'s lock, so that none goes in afterwards; BUSY: somebody has it.
 */
export function refusePuts(ring: Ring, how: number, check: Check): number {
  const { words } = ring
  check()
  if (!lockSide(words, ring.in, arena().me)) return BUSY
  try {
    check()
    ring.header.refuseLaterPuts(how)
    return 0
  } finally {
    unlockSide(words, ring.in)
  }
}

/** Takes all that is there and drops it. BUSY: somebody else takes. */
export function dropRecords(ring: Ring, check: Check): number {
  const { words } = ring
  check()
  if (!lockSide(words, ring.out, arena().me)) return BUSY
  try {
    check()
    return dropAll(ring)
  } finally {
    unlockSide(words, ring.out)
  }
}

/** BUSY: somebody is at one of the sides. 0: both are this thread's, until `unlockBoth`. */
export function lockBoth({ words, in: inside, out }: Ring): number {
  const { me } = arena()
  if (!lockSide(words, inside, me)) return BUSY
  if (lockSide(words, out, me)) return 0
  unlockSide(words, inside)
  return BUSY
}

export function unlockBoth({ words, in: inside, out }: Ring): void {
  unlockSide(words, out)
  unlockSide(words, inside)
}

/** Frees everything but the header. For who has both locks, when the queue is closed. */
export function freeRecords(ring: Ring): void {
  const { words } = ring
  ring.header.endLedger()
  dropAll(ring)
  finishFreeing(ring, currentSlot(words, ring.out))
  endLinking(peek(words, currentSlot(words, ring.in) + AT_CHUNK) >>> 0, words, ring.in + LINKING)
  freeChain(peek(words, currentSlot(words, ring.out) + AT_CHUNK) >>> 0)
}

function dropAll(ring: Ring): number {
  const incoming = new Incoming()
  let dropped = 0
  while (ring.hasItems) {
    const count = take(ring, incoming, Infinity)
    incoming.drop()
    ring.header.ledger?.finish(count)
    dropped += count
  }
  return dropped
}
