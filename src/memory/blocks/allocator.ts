// Blocks of any size for any process of the tree; README.md has the states and the argument.
import { MultiprocessingError } from '../../base/errors.ts'
import type { BlockEntries } from './block-entries.ts'
import { freeingBy, type OwnerId } from '../identity.ts'
import { LARGEST_RUN, LARGEST_SMALL_BLOCK, SEGMENT_BYTES, SIZE_CLASSES, SPAN_BYTES, SPANS_PER_SEGMENT } from '../layout.ts'
import { LargeBlocks, spanOf, type TakenSpan } from './large-blocks.ts'
import { granuleOf, type Reference, type Segments, segmentOf } from '../segments.ts'
import { SmallBlocks, sizeClassFor } from './small-blocks.ts'

export class Allocator {
  readonly large: LargeBlocks
  readonly entries: BlockEntries
  readonly #small: SmallBlocks

  constructor(segments: Segments, entries: BlockEntries) {
    this.entries = entries
    this.large = new LargeBlocks(segments, entries)
    this.#small = new SmallBlocks(segments, entries)
  }

  /**
   * A block of at least `byteLength` bytes, owned by `owner`. Its bytes are whatever was there before.
   *
   * Crash safety: a caller killed inside leaves nothing that its reaper does not take back.
   * @throws MultiprocessingError `ERR_OUT_OF_MEMORY` when the arena's 256 GiB are used up; the system's error when it cannot grow.
   */
  allocate(byteLength: number, owner: OwnerId): Reference {
    let reference: Reference
    if (byteLength <= LARGEST_SMALL_BLOCK) reference = this.#allocateCell(sizeClassFor(byteLength), owner)
    else if (byteLength <= LARGEST_RUN) reference = this.large.allocateRun(byteLength, owner)
    else reference = this.large.allocateRange(byteLength, owner)
    if (reference !== 0) return reference
    throw new MultiprocessingError(`The shared memory of this tree has no room for ${byteLength} bytes more`, { code: 'ERR_OUT_OF_MEMORY' })
  }

  /** Frees a block that `owner` owns, in the name of `me`. False: it is not `owner`'s (any more), nothing was done. */
  free(reference: Reference, owner: OwnerId, me: OwnerId): boolean {
    if (!this.entries.changeOwner(reference, owner, freeingBy(me))) return false
    this.finishFreeing(reference, me)
    return true
  }

  /** For a block that is marked as being freed by `me`, or by a dead one whom `me` reaps. */
  finishFreeing(reference: Reference, me: OwnerId): void {
    const sizeClass = this.#sizeClassOf(reference)
    if (sizeClass >= 0) this.#small.giveBack(reference, sizeClass)
    else this.large.giveBack(reference, me)
  }

  /** How many bytes the block at `reference` has room for; 0 when there is none. */
  capacityOf(reference: Reference): number {
    const sizeClass = this.#sizeClassOf(reference)
    if (sizeClass >= 0) return SIZE_CLASSES[sizeClass] as number
    if (granuleOf(reference) === 0) return this.large.segmentTable.lengthAt(segmentOf(reference)) * SEGMENT_BYTES
    return this.large.spanTable(segmentOf(reference)).lengthAt(spanOf(reference)) * SPAN_BYTES
  }

  /** -1: not a small block. */
  #sizeClassOf(reference: Reference): number {
    if (granuleOf(reference) === 0) return -1
    return this.large.spanTable(segmentOf(reference)).sizeClassAt(spanOf(reference))
  }

  #allocateCell(sizeClass: number, owner: OwnerId): Reference {
    for (;;) {
      let cell = this.#small.take(sizeClass, owner)
      if (cell === 0 && this.#learnSpans(sizeClass)) cell = this.#small.take(sizeClass, owner)
      if (cell !== 0) return cell
      const span = this.large.takeSpans(1, owner)
      if (span !== null) {
        this.#cut(span, sizeClass)
        continue
      }
      cell = this.#small.takeAnywhere(sizeClass, owner)
      if (cell !== 0) return cell
      if (!this.large.addSegment(owner)) return 0
    }
  }

  #cut(span: TakenSpan, sizeClass: number): void {
    this.large.spanTable(span.segment).commitCells(span.head, sizeClass)
    this.#small.learn(span.segment * SPANS_PER_SEGMENT + span.head, sizeClass)
  }

  /** Spans that other processes cut into cells of this class since the last look. True: there were some. */
  #learnSpans(sizeClass: number): boolean {
    let learned = false
    for (let segment = 0; segment < this.large.segmentLimit; segment += 1) {
      if (!this.large.hasSpans(segment)) continue
      const table = this.large.spanTable(segment)
      for (let span = table.first; span < table.count; span += 1) {
        if (table.sizeClassAt(span) === sizeClass && this.#small.learn(segment * SPANS_PER_SEGMENT + span, sizeClass)) learned = true
      }
    }
    return learned
  }
}
