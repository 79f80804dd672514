// The pages of a ranked store: they are linked when there are more messages than ever before, and the large ones are freed when there is none.
// Only the lock's holder links and frees.
//
// A page that the header names is the tree's, or for a moment that of who links or frees it. Should that one die, the page is given to the tree:
// by its reaper, and by whoever has the lock next.
import { arena } from '../../memory/arena.ts'
import { type OwnerId, THE_TREE } from '../../memory/identity.ts'
import { SEGMENT_BYTES, WORD_BYTES } from '../../memory/layout.ts'
import { granuleOf, type Reference, segmentOf, wordOf } from '../../memory/segments.ts'
import { load, peek, store, type Words } from '../../memory/words.ts'
import { ENTRY_WORDS, FIRST_SLOTS, MOST_PAGES, PAGES } from './layout.ts'

/** A page as this thread sees it. */
export interface Page {
  readonly reference: Reference
  readonly words: Words
  readonly bytes: Uint8Array
  /** Its first slot. */
  readonly first: number
  /** Where its parts begin, in words. */
  readonly order: number
  readonly entries: number
}

/** These stay when the store is empty: 1,008 messages. */
const LASTING = 6
const FIRST_SHIFT = Math.log2(FIRST_SLOTS)

export class Pages {
  readonly #words: Words
  readonly #directory: number
  readonly #known: (Page | undefined)[] = []

  /** `base`: of a ranked store's header. */
  constructor(words: Words, base: number) {
    this.#words = words
    this.#directory = base + PAGES
  }

  /** The page of a slot that is in use, or was. */
  of(slot: number): Page {
    const number = numberOf(slot)
    const reference = peek(this.#words, this.#directory + number) >>> 0
    const known = this.#known[number]
    // Its place is enough to know it by: the page of this number has the same length, wherever it is.
    return known !== undefined && known.reference === reference ? known : this.#open(number, reference)
  }

  /** The slot's page, which is linked now if it was not. @throws MultiprocessingError when there is no memory for it */
  linked(slot: number): Page {
    const number = numberOf(slot)
    if (load(this.#words, this.#directory + number) === 0) this.#link(number)
    return this.of(slot)
  }

  /** Whether there are pages that an empty store is better without. */
  get areMany(): boolean {
    return peek(this.#words, this.#directory + LASTING) !== 0
  }

  /** Frees the pages from `from` on, in which nothing is any more. */
  free(from = LASTING): void {
    const { allocator, me } = arena()
    for (let number = MOST_PAGES - 1; number >= from; number -= 1) {
      const reference = load(this.#words, this.#directory + number) >>> 0
      if (reference === 0) continue
      // Its name goes while it is this thread's: killed before that, it is the tree's again; after it, it is reaped.
      allocator.entries.changeOwner(reference, THE_TREE, me)
      store(this.#words, this.#directory + number, 0)
      allocator.free(reference, me, me)
    }
  }

  /** After the death of one who had the lock. */
  adopt(): void {
    const { entries } = arena().allocator
    for (let number = 0; number < MOST_PAGES; number += 1) {
      const reference = load(this.#words, this.#directory + number) >>> 0
      if (reference === 0) continue
      const owner = entries.ownerOf(reference)
      if (owner !== THE_TREE) entries.changeOwner(reference, owner, THE_TREE)
    }
  }

  #link(number: number): void {
    const { allocator, me } = arena()
    const reference = allocator.allocate(bytesOf(number), me)
    store(this.#words, this.#directory + number, reference | 0)
    allocator.entries.changeOwner(reference, me, THE_TREE)
  }

  #open(number: number, reference: Reference): Page {
    const page = pageAt(number, reference)
    this.#known[number] = page
    return page
  }
}

/** For the reaper of `dead`, before it frees what that one had. `base`: of a ranked store's header. */
export function adoptPages(words: Words, base: number, dead: OwnerId): void {
  const { entries } = arena().allocator
  for (let number = 0; number < MOST_PAGES; number += 1) {
    const reference = load(words, base + PAGES + number) >>> 0
    if (reference !== 0) entries.changeOwner(reference, dead, THE_TREE)
  }
}

function numberOf(slot: number): number {
  return 31 - Math.clz32((slot >> FIRST_SHIFT) + 1)
}

function pageAt(number: number, reference: Reference): Page {
  const slots = slotsOf(number)
  const segment = segmentOf(reference)
  // A range of segments has a mapping of its own, which is collected with its buffer.
  const range = granuleOf(reference) === 0 ? arena().segments.range(segment, Math.ceil(bytesOf(number) / SEGMENT_BYTES)) : null
  const words = range === null ? arena().segments.words(segment) : new Int32Array(range.buffer)
  const order = wordOf(reference)
  return { reference, words, bytes: range ?? arena().segments.bytes(segment), first: slots - FIRST_SLOTS, order, entries: order + slots }
}

function slotsOf(number: number): number {
  return FIRST_SLOTS * 2 ** number
}

function bytesOf(number: number): number {
  return slotsOf(number) * (1 + ENTRY_WORDS) * WORD_BYTES
}
