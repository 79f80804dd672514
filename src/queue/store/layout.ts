// Where everything is in a queue's header, in words: what is the same wherever its messages lie. Each side's words are on cache lines of their
// own; what they mean beyond lock and count, and the words that are not named here, are the store's.

export const HEADER_BYTES = 384

// What does not change, but for SHUT_DOWN.
export const MAX_SIZE = 0
/** In octets, as all weights. */
export const MAX_WEIGHT = 1
export const SHUT_DOWN = 2
/** Which store it is. */
export const KIND = 3
/** References of the lists of those who wait for items, for room and for all being done with, for reapers. */
export const LISTS = 4
/** A side: its lock, and how many messages have passed it. */
export const IN = 16
export const OUT = 32
export const LOCK = 0
export const COUNT = 1
/** Somebody found the lock taken, and will want to be woken when it is not. */
export const CONTENDED = 15

// What only a queue that can be joined has: see ledger/README.md.
export const JOINABLE = 48
/** References of the blocks with the entries. */
export const LEDGER = 49
export const LEDGER_MORE = 50
/** Entries from this number on were never used. */
export const TAKERS = 51
/** A take that its entry does not tell of yet: what *out*'s count is once it has happened, the entry's number and 1, and its total then. */
export const TAKING_COUNT = 52
export const TAKING_ENTRY = 53
export const TAKING_TOTAL = 54
/** A loss that is being written: the entry's number and 1, what it has done with then, what has been lost in all, and its REPORTED before. */
export const LOSING_ENTRY = 55
export const LOSING_DONE = 56
export const LOSING_TOTAL = 57
/** How many items have been lost with those who had taken them, and how many of them a `join` has told of. */
export const LOST = 58
export const TOLD = 59
/** So many of the unfinished may be done with or lost, since others reported them than had taken them. */
export const DOUBTFUL = 60
/** So many reports may still come for items that were lost. */
export const LATE = 61
/** How often something was lost. */
export const LOSSES = 62
export const LOSING_REPORTED = 63

export const RING = 0
export const RANKED = 1
/** A ranked store in which the last is the first. */
export const STACK = 2

export const OPEN = 0
export const DRAINING = 1
/** Nothing is taken any more, either. */
export const SHUT_AT_ONCE = 2
