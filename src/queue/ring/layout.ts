// Where everything is in a queue's header and in its chunks, in words. Each side's words are on cache lines of their own.
import type { Words } from '../../memory/words.ts'

export const HEADER_BYTES = 256

// What does not change, but for the last.
export const MAX_SIZE = 0
/** In octets, as all weights. */
export const MAX_WEIGHT = 1
export const SHUT_DOWN = 2
/** References of the lists of those who wait for items and for room, for reapers. */
export const LISTS = 4
/** How many of the messages taken are done with, for `JoinableQueue`. */
export const DONE = 48

/** A side: its lock, its count, and two slots for its position. */
export const IN = 16
export const OUT = 32
export const LOCK = 0
export const COUNT = 1
export const SLOTS = 2
export const SLOT_WORDS = 6
/** Somebody found the lock taken, and will want to be woken when it is not. */
export const CONTENDED = SLOTS + 2 * SLOT_WORDS + 1
/** Of *in*: a chunk that is being linked. Reapers look here. */
export const LINKING = SLOTS + 2 * SLOT_WORDS

// A slot.
export const AT_COUNT = 0
export const AT_CHUNK = 1
export const AT_OFFSET = 2
export const AT_WEIGHT = 3
/** The chunk that *out* has left with this step, and its generation: if it is there still, it is to be freed. */
export const AT_LEFT = 4
export const AT_LEFT_GENERATION = 5

// A chunk.
export const NEXT_CHUNK = 0
export const CAPACITY = 1
export const FIRST_RECORD = 4
export const SMALLEST_CHUNK = 4096
export const LARGEST_CHUNK = 32768

// A record.
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
/** Instead of a record: the next one is in the next chunk. */
export const END = -1
/** A record with a message of this length fits into every chunk. */
export const MOST_INLINE = 4000

export const OPEN = 0
export const DRAINING = 1
/** Nothing is taken any more, either. */
export const SHUT_AT_ONCE = 2

/** Where some words are. */
export interface Place {
  readonly words: Words
  readonly base: number
}
