// Where everything is in the arena. Sizes are bytes unless the name says words, spans or granules.
//
//   the arena      = one memory file, cut into segments of 16 MiB, each mapped by a process when it first meets one
//   segment 0      = [header 4 KiB][segment table][range owners][process table] and then like every other segment
//   a segment      = [span words][span use hints][block words: owner and generation of each granule][spans ...]
//   a span         = 64 KiB: small blocks of one size class, or part of a run of spans that is one large block
//   a range        = a run of whole segments that is one block, larger than what fits into a segment
//   a granule      = 64 bytes, the unit in which a block's place is counted: a reference is a granule's number in the file

export const SEGMENT_BYTES = 16 * 1024 * 1024
export const SPAN_BYTES = 64 * 1024
export const GRANULE_BYTES = 64
export const WORD_BYTES = 4

export const SPANS_PER_SEGMENT = SEGMENT_BYTES / SPAN_BYTES
export const GRANULES_PER_SEGMENT = SEGMENT_BYTES / GRANULE_BYTES
export const GRANULES_PER_SPAN = SPAN_BYTES / GRANULE_BYTES
/** A reference is 32 bits wide: 2^32 granules of 64 bytes are 256 GiB. */
export const MAX_SEGMENTS = 2 ** 32 / GRANULES_PER_SEGMENT

// Every segment, in words from its start.
export const SPAN_WORDS = 0
export const SPAN_USE_WORDS = SPAN_WORDS + SPANS_PER_SEGMENT
export const BLOCK_WORDS = 1024
/** Two words a granule: the owner of the block that begins there, and how often it was freed. */
export const WORDS_PER_BLOCK_ENTRY = 2
/** Spans that hold a segment's own tables: 4 KiB of span words and 2 MiB of block words, rounded up. */
const TABLE_SPANS = Math.ceil((BLOCK_WORDS + GRANULES_PER_SEGMENT * WORDS_PER_BLOCK_ENTRY) / (SPAN_BYTES / WORD_BYTES))

// Segment 0 only: the spans after its tables hold what there is one of in an arena.
const ROOT_START = (TABLE_SPANS * SPAN_BYTES) / WORD_BYTES
export const MAGIC_WORD = ROOT_START
export const VERSION_WORD = ROOT_START + 1
/** About how many bytes are free and still backed by memory; a hint, counted anew at each reaping. */
export const DIRTY_KIB_WORD = ROOT_START + 2
/** No segment from this number on was ever used: where walks end. It only rises, before a segment comes into use. */
export const SEGMENT_LIMIT_WORD = ROOT_START + 3
/** The same for slots of the process table. */
export const SLOT_LIMIT_WORD = ROOT_START + 8
/** Four random words that name the arena; doorbells are named after it. */
export const ARENA_ID_WORDS = ROOT_START + 4
/** Eight words that all of the tree agree on, and nobody outside knows: 0 until somebody needs them. */
export const SECRET_WORDS = ROOT_START + 16
export const SECRET_WORD_COUNT = 8
/** The block with what V8 made of the library, a reference; 0 until there is one. It begins with its length in a word. */
export const CODE_WORD = ROOT_START + 24
export const SEGMENT_TABLE_WORDS = ROOT_START + 1024
export const RANGE_ENTRY_WORDS = SEGMENT_TABLE_WORDS + MAX_SEGMENTS
export const SLOT_TABLE_WORDS = RANGE_ENTRY_WORDS + MAX_SEGMENTS * WORDS_PER_BLOCK_ENTRY
export const SLOT_COUNT = 4096
export const WORDS_PER_SLOT = 64
const ROOT_END = SLOT_TABLE_WORDS + SLOT_COUNT * WORDS_PER_SLOT

/** The first span of a segment that blocks may use. */
export function firstSpan(segment: number): number {
  return segment === 0 ? Math.ceil((ROOT_END * WORD_BYTES) / SPAN_BYTES) : TABLE_SPANS
}

export const MAGIC = 0x706f6c79 // 'poly'
export const VERSION = 2

/** Sizes of small blocks: at most a third of a block is lost to rounding. Everything above the last one is a run of spans. */
export const SIZE_CLASSES: readonly number[] = [
  64, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192, 10240, 13056, 16384, 21824, 32768,
]
export const LARGEST_SMALL_BLOCK = 32768
/** The largest block that fits into one segment; above it a block is a range of whole segments. */
export const LARGEST_RUN = (SPANS_PER_SEGMENT - TABLE_SPANS) * SPAN_BYTES
