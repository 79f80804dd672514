// What a block holds says whose it is and that nobody else has written to it: a header, and words derived from its place and seed.
import type { Arena } from '../../src/memory/arena.ts'
import { SEGMENT_BYTES } from '../../src/memory/layout.ts'
import type { Reference } from '../../src/memory/segments.ts'

const MAGIC = 0x50415454
const HEADER_WORDS = 4
/** Up to here every word is checked, above it one word in each page. */
const CHECKED_FULLY = 64 * 1024
const PAGE_WORDS = 1024

export function fill(arena: Arena, reference: Reference, byteLength: number, seed: number): void {
  const words = wordsOf(arena, reference, byteLength)
  words.set([MAGIC, seed, byteLength, mix(reference, seed, byteLength)])
  for (let index = HEADER_WORDS; index < words.length; index += stepOf(byteLength)) words[index] = mix(reference, seed, index)
}

/** Throws when a block does not hold what was put into it. */
export function verify(arena: Arena, reference: Reference): void {
  const [magic, seed, byteLength, sum] = wordsOf(arena, reference, HEADER_WORDS * 4) as unknown as [number, number, number, number]
  if (magic !== MAGIC || sum !== mix(reference, seed, byteLength)) throw new Error(`Block ${reference} has lost its header`)
  const words = wordsOf(arena, reference, byteLength)
  for (let index = HEADER_WORDS; index < words.length; index += stepOf(byteLength)) {
    if (words[index] !== mix(reference, seed, index))
      throw new Error(`Block ${reference} of ${byteLength} bytes was changed at word ${index}`)
  }
}

/** Of a range, the part in its first segment. */
function wordsOf(arena: Arena, reference: Reference, byteLength: number): Int32Array {
  const bytes = arena.view(reference, Math.min(byteLength, SEGMENT_BYTES))
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2)
}

function stepOf(byteLength: number): number {
  return byteLength <= CHECKED_FULLY ? 1 : PAGE_WORDS
}

function mix(reference: number, seed: number, index: number): number {
  const mixed = Math.imul(reference ^ Math.imul(seed, 0x9e3779b1), 0x85ebca6b) + Math.imul(index, 0xc2b2ae35)
  return mixed ^ (mixed >>> 15)
}
