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
/** References of the lists of those who wait for items and for room, for reapers. */
export const LISTS = 4
/** A side: its lock, and how many messages have passed it. */
export const IN = 16
export const OUT = 32
export const LOCK = 0
export const COUNT = 1
/** Somebody found the lock taken, and will want to be woken when it is not. */
export const CONTENDED = 15
/** How many of the messages taken are done with, for `JoinableQueue`. */
export const DONE = 48

export const RING = 0
export const RANKED = 1
/** A ranked store in which the last is the first. */
export const STACK = 2

export const OPEN = 0
export const DRAINING = 1
/** Nothing is taken any more, either. */
export const SHUT_AT_ONCE = 2
