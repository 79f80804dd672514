// The *in* side: records go into the ring, as many as there is room for.
import { arena } from '../../memory/arena.ts'
import { peek, write } from '../../memory/words.ts'
import type { Outgoing } from '../outgoing.ts'
import { COUNT, OPEN } from '../store/layout.ts'
import { copyWords, FLAG_BESIDE, RECORD_SIZE, RECORD_WEIGHT, SIZE_SHIFT } from '../store/records.ts'
import { countOf, lockSide, unlockSide } from '../store/sides.ts'
import { BUSY, type Check, SHUT } from '../store/store.ts'
import { type Chunk, chunkFrom, linkNext } from './chunks.ts'
import { AT_CHUNK, AT_OFFSET, AT_WEIGHT, END, FIRST_RECORD, LINKING } from './layout.ts'
import type { Ring } from './ring.ts'
import { commit, currentSlot, weightPassed } from './side.ts'

/** Puts records as far as there is room. Returns how many went in, or why none did. */
export function putRecords(ring: Ring, outgoing: Outgoing, check: Check): number {
  const { words } = ring
  // Before, too: the header of a closed queue whose maker has ended is somebody else's memory.
  check()
  if (!lockSide(words, ring.in, arena().me)) return BUSY
  try {
    check()
    if (ring.header.shutDown !== OPEN) return SHUT
    return put(ring, outgoing)
  } finally {
    if (unlockSide(words, ring.in)) ring.wasContended = true
  }
}

function put(ring: Ring, outgoing: Outgoing): number {
  const { words } = ring
  const before = peek(words, ring.in + COUNT)
  const slot = currentSlot(words, ring.in)
  let chunk = chunkFrom(ring.inChunk, peek(words, slot + AT_CHUNK) >>> 0)
  let offset = peek(words, slot + AT_OFFSET)
  let weight = peek(words, slot + AT_WEIGHT)
  if (before !== ring.leftIn) lookAtOut(ring)
  let put = 0
  let from = outgoing.at
  const source = outgoing.words
  while (put < outgoing.count) {
    const header = source[from + RECORD_SIZE] as number
    const size = header >> SIZE_SHIFT
    const next = (weight + (size >> 1) + ((header & FLAG_BESIDE) !== 0 ? (source[from + RECORD_WEIGHT] as number) : 0)) | 0
    if (!hasRoom(ring, (before + put) | 0, next)) break
    if (offset + size > chunk.capacity) {
      chunk = leave(ring, chunk, offset)
      offset = FIRST_RECORD
    }
    copyWords(source, from, chunk.words, chunk.base + offset, size)
    from += size
    offset += size
    weight = next
    put += 1
  }
  ring.inChunk = chunk
  const count = (before + put) | 0
  ring.leftIn = count
  if (put === 0) return 0
  commit(words, ring.in, { count, chunk: chunk.reference | 0, offset, weight, left: 0, leftGeneration: 0 })
  outgoing.passed(from, put)
  return put
}

/** Counts and weights wrap: what a thread knows of them is of no use when others may have put as much as they can say. */
function lookAtOut(ring: Ring): void {
  ring.knownOut = countOf(ring.words, ring.out)
  ring.knownWeight = weightPassed(ring.words, ring.out)
}

/** Whether one more may go in when `count` are in, so that all that has gone in weighs `weight`. */
function hasRoom(ring: Ring, count: number, weight: number): boolean {
  if (isWithin(ring, count, weight)) return true
  lookAtOut(ring)
  if (isWithin(ring, count, weight)) return true
  // What is too large for any queue goes into an empty one.
  return count === ring.knownOut
}

function isWithin({ maxSize, maxWeight, knownOut, knownWeight }: Ring, count: number, weight: number): boolean {
  return (maxSize === 0 || (count - knownOut) >>> 0 < maxSize) && (weight - knownWeight) >>> 0 <= maxWeight
}

function leave({ words, in: side }: Ring, chunk: Chunk, offset: number): Chunk {
  const next = linkNext(chunk, words, side + LINKING)
  if (offset < chunk.capacity) write(chunk.words, chunk.base + offset, END)
  return next
}
