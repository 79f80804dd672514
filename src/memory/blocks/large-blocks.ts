// Blocks above 32 KiB: runs of spans in one segment, and ranges of whole segments. Spans and segments are the same run table
// (run-table.ts) on two scales; what this file adds is the block's owner, growing the arena, and giving memory back.
import { type BlockEntries, NOBODY } from './block-entries.ts'
import type { OwnerId } from '../identity.ts'
import {
  DIRTY_KIB_WORD,
  firstSpan,
  GRANULES_PER_SPAN,
  MAX_SEGMENTS,
  SEGMENT_BYTES,
  SEGMENT_LIMIT_WORD,
  SEGMENT_TABLE_WORDS,
  SPAN_BYTES,
  SPAN_WORDS,
  SPANS_PER_SEGMENT,
} from '../layout.ts'
import { RunTable } from './run-table.ts'
import { granuleOf, type Reference, referenceTo, type Segments, segmentOf } from '../segments.ts'
import { add, load, type Words } from '../words.ts'

/** Freed runs stay backed by memory up to this much: giving it back costs a page fault a page when it is used again. (Of ranges: `mostKept`.) */
const DIRTY_LIMIT_KIB = 32 * 1024
const SPAN_KIB = SPAN_BYTES / 1024

/** A segment that is cut into spans is, in the segment table, a unit with cells. */
const CUT_INTO_SPANS = 0

export interface TakenSpan {
  readonly segment: number
  readonly head: number
}

export class LargeBlocks {
  readonly segmentTable: RunTable
  readonly #segments: Segments
  readonly #entries: BlockEntries
  readonly #root: Words
  readonly #spanTables: RunTable[] = []
  #lastSegment = 0
  #lastIsBacked = false
  #onKept: () => void = nothing

  constructor(segments: Segments, entries: BlockEntries) {
    this.#segments = segments
    this.#entries = entries
    this.#root = segments.words(0)
    this.segmentTable = new RunTable(this.#root, SEGMENT_TABLE_WORDS, 0, MAX_SEGMENTS, SEGMENT_LIMIT_WORD)
  }

  /** Walks over segments end here. */
  get segmentLimit(): number {
    return load(this.#root, SEGMENT_LIMIT_WORD)
  }

  /** Whether the block that was allocated last has all of its pages; it was used before, then. Only a hint: somebody may have punched it. */
  get lastIsBacked(): boolean {
    return this.#lastIsBacked
  }

  /** `callback` hears of each range that was freed and keeps its pages, for somebody to give them back in the end: `giveBackKept`. */
  hearOfKept(callback: () => void): void {
    this.#onKept = callback
  }

  hasSpans(segment: number): boolean {
    return this.segmentTable.sizeClassAt(segment) === CUT_INTO_SPANS
  }

  spanTable(segment: number): RunTable {
    let table = this.#spanTables[segment]
    if (table === undefined) {
      table = new RunTable(this.#segments.words(segment), SPAN_WORDS, firstSpan(segment), SPANS_PER_SEGMENT)
      this.#spanTables[segment] = table
    }
    return table
  }

  /** A run of spans in the segments that are there, HELD by `owner`; null: no room without growing. */
  takeSpans(length: number, owner: OwnerId): TakenSpan | null {
    const limit = this.segmentLimit
    for (let step = 0; step < limit; step += 1) {
      const segment = (this.#lastSegment + step) % limit
      if (!this.hasSpans(segment)) continue
      const head = this.spanTable(segment).take(length, owner)
      if (head === -1) continue
      this.#lastSegment = segment
      const dirty = this.spanTable(segment).dirtyTaken()
      add(this.#root, DIRTY_KIB_WORD, -dirty * SPAN_KIB)
      this.#lastIsBacked = dirty >= length
      return { segment, head }
    }
    return null
  }

  /** One more segment with spans. False: the arena is full. @throws what the system says when it refuses to grow the file. */
  addSegment(owner: OwnerId): boolean {
    const segment = this.#takeSegments(1, owner)
    if (segment === -1) return false
    // It may have been part of a range, and tables begin as zeros. Segment 0 never was: the arena's own are there already.
    if (segment !== 0) this.#segments.punch(segment, 0, SEGMENT_BYTES)
    this.segmentTable.commitCells(segment, CUT_INTO_SPANS)
    return true
  }

  allocateRun(byteLength: number, owner: OwnerId): Reference {
    const length = Math.ceil(byteLength / SPAN_BYTES)
    let taken = this.takeSpans(length, owner)
    while (taken === null) {
      if (!this.addSegment(owner)) return 0
      taken = this.takeSpans(length, owner)
    }
    const reference = referenceTo(taken.segment, taken.head * GRANULES_PER_SPAN)
    this.#entries.setOwner(reference, owner)
    this.spanTable(taken.segment).commit(taken.head, length)
    return reference
  }

  allocateRange(byteLength: number, owner: OwnerId): Reference {
    const length = Math.ceil(byteLength / SEGMENT_BYTES)
    const head = this.#takeSegments(length, owner)
    if (head === -1) return 0
    const reference = referenceTo(head, 0)
    this.#entries.setOwner(reference, owner)
    this.segmentTable.commit(head, length)
    return reference
  }

  /** The block is marked as being freed by `me`, or by a dead one whom `me` reaps. */
  giveBack(reference: Reference, me: OwnerId): void {
    const segment = segmentOf(reference)
    const range = granuleOf(reference) === 0
    const table = range ? this.segmentTable : this.spanTable(segment)
    const head = range ? segment : spanOf(reference)
    if (!table.hold(head, me)) throw new Error(`Block ${reference} has an owner but is no run: the arena was overwritten`)
    if (range) this.releaseRange(head)
    else this.releaseRun(segment, head)
  }

  /** HELD → free: the second half of giving back, and what is done with what a dead owner held. */
  releaseRun(segment: number, head: number): void {
    const table = this.spanTable(segment)
    const length = table.heldLength(head)
    this.#clearOwner(referenceTo(segment, head * GRANULES_PER_SPAN))
    const dirty = load(this.#root, DIRTY_KIB_WORD) + length * SPAN_KIB <= DIRTY_LIMIT_KIB
    if (dirty) add(this.#root, DIRTY_KIB_WORD, length * SPAN_KIB)
    else this.#segments.punch(segment, head * SPAN_BYTES, length * SPAN_BYTES)
    table.release(head, { dirty })
  }

  releaseRange(head: number): void {
    this.#clearOwner(referenceTo(head, 0))
    const length = this.segmentTable.heldLength(head)
    const kept = this.segmentTable.countDirty(this.segmentLimit) + length <= this.#segments.source.mostKept
    if (!kept) this.#segments.punch(head, 0, length * SEGMENT_BYTES)
    this.segmentTable.release(head, { dirty: kept })
    if (kept) this.#onKept()
  }

  /** Gives the pages of all free segments back to the system. Others may take and free ranges meanwhile. */
  giveBackKept(me: OwnerId): void {
    for (let segment = 0; segment < this.segmentLimit; segment += 1) {
      if (!this.segmentTable.takeDirty(segment, me)) continue
      this.#segments.punch(segment, 0, SEGMENT_BYTES)
      this.segmentTable.release(segment, { dirty: false })
    }
  }

  #takeSegments(length: number, owner: OwnerId): number {
    const head = this.segmentTable.take(length, owner)
    if (head === -1) return -1
    this.#lastIsBacked = this.segmentTable.dirtyTaken() >= length
    try {
      this.#segments.source.grow(head + length)
    } catch (error) {
      this.segmentTable.release(head, { dirty: true })
      throw error
    }
    return head
  }

  /** While a head is HELD, the owner word of its block is the holder's to clear, whatever it says. */
  #clearOwner(reference: Reference): void {
    if (this.#entries.ownerOf(reference) === NOBODY) return
    this.#entries.nextGeneration(reference)
    this.#entries.setOwner(reference, NOBODY)
  }
}

function nothing(): void {}

/** The span in which a block begins, counted in its segment. */
export function spanOf(reference: Reference): number {
  return Math.floor(granuleOf(reference) / GRANULES_PER_SPAN)
}
