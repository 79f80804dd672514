// A side of the ring: its position, in two slots of which one counts. README.md has the argument.
import { load, peek, store, type Words, write } from '../../memory/words.ts'
import { COUNT } from '../store/layout.ts'
import { AT_CHUNK, AT_COUNT, AT_LEFT, AT_LEFT_GENERATION, AT_OFFSET, AT_WEIGHT, SLOT_WORDS, SLOTS } from './layout.ts'

/** Where the slot begins that counts. For the lock's holder; for others it may be another one the next moment. */
export function currentSlot(words: Words, side: number): number {
  const first = side + SLOTS
  return peek(words, first + AT_COUNT) === peek(words, side + COUNT) ? first : first + SLOT_WORDS
}

export interface Position {
  readonly count: number
  readonly chunk: number
  readonly offset: number
  readonly weight: number
  readonly left: number
  readonly leftGeneration: number
}

/** The lock's holder's: everything that it did happens with the last line. `count` is another than before. */
export function commit(words: Words, side: number, to: Position): void {
  const first = side + SLOTS
  const other = currentSlot(words, side) === first ? first + SLOT_WORDS : first
  write(words, other + AT_CHUNK, to.chunk)
  write(words, other + AT_OFFSET, to.offset)
  write(words, other + AT_WEIGHT, to.weight)
  write(words, other + AT_LEFT, to.left)
  write(words, other + AT_LEFT_GENERATION, to.leftGeneration)
  write(words, other + AT_COUNT, to.count)
  store(words, side + COUNT, to.count)
}

/** What has passed this side weighs, for who does not hold its lock. */
export function weightPassed(words: Words, side: number): number {
  for (;;) {
    const count = load(words, side + COUNT)
    const slot = currentSlot(words, side)
    const weight = load(words, slot + AT_WEIGHT)
    // The slot is written anew only after the count has moved on.
    if (load(words, side + COUNT) === count && peek(words, slot + AT_COUNT) === count) return weight
  }
}
