// One queue's ring as this thread sees it: where it is, and what of it needs not be looked up again. Its words are the truth; whatever is
// remembered here may be old, and then says that there is less than there is.
import { arena } from '../../memory/arena.ts'
import type { OwnerId } from '../../memory/identity.ts'
import type { Reference } from '../../memory/segments.ts'
import { store, type Words } from '../../memory/words.ts'
import type { Incoming } from '../incoming.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Outgoing } from '../outgoing.ts'
import { type Bounds, Header } from '../store/header.ts'
import { IN, OUT, RING } from '../store/layout.ts'
import { isLocked, lockSide, unlockForDead, unlockSide } from '../store/sides.ts'
import { BUSY, type Check, type Store } from '../store/store.ts'
import { type Chunk, makeFirstChunk } from './chunks.ts'
import { dropRecords, freeRecords, lockBoth, refusePuts, unlockBoth } from './end.ts'
import { AT_CHUNK, AT_COUNT, AT_OFFSET, FIRST_RECORD, MOST_INLINE, SLOT_WORDS, SLOTS } from './layout.ts'
import { putRecords } from './put.ts'
import { takeRecords } from './take.ts'

export class Ring implements Store {
  readonly header: Header
  readonly mostInline = MOST_INLINE
  readonly words: Words
  /** Words of the two sides. */
  readonly in: number
  readonly out: number
  readonly maxSize: number
  readonly maxWeight: number
  /** The chunk of each side when this thread was last there. */
  inChunk: Chunk | null = null
  outChunk: Chunk | null = null
  /** Counts of the other side when this thread last looked. They are of use as long as nobody else has been at its own side since. */
  knownIn = 0
  knownOut = 0
  /** The count of each side when this thread last left it; null: it has not been there. */
  leftIn: number | null = null
  leftOut: number | null = null
  wasContended = false
  /** What had been taken out when this thread last looked, as weight. */
  knownWeight = 0

  constructor(header: Header) {
    this.header = header
    this.words = header.words
    this.in = header.base + IN
    this.out = header.base + OUT
    this.maxSize = header.maxSize
    this.maxWeight = header.maxWeight
  }

  /** Killed inside: its first chunk may be left until the tree's end. */
  static create(bounds: Bounds): Ring {
    const chunk = makeFirstChunk()
    const header = Header.create(RING, bounds)
    for (const side of [IN, OUT]) {
      const slot = header.base + side + SLOTS
      store(header.words, slot + AT_CHUNK, chunk.reference | 0)
      store(header.words, slot + AT_OFFSET, FIRST_RECORD)
      store(header.words, slot + SLOT_WORDS + AT_COUNT, -1)
    }
    return new Ring(header)
  }

  static find(reference: Reference): Ring {
    return new Ring(new Header(reference))
  }

  get ledger(): Ledger | null {
    return this.header.ledger
  }

  get hasItems(): boolean {
    return !this.header.isEmpty
  }

  get isTaking(): boolean {
    return isLocked(this.words, this.out)
  }

  get isPutting(): boolean {
    return isLocked(this.words, this.in)
  }

  put(outgoing: Outgoing, check: Check): number {
    return putRecords(this, outgoing, check)
  }

  take(incoming: Incoming, most: number, check: Check): number {
    return takeRecords(this, incoming, most, check)
  }

  refusePuts(how: number, check: Check): number {
    return refusePuts(this, how, check)
  }

  drop(check: Check): number {
    return dropRecords(this, check)
  }

  lose(isDead: (owner: OwnerId) => boolean, check: Check): number {
    check()
    if (!lockSide(this.words, this.out, arena().me)) return BUSY
    try {
      check()
      return this.header.ledger?.lose(isDead) ?? 0
    } finally {
      if (unlockSide(this.words, this.out)) this.wasContended = true
    }
  }

  unlockForDead(isDead: (owner: OwnerId) => boolean): boolean {
    const wasIn = unlockForDead(this.words, this.in, isDead)
    return unlockForDead(this.words, this.out, isDead) || wasIn
  }

  lockAll(): number {
    return lockBoth(this)
  }

  end(): void {
    freeRecords(this)
    unlockBoth(this)
    this.header.giveUp()
  }
}
