// One process of the chaos: allocates, frees, sends, receives, leaves blocks to the tree and takes them, all at random.
import type { Arena } from '../../src/memory/arena.ts'
import { GRANULE_BYTES, SLOT_COUNT } from '../../src/memory/layout.ts'
import { granuleOf, type Reference, segmentOf } from '../../src/memory/segments.ts'
import { exchange, load, store, type Words } from '../../src/memory/words.ts'
import { fill, verify } from './memory-patterns.ts'

const SHELVES = 256
const MOST_BLOCKS = 200
/** For each slot who sends and what, then the shelves on which blocks of the tree are found. */
export const BOARD_BYTES = (SLOT_COUNT * 2 + SHELVES) * 4

export class Player {
  readonly #arena: Arena
  readonly #random: () => number
  readonly #board: Words
  readonly #base: number
  readonly #mine: Reference[] = []
  readonly #sent = new Set<Reference>()

  constructor(arena: Arena, board: Reference, random: () => number) {
    this.#arena = arena
    this.#random = random
    this.#board = arena.segments.words(segmentOf(board))
    this.#base = (granuleOf(board) * GRANULE_BYTES) / 4
    store(this.#board, this.#mailbox(arena.slot), arena.me)
  }

  play(): void {
    const choice = this.#random()
    if (choice < 0.4) this.#allocate()
    else if (choice < 0.65) this.#free()
    else if (choice < 0.75) this.#send()
    else if (choice < 0.85) this.#receive()
    else if (choice < 0.91) this.#leaveToTree()
    else if (choice < 0.97) this.#takeFromTree()
    else this.#giveUpChild()
  }

  /** Checks and frees all that this process has. */
  end(): void {
    while (this.#mine.length > 0) this.#free()
  }

  /** How many blocks are this process's: what it has, and what it has sent and nobody has got, since the receiver died of it, too. */
  countOwned(): number {
    const { entries } = this.#arena.allocator
    const waiting = [...this.#sent].filter(block => !this.#mine.includes(block) && entries.ownerOf(block) === this.#arena.me)
    return this.#mine.length + waiting.length
  }

  /** Blocks that the shelves know; some may be the tree's no longer. */
  shelved(): Set<Reference> {
    const found = new Set<Reference>()
    for (let shelf = 0; shelf < SHELVES; shelf += 1) found.add(load(this.#board, this.#shelf(shelf)) >>> 0)
    found.delete(0)
    return found
  }

  #allocate(): void {
    if (this.#mine.length >= MOST_BLOCKS) return this.#free()
    const size = randomSize(this.#random)
    const reference = this.#arena.allocate(size)
    fill(this.#arena, reference, size, Math.floor(this.#random() * 2 ** 31))
    this.#mine.push(reference)
  }

  #free(): void {
    const reference = this.#pick()
    if (reference === 0) return
    verify(this.#arena, reference)
    if (!this.#arena.free(reference)) throw new Error(`Block ${reference} was not ours any more`)
  }

  /** The block stays this process's until somebody has it. If the place is taken, it is kept. */
  #send(): void {
    const reference = this.#pick()
    if (reference === 0) return
    if (exchange(this.#board, this.#mailbox(this.#arena.slot) + 1, 0, reference | 0)) this.#sent.add(reference)
    else this.#mine.push(reference)
  }

  /** Reads who sends before what: if both change in between, the block is not that sender's, and is left alone. */
  #receive(): void {
    const box = this.#mailbox(1 + Math.floor(this.#random() * (this.#arena.slots.limit - 1)))
    const sender = load(this.#board, box)
    const word = load(this.#board, box + 1)
    if (word === 0 || !exchange(this.#board, box + 1, word, 0)) return
    if (!this.#arena.allocator.entries.changeOwner(word >>> 0, sender, this.#arena.me)) return
    verify(this.#arena, word >>> 0)
    this.#mine.push(word >>> 0)
  }

  /** First on the shelf, then the tree's: so the tree has no block that is on no shelf. */
  #leaveToTree(): void {
    const reference = this.#pick()
    if (reference === 0) return
    const shelf = this.#shelf(Math.floor(this.#random() * SHELVES))
    if (exchange(this.#board, shelf, 0, reference | 0)) this.#arena.shareBlock(reference)
    else this.#mine.push(reference)
  }

  #takeFromTree(): void {
    const shelf = this.#shelf(Math.floor(this.#random() * SHELVES))
    const word = load(this.#board, shelf)
    if (word === 0) return
    const taken = this.#arena.takeShared(word >>> 0)
    exchange(this.#board, shelf, word, 0)
    if (!taken) return
    verify(this.#arena, word >>> 0)
    this.#mine.push(word >>> 0)
  }

  /** A slot for a child that is never started. */
  #giveUpChild(): void {
    const { slots, reaper, me } = this.#arena
    reaper.reap(slots.idOf(slots.claim(me)), me)
  }

  #pick(): Reference {
    if (this.#mine.length === 0) return 0
    const index = Math.floor(this.#random() * this.#mine.length)
    const [reference] = this.#mine.splice(index, 1) as [Reference]
    return reference
  }

  #mailbox(slot: number): number {
    return this.#base + slot * 2
  }

  #shelf(shelf: number): number {
    return this.#base + SLOT_COUNT * 2 + shelf
  }
}

/** Mostly small; now and then runs, seldom a range. */
function randomSize(random: () => number): number {
  const kind = random()
  if (kind < 0.7) return 16 + Math.floor(random() * 500)
  if (kind < 0.9) return 16 + Math.floor(random() * 32768)
  if (kind < 0.997) return 32769 + Math.floor(random() ** 4 * 2 * 1024 * 1024)
  return 15 * 1024 * 1024 + Math.floor(random() * 20 * 1024 * 1024)
}

/** Mulberry32: the same numbers for the same seed, in every process and version. */
export function randomFrom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
