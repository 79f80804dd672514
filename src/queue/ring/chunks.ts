// The chain of chunks between *in* and *out*. Only the holder of *in*'s lock links, only the holder of *out*'s frees.
import { arena } from '../../memory/arena.ts'
import { type OwnerId, THE_TREE } from '../../memory/identity.ts'
import { WORD_BYTES } from '../../memory/layout.ts'
import { type Reference, segmentOf, wordOf } from '../../memory/segments.ts'
import { load, store, type Words, write } from '../../memory/words.ts'
import type { ObjectWords } from '../../sync/state/object-layout.ts'
import { objectAt } from '../../sync/state/shared-block.ts'
import { CAPACITY, LARGEST_CHUNK, NEXT_CHUNK, SMALLEST_CHUNK } from './layout.ts'

/** A chunk's words, looked up once. A block may be another chunk of the queue later, of another size. */
export interface Chunk extends ObjectWords {
  readonly reference: Reference
  readonly bytes: Uint8Array
  /** Words. */
  readonly capacity: number
}

/** `known`, if that is it. */
export function chunkFrom(known: Chunk | null, reference: Reference): Chunk {
  if (known !== null && known.reference === reference && known.words[known.base + CAPACITY] === known.capacity) return known
  return chunkAt(reference)
}

export function chunkAt(reference: Reference): Chunk {
  const { segments } = arena()
  const words = segments.words(segmentOf(reference))
  const base = wordOf(reference)
  return { reference, words, base, bytes: segments.bytes(segmentOf(reference)), capacity: words[base + CAPACITY] as number }
}

/** This thread's, until somebody gives it to the tree. */
function makeChunk(byteLength: number): Chunk {
  const { allocator, me } = arena()
  const reference = allocator.allocate(byteLength, me)
  const { words, base } = objectAt(reference)
  write(words, base + NEXT_CHUNK, 0)
  write(words, base + CAPACITY, byteLength / WORD_BYTES)
  return chunkAt(reference)
}

/** The first of a new queue. */
export function makeFirstChunk(): Chunk {
  const chunk = makeChunk(SMALLEST_CHUNK)
  giveToTree(chunk.reference)
  return chunk
}

/**
 * The chunk behind `chunk`, which is linked now: twice as large, up to 32 KiB. For the holder of *in*'s lock; `linking` is the word of *in*
 * that names a chunk while it is neither the tree's nor surely in the chain.
 *
 * Crash safety: before the word names it, it is its maker's and reaped. From then on whoever holds the lock next links it, and the reaper
 * gives it to the tree (`adoptLinking`) and does not free it. Once it is linked, whoever comes to the end of `chunk` next goes on there.
 */
export function linkNext(chunk: Chunk, words: Words, linking: number): Chunk {
  const left = load(words, linking) >>> 0
  const linked = nextOf(chunk)
  // By one who died before it had put anything there.
  if (linked !== 0) {
    if (left === linked) store(words, linking, 0)
    return chunkAt(linked)
  }
  const next = left === 0 ? makeChunk(Math.min(LARGEST_CHUNK, chunk.capacity * WORD_BYTES * 2)) : chunkAt(left)
  if (left === 0) store(words, linking, next.reference | 0)
  giveToTree(next.reference)
  store(chunk.words, chunk.base + NEXT_CHUNK, next.reference | 0)
  store(words, linking, 0)
  return next
}

/** For the reaper of `dead`, before it frees what that one had. */
export function adoptLinking(words: Words, linking: number, dead: OwnerId): void {
  const reference = load(words, linking) >>> 0
  if (reference !== 0) arena().allocator.entries.changeOwner(reference, dead, THE_TREE)
}

/** 0: none. */
export function nextOf({ words, base }: ObjectWords): Reference {
  return load(words, base + NEXT_CHUNK) >>> 0
}

/** Frees a chunk that *out* has left, unless that has happened already. */
export function freeLeft(reference: Reference, generation: number): void {
  if (generationOf(reference) === generation) arena().freeShared(reference)
}

export function generationOf(reference: Reference): number {
  return arena().allocator.entries.generationOf(reference)
}

/** Links what is named as being linked: all chunks of the ring are in the chain then. For the holder of *in*'s lock. */
export function endLinking(from: Reference, words: Words, linking: number): void {
  let last = chunkAt(from)
  for (let next = nextOf(last); next !== 0; next = nextOf(last)) last = chunkAt(next)
  const left = load(words, linking) >>> 0
  if (left === last.reference) store(words, linking, 0)
  else if (left !== 0) linkNext(last, words, linking)
}

/** Frees what is left of the chain, when nobody is at it any more. */
export function freeChain(first: Reference): void {
  for (let reference = first; reference !== 0; ) {
    const next = nextOf(chunkAt(reference))
    arena().freeShared(reference)
    reference = next
  }
}

/** Its owner is this thread, or a dead one that held the lock before. */
function giveToTree(reference: Reference): void {
  const { entries } = arena().allocator
  const owner = entries.ownerOf(reference)
  if (owner !== THE_TREE) entries.changeOwner(reference, owner, THE_TREE)
}
