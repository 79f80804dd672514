// Where everything is in a ranked store's header and pages, in words. What its header has in common with others', store/header.ts says.

// The header.
/** Somebody is at it, or was when it died: the order is not what it should be, and counts may be behind by one. */
export const DIRTY = 7
/** Slots from this number on were never used. */
export const USED_SLOTS = 8
/** Of all that is in it, in octets. */
export const WEIGHT = 9
/** What *in*'s count is the low half of: each message has a number, and no two have the same. */
export const NUMBER_HIGH = 10
/** References of the pages. */
export const PAGES = 64
/** Their slots are as many as the order's words can name. */
export const MOST_PAGES = 26

/** A page has as many slots as all before it, and these more. First comes the order, a word a slot; then the entries. */
export const FIRST_SLOTS = 16

// An entry, on cache lines of its own.
export const ENTRY_WORDS = 32
export const ENTRY_OCTETS = ENTRY_WORDS / 2
export const STATE = 0
/** Rank and number, two words each, the high one with a sign. */
export const KEY = 1
export const RECORD = 6
/** So many bytes of a message fit into an entry, whichever head its record has. */
export const MOST_INLINE = 88

// The states of an entry.
export const FREE = 0
export const USED = 1
