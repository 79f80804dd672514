// The *out* side: records come out of the ring, as copies.
import { arena } from '../../memory/arena.ts'
import { peek } from '../../memory/words.ts'
import type { Incoming } from '../incoming.ts'
import { claimBeside } from '../store/beside.ts'
import { COUNT, SHUT_AT_ONCE } from '../store/layout.ts'
import { FLAG_BESIDE, RECORD_SIZE, RECORD_WEIGHT, SIZE_SHIFT } from '../store/records.ts'
import { countOf, lockSide, unlockSide } from '../store/sides.ts'
import { BUSY, type Check } from '../store/store.ts'
import { type Chunk, chunkAt, chunkFrom, freeLeft, generationOf, nextOf } from './chunks.ts'
import { AT_CHUNK, AT_LEFT, AT_LEFT_GENERATION, AT_OFFSET, AT_WEIGHT, END, FIRST_RECORD } from './layout.ts'
import type { Ring } from './ring.ts'
import { commit, currentSlot } from './side.ts'

/** Takes up to `most` records. Returns how many came, or BUSY. */
export function takeRecords(ring: Ring, incoming: Incoming, most: number, check: Check): number {
  const { words } = ring
  check()
  if (!lockSide(words, ring.out, arena().me)) return BUSY
  try {
    check()
    if (ring.header.shutDown === SHUT_AT_ONCE) return 0
    let taken = take(ring, incoming, most)
    // All were lost with those who put them.
    while (taken === 0 && ring.hasItems) taken = take(ring, incoming, most)
    return taken
  } finally {
    if (unlockSide(words, ring.out)) ring.wasContended = true
  }
}

/** What is in the ring, for the holder of *out*'s lock. */
function available(ring: Ring, taken: number): number {
  const known = (ring.knownIn - taken) | 0
  if (known > 0 && taken === ring.leftOut) return known
  ring.knownIn = countOf(ring.words, ring.in)
  return (ring.knownIn - taken) | 0
}

/** For the holder of *out*'s lock. `incoming` is empty. 0: there is nothing, or all were lost with those who put them. */
export function take(ring: Ring, incoming: Incoming, most: number): number {
  const { words, ledger } = ring
  const before = peek(words, ring.out + COUNT)
  const slot = currentSlot(words, ring.out)
  const there = available(ring, before)
  finishFreeing(ring, slot)
  if (there === 0) return 0
  ledger?.open()
  const start = peek(words, slot + AT_CHUNK) >>> 0
  let chunk = chunkFrom(ring.outChunk, start)
  let offset = peek(words, slot + AT_OFFSET)
  let left = 0
  if (isAtEnd(chunk, offset)) {
    left = start
    chunk = chunkAt(nextOf(chunk))
    offset = FIRST_RECORD
  }
  const leftGeneration = left === 0 ? 0 : generationOf(left)
  let weight = peek(words, slot + AT_WEIGHT)
  let passed = 0
  let lost = 0
  while (passed < there && passed - lost < most && !isAtEnd(chunk, offset)) {
    const at = chunk.base + offset
    const header = chunk.words[at + RECORD_SIZE] as number
    const size = header >> SIZE_SHIFT
    if (!incoming.hasRoom(size)) break
    const isBeside = (header & FLAG_BESIDE) !== 0
    if (isBeside) weight += chunk.words[at + RECORD_WEIGHT] as number
    if (isBeside && !claimBeside({ words: chunk.words, base: at }, chunk.bytes)) lost += 1
    else incoming.add(chunk.words, at, size)
    weight = (weight + (size >> 1)) | 0
    offset += size
    passed += 1
  }
  const count = (before + passed) | 0
  ring.leftOut = count
  ledger?.announce(count, passed)
  commit(words, ring.out, { count, chunk: chunk.reference | 0, offset, weight, left, leftGeneration })
  ring.outChunk = chunk
  ledger?.enter()
  if (left !== 0) freeLeft(left, leftGeneration)
  if (lost > 0) ledger?.miss(lost)
  return passed - lost
}

/** One who died after leaving a chunk may not have freed it. */
export function finishFreeing({ words }: Ring, slot: number): void {
  const left = peek(words, slot + AT_LEFT)
  if (left !== 0) freeLeft(left >>> 0, peek(words, slot + AT_LEFT_GENERATION))
}

function isAtEnd(chunk: Chunk, offset: number): boolean {
  return offset >= chunk.capacity || chunk.words[chunk.base + offset] === END
}
