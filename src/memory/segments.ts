// The segments of an arena as this process has mapped them. A mapping is made when a block in it is first met and lives as long
// as the process: closing one would pull memory away under somebody's view.
import { GRANULE_BYTES, GRANULES_PER_SEGMENT, SEGMENT_BYTES, WORD_BYTES } from './layout.ts'
import type { MemorySource } from './memory-source.ts'
import type { Words } from './words.ts'

/** A block's place: the number of its first granule in the arena. 0 is no block. */
export type Reference = number

export function segmentOf(reference: Reference): number {
  return Math.floor(reference / GRANULES_PER_SEGMENT)
}

export function granuleOf(reference: Reference): number {
  return reference % GRANULES_PER_SEGMENT
}

/** Where a block begins in the words of its segment. */
export function wordOf(reference: Reference): number {
  return (granuleOf(reference) * GRANULE_BYTES) / WORD_BYTES
}

export function referenceTo(segment: number, granule: number): Reference {
  return segment * GRANULES_PER_SEGMENT + granule
}

export class Segments {
  readonly source: MemorySource
  readonly #words: Words[] = []
  readonly #bytes: Uint8Array[] = []

  constructor(source: MemorySource) {
    this.source = source
  }

  /** All words of a segment. Every process and thread sees the same memory. */
  words(segment: number): Words {
    return this.#words[segment] ?? this.#map(segment)
  }

  bytes(segment: number): Uint8Array {
    if (this.#bytes[segment] === undefined) this.#map(segment)
    return this.#bytes[segment] as Uint8Array
  }

  /** The first `length` bytes of a block. Mostly within a view of the whole segment: never for users. */
  view(reference: Reference, length: number): Uint8Array {
    if (granuleOf(reference) === 0) return this.range(segmentOf(reference), Math.ceil(length / SEGMENT_BYTES)).subarray(0, length)
    const start = granuleOf(reference) * GRANULE_BYTES
    return this.bytes(segmentOf(reference)).subarray(start, start + length)
  }

  /** Copies bytes into a block, through mappings that stay: quicker than any other way where the block's pages were met before. */
  write(reference: Reference, bytes: Uint8Array): void {
    this.#forEachPart(reference, bytes.byteLength, (part, at) => part.set(bytes.subarray(at, at + part.byteLength)))
  }

  /** Copies as many bytes out of a block as there is room for in `into`. */
  read(reference: Reference, into: Uint8Array): void {
    this.#forEachPart(reference, into.byteLength, (part, at) => into.set(part, at))
  }

  /** `count` segments as one buffer of its own, for a range. */
  range(segment: number, count: number): Uint8Array {
    return new Uint8Array(this.source.map(segment, count))
  }

  punch(segment: number, offset: number, length: number): void {
    this.source.punch(segment, offset, length)
  }

  /** Calls back for the part of a block in each segment, and where it begins in the block. */
  #forEachPart(reference: Reference, byteLength: number, callback: (part: Uint8Array, at: number) => void): void {
    let segment = segmentOf(reference)
    let start = granuleOf(reference) * GRANULE_BYTES
    for (let at = 0; at < byteLength; segment += 1) {
      const length = Math.min(byteLength - at, SEGMENT_BYTES - start)
      callback(this.bytes(segment).subarray(start, start + length), at)
      at += length
      start = 0
    }
  }

  #map(segment: number): Words {
    const buffer = this.source.map(segment, 1)
    const words = new Int32Array(buffer, 0, SEGMENT_BYTES / 4)
    this.#words[segment] = words
    this.#bytes[segment] = new Uint8Array(buffer)
    return words
  }
}
