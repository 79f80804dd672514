// A queue's header: the block that all of the tree know it by.
import { arena } from '../../memory/arena.ts'
import { QUEUE } from '../../memory/identity.ts'
import { WORD_BYTES } from '../../memory/layout.ts'
import type { Reference } from '../../memory/segments.ts'
import { load, peek, raise, store, type Words } from '../../memory/words.ts'
import { objectAt } from '../../sync/state/shared-block.ts'
import { COUNT, HEADER_BYTES, IN, JOINABLE, KIND, LISTS, LOCK, MAX_SIZE, MAX_WEIGHT, OUT, SHUT_DOWN } from './layout.ts'
import { Ledger } from '../ledger/ledger.ts'
import { OCTET } from './records.ts'

export interface Bounds {
  /** Messages; 0: no limit. */
  readonly maxSize: number
  /** Bytes. */
  readonly maxBytes: number
  /** Whether it is known who has taken what and is not done with it. */
  readonly isJoinable?: boolean
}

export class Header {
  readonly reference: Reference
  readonly words: Words
  readonly base: number
  readonly maxSize: number
  readonly maxWeight: number
  /** Of a queue that can be joined, until `endLedger`. */
  ledger: Ledger | null
  readonly #put: number
  readonly #taken: number

  constructor(reference: Reference) {
    this.reference = reference
    const { words, base } = objectAt(reference)
    this.words = words
    this.base = base
    this.#put = this.base + IN + COUNT
    this.#taken = this.base + OUT + COUNT
    this.maxSize = peek(this.words, this.base + MAX_SIZE)
    this.maxWeight = peek(this.words, this.base + MAX_WEIGHT)
    this.ledger = peek(this.words, this.base + JOINABLE) === 0 ? null : new Ledger(this)
  }

  /** All 0 but for its kind and bounds. Killed inside: nothing is left. Until `share`, it is this thread's. */
  static create(kind: number, { maxSize, maxBytes, isJoinable = false }: Bounds): Header {
    const reference = headers.take()
    const { words, base } = objectAt(reference)
    for (let word = 0; word < HEADER_BYTES / WORD_BYTES; word += 1) {
      // A stale handle may hold a lock of this header for a moment: that one gives it back itself.
      if (word !== IN + LOCK && word !== OUT + LOCK) store(words, base + word, 0)
    }
    store(words, base + KIND, kind)
    store(words, base + MAX_SIZE, maxSize)
    store(words, base + JOINABLE, isJoinable ? 1 : 0)
    store(words, base + MAX_WEIGHT, Math.ceil(maxBytes / OCTET))
    return new Header(reference)
  }

  get size(): number {
    for (;;) {
      const taken = load(this.words, this.#taken)
      const put = load(this.words, this.#put)
      if (load(this.words, this.#taken) === taken) return (put - taken) | 0
    }
  }

  get isEmpty(): boolean {
    return load(this.words, this.#put) === load(this.words, this.#taken)
  }

  get isFull(): boolean {
    return this.maxSize > 0 && this.size >= this.maxSize
  }

  get shutDown(): number {
    return load(this.words, this.base + SHUT_DOWN)
  }

  /** Never back. For the holder of *in*'s lock; without it the put in whose middle its holder is may still go in. */
  refuseLaterPuts(how: number): void {
    raise(this.words, this.base + SHUT_DOWN, how)
  }

  /** From here on reapers look into it. `lists`: of those who wait for items, for room, and for all to be done with. */
  share(lists: readonly Reference[]): void {
    for (const [index, list] of lists.entries()) store(this.words, this.base + LISTS + index, list | 0)
    arena().allocator.entries.changeOwner(this.reference, arena().me, QUEUE)
  }

  /** For who has all locks, when the queue is closed: what is taken now is nobody's. */
  endLedger(): void {
    this.ledger?.end()
    this.ledger = null
  }

  /** The maker's, when the queue is closed and its locks are its own no more. */
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
