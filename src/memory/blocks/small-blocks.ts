// Blocks of at most 32 KiB: cells of equal size in a span. A cell is free exactly when its owner word is 0, so taking one is a
// single exchange and giving it back a single store; nothing else has to be true. Everything this class remembers beside that
// (recently freed cells, spans it knows, where it looked last, how full a span is about) only says where to look first.
import type { OwnerId } from '../identity.ts'
import { type BlockEntries, NOBODY } from './block-entries.ts'
import { GRANULE_BYTES, GRANULES_PER_SPAN, SIZE_CLASSES, SPAN_BYTES, SPAN_USE_WORDS, SPANS_PER_SEGMENT } from '../layout.ts'
import { type Reference, referenceTo, type Segments } from '../segments.ts'
import { add, load } from '../words.ts'

/** A span's number in the arena: segment × spans per segment + span. */
export type SpanNumber = number

const REMEMBERED_CELLS = 64

interface KnownSpans {
  readonly spans: SpanNumber[]
  readonly known: Set<SpanNumber>
  readonly recentlyFreed: Reference[]
  at: number
  cell: number
}

export class SmallBlocks {
  readonly #segments: Segments
  readonly #entries: BlockEntries
  readonly #classes: KnownSpans[] = SIZE_CLASSES.map(() => ({ spans: [], known: new Set(), recentlyFreed: [], at: 0, cell: 0 }))

  constructor(segments: Segments, entries: BlockEntries) {
    this.#segments = segments
    this.#entries = entries
  }

  /** A free cell of the class, now `owner`'s; 0 when the spans known here have none. */
  take(sizeClass: number, owner: OwnerId): Reference {
    const known = this.#classes[sizeClass] as KnownSpans
    for (let cell = known.recentlyFreed.pop(); cell !== undefined; cell = known.recentlyFreed.pop()) {
      if (this.#entries.changeOwner(cell, NOBODY, owner)) return this.#taken(cell)
    }
    for (let looked = 0; looked < known.spans.length; looked += 1) {
      const cell = this.#takeFrom(known, sizeClass, owner)
      if (cell !== 0) return cell
      known.at = (known.at + 1) % known.spans.length
      known.cell = 0
    }
    return 0
  }

  /** Looks at every cell, also where the hints say that there is no room: before the arena grows. */
  takeAnywhere(sizeClass: number, owner: OwnerId): Reference {
    for (const span of (this.#classes[sizeClass] as KnownSpans).spans) {
      for (let cell = 0; cell < cellsPerSpan(sizeClass); cell += 1) {
        const reference = cellReference(span, sizeClass, cell)
        if (this.#entries.changeOwner(reference, NOBODY, owner)) return this.#taken(reference)
      }
    }
    return 0
  }

  /** The cell is marked as being freed, and let go. */
  giveBack(cell: Reference, sizeClass: number): void {
    this.#entries.nextGeneration(cell)
    this.#entries.setOwner(cell, NOBODY)
    this.#changeUse(cell, -1)
    const { recentlyFreed } = this.#classes[sizeClass] as KnownSpans
    if (recentlyFreed.length < REMEMBERED_CELLS) recentlyFreed.push(cell)
  }

  /** A span with cells of this class, made here or found. False: it was known already. */
  learn(span: SpanNumber, sizeClass: number): boolean {
    const known = this.#classes[sizeClass] as KnownSpans
    if (known.known.has(span)) return false
    known.known.add(span)
    known.at = known.spans.push(span) - 1
    known.cell = 0
    return true
  }

  #takeFrom(known: KnownSpans, sizeClass: number, owner: OwnerId): Reference {
    const span = known.spans[known.at] as SpanNumber
    const cells = cellsPerSpan(sizeClass)
    const words = this.#segments.words(Math.floor(span / SPANS_PER_SEGMENT))
    if (load(words, SPAN_USE_WORDS + (span % SPANS_PER_SEGMENT)) >= cells) return 0
    for (let looked = 0; looked < cells; looked += 1) {
      const reference = cellReference(span, sizeClass, known.cell)
      known.cell = (known.cell + 1) % cells
      if (this.#entries.ownerOf(reference) === NOBODY && this.#entries.changeOwner(reference, NOBODY, owner)) return this.#taken(reference)
    }
    return 0
  }

  #taken(cell: Reference): Reference {
    this.#changeUse(cell, 1)
    return cell
  }

  #changeUse(cell: Reference, by: number): void {
    const span = Math.floor(cell / GRANULES_PER_SPAN)
    add(this.#segments.words(Math.floor(span / SPANS_PER_SEGMENT)), SPAN_USE_WORDS + (span % SPANS_PER_SEGMENT), by)
  }
}

export function cellsPerSpan(sizeClass: number): number {
  return Math.floor(SPAN_BYTES / (SIZE_CLASSES[sizeClass] as number))
}

export function cellReference(span: SpanNumber, sizeClass: number, cell: number): Reference {
  const granulesPerCell = (SIZE_CLASSES[sizeClass] as number) / GRANULE_BYTES
  const granule = (span % SPANS_PER_SEGMENT) * GRANULES_PER_SPAN + cell * granulesPerCell
  return referenceTo(Math.floor(span / SPANS_PER_SEGMENT), granule)
}

/** The smallest class that holds so many bytes. */
export function sizeClassFor(byteLength: number): number {
  let low = 0
  let high = SIZE_CLASSES.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((SIZE_CLASSES[middle] as number) >= byteLength) high = middle
    else low = middle + 1
  }
  return low
}
