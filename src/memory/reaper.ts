// Takes back all that a dead process or thread owned. Every step may be repeated: if the reaper dies, its own reaper goes on.
import type { Allocator } from './blocks/allocator.ts'
import { type BlockEntries, NOBODY } from './blocks/block-entries.ts'
import { freeingBy, type OwnerId, slotOf } from './identity.ts'
import { DIRTY_KIB_WORD, GRANULES_PER_SPAN, SPAN_BYTES, SPAN_USE_WORDS, SPANS_PER_SEGMENT } from './layout.ts'
import type { ProcessTable } from './process-table.ts'
import { type Reference, referenceTo, type Segments } from './segments.ts'
import { cellReference, cellsPerSpan, sizeClassFor } from './blocks/small-blocks.ts'
import { store } from './words.ts'

/** What else a dead owner leaves behind, above this floor: messages half written, locks held. Must be repeatable. */
export type ReapHook = (dead: OwnerId, me: OwnerId) => void

export class Reaper {
  readonly #segments: Segments
  readonly #allocator: Allocator
  readonly #entries: BlockEntries
  readonly #slots: ProcessTable
  readonly #hooks: readonly ReapHook[]

  /** `hooks` run for every owner that is reaped, before its blocks are freed. */
  constructor(segments: Segments, allocator: Allocator, slots: ProcessTable, hooks: readonly ReapHook[] = []) {
    this.#segments = segments
    this.#allocator = allocator
    this.#entries = allocator.entries
    this.#slots = slots
    this.#hooks = hooks
  }

  /** Reaps one who has ended, certainly. False: another process is doing it, or has done it. */
  reap(dead: OwnerId, me: OwnerId): boolean {
    if (!this.#slots.beginReaping(dead, me)) return false
    this.#reapSlot(slotOf(dead), me)
    return true
  }

  /** The slot is REAPING by `me`: now, or since another reaper of it was killed. */
  #reapSlot(slot: number, me: OwnerId): void {
    const dead = this.#slots.idOf(slot)
    for (const hook of this.#hooks) hook(dead, me)
    this.reclaim(dead, me)
    // What it was starting or reaping. What it has started lives on and ends by itself.
    for (let left = 1; left < this.#slots.limit; left += 1) {
      if (this.#slots.takeOver(left, dead, me)) this.#reapSlot(left, me)
    }
    this.#slots.endReaping(slot)
  }

  /** Frees every block of `dead` and finishes what it was doing in the allocator. Returns the number of blocks freed. */
  reclaim(dead: OwnerId, me: OwnerId): number {
    const { large } = this.#allocator
    let freed = 0
    let dirtySpans = 0
    for (let segment = 0; segment < large.segmentLimit; segment += 1) {
      const entry = large.segmentTable.entryAt(segment)
      if (entry.kind === 'held' && entry.owner === dead) large.releaseRange(segment)
      if (entry.kind === 'run' && this.#freeIfOwned(referenceTo(segment, 0), dead, me)) freed += 1
      if (entry.kind === 'cells') {
        const result = this.#reclaimSpans(segment, dead, me)
        freed += result.freed
        dirtySpans += result.dirtySpans
      }
    }
    store(this.#segments.words(0), DIRTY_KIB_WORD, dirtySpans * (SPAN_BYTES / 1024))
    return freed
  }

  /** Calls back for each small block of a size class that `owner` has. For what `owner` gets or gives back meanwhile, perhaps. */
  forEachBlock(byteLength: number, owner: OwnerId, callback: (reference: Reference) => void): void {
    const { large } = this.#allocator
    const sizeClass = sizeClassFor(byteLength)
    for (let segment = 0; segment < large.segmentLimit; segment += 1) {
      if (!large.hasSpans(segment)) continue
      const table = large.spanTable(segment)
      for (let span = table.first; span < table.count; span += 1) {
        if (table.sizeClassAt(span) !== sizeClass) continue
        for (let cell = 0; cell < cellsPerSpan(sizeClass); cell += 1) {
          const reference = cellReference(segment * SPANS_PER_SEGMENT + span, sizeClass, cell)
          if (this.#entries.ownerOf(reference) === owner) callback(reference)
        }
      }
    }
  }

  #reclaimSpans(segment: number, dead: OwnerId, me: OwnerId): { freed: number; dirtySpans: number } {
    const table = this.#allocator.large.spanTable(segment)
    let freed = 0
    let dirtySpans = 0
    for (let span = table.first; span < table.count; span += 1) {
      const entry = table.entryAt(span)
      if (entry.kind === 'held' && entry.owner === dead) this.#allocator.large.releaseRun(segment, span)
      if (entry.kind === 'run' && this.#freeIfOwned(referenceTo(segment, span * GRANULES_PER_SPAN), dead, me)) freed += 1
      if (entry.kind === 'cells') freed += this.#reclaimCells(segment, span, entry.sizeClass, dead, me)
      if (entry.kind === 'free' && entry.dirty) dirtySpans += 1
    }
    return { freed, dirtySpans }
  }

  #reclaimCells(segment: number, span: number, sizeClass: number, dead: OwnerId, me: OwnerId): number {
    const cells = cellsPerSpan(sizeClass)
    let freed = 0
    let used = 0
    for (let cell = 0; cell < cells; cell += 1) {
      const reference = cellReference(segment * SPANS_PER_SEGMENT + span, sizeClass, cell)
      if (this.#freeIfOwned(reference, dead, me)) freed += 1
      else if (this.#entries.ownerOf(reference) !== NOBODY) used += 1
    }
    store(this.#segments.words(segment), SPAN_USE_WORDS + span, used)
    return freed
  }

  #freeIfOwned(reference: Reference, dead: OwnerId, me: OwnerId): boolean {
    const owner = this.#entries.ownerOf(reference)
    // What the dead one owned, somebody it was sent to may be taking at this moment: one of the two gets it.
    if (owner === dead) return this.#allocator.free(reference, dead, me)
    if (owner !== freeingBy(dead)) return false
    this.#allocator.finishFreeing(reference, me)
    return true
  }
}
