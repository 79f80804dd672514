// One queue's ring as this thread sees it: where it is, and what of it needs not be looked up again. Its words are the truth; whatever is
// remembered here may be old, and then says that there is less than there is.
import { arena } from '../../memory/arena.ts'
import { type OwnerId, QUEUE } from '../../memory/identity.ts'
import { GRANULE_BYTES, WORD_BYTES } from '../../memory/layout.ts'
import { granuleOf, type Reference, segmentOf } from '../../memory/segments.ts'
import { add, exchange, load, peek, store, type Words } from '../../memory/words.ts'
import { type Chunk, makeFirstChunk } from './chunks.ts'
import {
  AT_CHUNK,
  AT_COUNT,
  AT_OFFSET,
  DONE,
  FIRST_RECORD,
  HEADER_BYTES,
  IN,
  LOCK,
  MAX_SIZE,
  MAX_WEIGHT,
  OUT,
  SHUT_DOWN,
  SLOT_WORDS,
  SLOTS,
} from './layout.ts'
import { countOf, unlockForDead } from './side.ts'

export interface Bounds {
  /** Messages; 0: no limit. */
  readonly maxSize: number
  /** Bytes. */
  readonly maxBytes: number
}

/** Weights are counted in these, so that 16 GiB fit into a word's sign bit. */
export const OCTET = 8

export class Ring {
  readonly reference: Reference
  readonly words: Words
  readonly base: number
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
  /** Others wanted a lock that this thread had: those who wait may have looked in vain. */
  wasContended = false
  /** What had been taken out when this thread last looked, as weight. */
  knownWeight = 0

  constructor(reference: Reference) {
    this.reference = reference
    this.words = arena().segments.words(segmentOf(reference))
    this.base = (granuleOf(reference) * GRANULE_BYTES) / WORD_BYTES
    this.in = this.base + IN
    this.out = this.base + OUT
    this.maxSize = peek(this.words, this.base + MAX_SIZE)
    this.maxWeight = peek(this.words, this.base + MAX_WEIGHT)
  }

  /** Killed inside: its first chunk may be left until the tree's end. Until `share`, the header is this thread's. */
  static create({ maxSize, maxBytes }: Bounds): Ring {
    const reference = headers.take()
    const words = arena().segments.words(segmentOf(reference))
    const base = (granuleOf(reference) * GRANULE_BYTES) / WORD_BYTES
    const chunk = makeFirstChunk()
    for (let word = 0; word < HEADER_BYTES / WORD_BYTES; word += 1) {
      // A stale handle may hold a lock of this header for a moment: that one gives it back itself.
      if (word !== IN + LOCK && word !== OUT + LOCK) store(words, base + word, 0)
    }
    store(words, base + MAX_SIZE, maxSize)
    store(words, base + MAX_WEIGHT, Math.ceil(maxBytes / OCTET))
    for (const side of [IN, OUT]) {
      const slot = base + side + SLOTS
      store(words, slot + AT_CHUNK, chunk.reference | 0)
      store(words, slot + AT_OFFSET, FIRST_RECORD)
      store(words, slot + SLOT_WORDS + AT_COUNT, -1)
    }
    return new Ring(reference)
  }

  get size(): number {
    for (;;) {
      const taken = countOf(this.words, this.out)
      const put = countOf(this.words, this.in)
      if (countOf(this.words, this.out) === taken) return (put - taken) | 0
    }
  }

  /** Whether a take may be worth it. */
  get hasItems(): boolean {
    return countOf(this.words, this.in) !== countOf(this.words, this.out)
  }

  get isFull(): boolean {
    return this.maxSize > 0 && this.size >= this.maxSize
  }

  get shutDown(): number {
    return load(this.words, this.base + SHUT_DOWN)
  }

  /** How many were put and are not done with. */
  get unfinished(): number {
    return (countOf(this.words, this.in) - load(this.words, this.base + DONE)) | 0
  }

  /** One of those that were taken is done with. False: all are. */
  finishOne(): boolean {
    for (;;) {
      const done = load(this.words, this.base + DONE)
      if (((countOf(this.words, this.out) - done) | 0) <= 0) return false
      if (exchange(this.words, this.base + DONE, done, (done + 1) | 0)) return true
    }
  }

  finish(count: number): void {
    add(this.words, this.base + DONE, count)
  }

  /** Gives back locks that dead ones hold. True: there were some. */
  unlockForDead(isDead: (owner: OwnerId) => boolean): boolean {
    const wasIn = unlockForDead(this.words, this.in, isDead)
    return unlockForDead(this.words, this.out, isDead) || wasIn
  }

  /** From here on reapers look into it. */
  share(): void {
    arena().allocator.entries.changeOwner(this.reference, arena().me, QUEUE)
  }

  /** The maker's, when the queue is closed and both locks are its own. */
  giveUp(): void {
    if (arena().allocator.entries.changeOwner(this.reference, QUEUE, arena().me)) headers.keep(this.reference)
  }
}

/** Headers of this thread's closed queues: used for headers only, because somebody may look at them late. */
const headers = {
  kept: [] as Reference[],
  owner: 0,

  take(): Reference {
    // A forked child's are its parent's.
    if (this.owner !== arena().me) this.kept.length = 0
    this.owner = arena().me
    return this.kept.pop() ?? newHeader()
  },

  keep(reference: Reference): void {
    if (this.owner === arena().me) this.kept.push(reference)
    else arena().free(reference)
  },
}

function newHeader(): Reference {
  const reference = arena().allocate(HEADER_BYTES)
  arena().view(reference, HEADER_BYTES).fill(0)
  return reference
}
