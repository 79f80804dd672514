// Messages as records, in words, as they go into stores and come out. README.md has the picture.
import type { Words } from '../../memory/words.ts'

/** Weights are counted in these, so that 16 GiB fit into a word's sign bit. */
export const OCTET = 8

export const RECORD_SIZE = 0
export const RECORD_LENGTH = 1
export const RECORD_WEIGHT = 2
export const RECORD_PRODUCER = 3
export const RECORD_BLOCK = 4
export const RECORD_GENERATION = 5
export const PLAIN_HEAD = 2
export const BESIDE_HEAD = 4
export const BLOCK_HEAD = 6
export const FLAG_BESIDE = 1
export const FLAG_BLOCK = 2
export const SIZE_SHIFT = 2

/** Up to so many words a loop is sooner done than a call. */
const FEW_WORDS = 64

export function copyWords(source: Words, from: number, target: Words, to: number, count: number): void {
  if (count > FEW_WORDS) target.set(source.subarray(from, from + count), to)
  else for (let word = 0; word < count; word += 1) target[to + word] = source[from + word] as number
}
