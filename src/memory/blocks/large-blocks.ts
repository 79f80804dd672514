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

/** Freed runs stay backed by memory up to this much: giving it back costs a page fault a page when it is used again. */
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
      add(this.#root, DIRTY_KIB_WORD, -this.spanTable(segment).dirtyTaken() * SPAN_KIB)
      return { segment, head }
    }
    return null
  }

  /** One more segment with spans. False: the arena is full. @throws what the system says when it refuses to grow the file. */
  addSegment(owner: OwnerId): boolean {
    const segment = this.#takeSegments(1, owner)
    if (segment === -1) return false
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
    // A segment must be all zero before it can be cut into spans, so a range always goes back to the system.
    this.#segments.punch(head, 0, this.segmentTable.heldLength(head) * SEGMENT_BYTES)
    this.segmentTable.release(head, { dirty: false })
  }

  #takeSegments(length: number, owner: OwnerId): number {
    const head = this.segmentTable.take(length, owner)
    if (head === -1) return -1
    try {
      this.#segments.source.grow(head + length)
    } catch (error) {
      this.segmentTable.release(head, { dirty: false })
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

/** The span in which a block begins, counted in its segment. */
export function spanOf(reference: Reference): number {
  return Math.floor(granuleOf(reference) / GRANULES_PER_SPAN)
}
