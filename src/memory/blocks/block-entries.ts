// Two words for each block: who owns it, and how often it was freed. Both live outside the block, so that nothing a user writes
// can harm them. The owner word is the truth about a block: 0 is free, and taking a small block is one exchange of it.
import type { OwnerId } from '../identity.ts'
import { BLOCK_WORDS, RANGE_ENTRY_WORDS, SEGMENT_BYTES, WORDS_PER_BLOCK_ENTRY } from '../layout.ts'
import { granuleOf, type Reference, type Segments, segmentOf } from '../segments.ts'
import { add, exchange, load, store, type Words } from '../words.ts'

export const NOBODY: OwnerId = 0

export class BlockEntries {
  readonly #segments: Segments
  readonly #root: Words

  constructor(segments: Segments) {
    this.#segments = segments
    this.#root = segments.words(0)
  }

  ownerOf(reference: Reference): OwnerId {
    return load(this.#wordsOf(reference), this.#indexOf(reference))
  }

  /** True: `from` owned the block, `to` does now. */
  changeOwner(reference: Reference, from: OwnerId, to: OwnerId): boolean {
    return exchange(this.#wordsOf(reference), this.#indexOf(reference), from, to)
  }

  setOwner(reference: Reference, owner: OwnerId): void {
    store(this.#wordsOf(reference), this.#indexOf(reference), owner)
  }

  /** Changes whenever the block is freed: a handle that remembers another one is stale. */
  generationOf(reference: Reference): number {
    return load(this.#wordsOf(reference), this.#indexOf(reference) + 1)
  }

  /** Where the generation stands in the arena's file, in bytes: for those who have not mapped it. */
  generationOffset(reference: Reference): number {
    const segment = granuleOf(reference) === 0 ? 0 : segmentOf(reference)
    return segment * SEGMENT_BYTES + (this.#indexOf(reference) + 1) * 4
  }

  /** Where the generation stands, for those who look at it all the time. */
  generationPlace(reference: Reference): { words: Words; index: number } {
    return { words: this.#wordsOf(reference), index: this.#indexOf(reference) + 1 }
  }

  nextGeneration(reference: Reference): void {
    add(this.#wordsOf(reference), this.#indexOf(reference) + 1, 1)
  }

  // A block at the very start of a segment is a range: that place in an ordinary segment holds tables.
  #wordsOf(reference: Reference): Words {
    return granuleOf(reference) === 0 ? this.#root : this.#segments.words(segmentOf(reference))
  }

  #indexOf(reference: Reference): number {
    const granule = granuleOf(reference)
    if (granule === 0) return RANGE_ENTRY_WORDS + segmentOf(reference) * WORDS_PER_BLOCK_ENTRY
    return BLOCK_WORDS + granule * WORDS_PER_BLOCK_ENTRY
  }
}
