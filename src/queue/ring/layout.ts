// Where everything is in a ring's sides and in its chunks, in words. What its header has in common with others', store/header.ts says.

// A side has two slots for its position, behind lock and count.
export const SLOTS = 2
export const SLOT_WORDS = 6
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
/** Instead of a record: the next one is in the next chunk. */
export const END = -1
/** A record with a message of this length fits into every chunk. */
export const MOST_INLINE = 4000
