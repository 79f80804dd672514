// The block of memory in which a shared object has all of its state.
//
//   word   0 kind   1 state   2 reach   3 tickets   4 extension   5, 6 the kind's own   7 next   8 … 15 places (places.ts)
import { WORD_BYTES } from '../../memory/layout.ts'
import type { Words } from '../../memory/words.ts'

export const BLOCK_BYTES = 64
export const BLOCK_LENGTH = BLOCK_BYTES / WORD_BYTES

export const KIND = 0
export const STATE = 1
export const REACH = 2
export const TICKETS = 3
export const EXTENSION = 4
export const OWN = 5
export const NEXT = 7
export const FIRST_PLACE = 8

export const KIND_LOCK = 1
export const KIND_RLOCK = 2
export const KIND_SEMAPHORE = 3
export const KIND_EVENT = 4
export const KIND_CONDITION = 5
export const KIND_BARRIER = 6
export const KIND_WORD = 7

/** Where the words of an object are: what the algorithms of this folder work on. */
export interface ObjectWords {
  readonly words: Words
  readonly base: number
}
