// Messages from one thread to whichever of many takes them first: a ring of cells, 256 bytes each, with one producer and any
// number of consumers in other processes. (The bounded queue of D. Vyukov, with a name in the cell's state in place of a lap.)
//
//   a cell's state    who changes it to what
//   FREE              the producer writes the message, then FULL
//   FULL              a consumer that exchanges it for TAKEN(itself), or the producer taking it back: FREE
//   TAKEN(who)        `who`, once it has noted what it holds: FREE; or the producer, when `who` is dead
//
// `head` and `tail` count cells without end and only say where to look: a message is there exactly when a cell is FULL. So a
// consumer may die anywhere: before the exchange it took nothing, after it the cell names it, and the producer, who reads that,
// knows which message was lost. Messages are taken about in order; two consumers may pass one another.
//
// What travels beside a message the producer remembers by itself, cell by cell: a consumer that dies may have taken the message's
// own block with it and not yet, or not all of, the blocks that the message names.
import { arena } from '../memory/arena.ts'
import { type OwnerId, stateOf, stateWord, valueOf } from '../memory/identity.ts'
import { WORD_BYTES } from '../memory/layout.ts'
import { type Reference, segmentOf, wordOf } from '../memory/segments.ts'
import { exchange, load, store, type Words } from '../memory/words.ts'
import type { Attachment } from '../wire/values/capability.ts'
import { dropAttachments } from './attachments.ts'
import { dropBlock, dropMessage, type MessageReader, PLAIN_MESSAGES, readMessage, storeInBlock, takeFromBlock } from './payload.ts'

const CELL_BYTES = 256
const CELL_WORDS = CELL_BYTES / WORD_BYTES
const HEADER_BYTES = 256

// The header; head and tail on cache lines of their own, since different processes write them.
const CAPACITY = 0
const PRODUCER = 1
const CLOSED = 2
const HEAD = 16
const TAIL = 32

// A cell.
const STATE = 0
const ID = 1
const KIND = 2
const FUNCTION = 3
const FUNCTION_GENERATION = 4
const BLOCK = 5
const LENGTH = 6
const PAYLOAD = 8
const INLINE_BYTES = CELL_BYTES - PAYLOAD * WORD_BYTES

const FREE = stateWord(0, 0)
const FULL = stateWord(1, 0)
const STATE_TAKEN = 2

/** What is said about a message beside its bytes. */
export interface TaskHead {
  readonly id: number
  readonly kind: number
  /** The block that tells which function it is for, and its generation. */
  readonly functionReference: Reference
  readonly functionGeneration: number
}

export class TaskRing {
  readonly reference: Reference
  readonly #words: Words
  readonly #bytes: Uint8Array
  readonly #base: number
  readonly #capacity: number
  readonly #producer: OwnerId
  readonly #reader: MessageReader
  /** The producer's: what it has put beside the message that is or was last in a cell. */
  readonly #beside = new Map<number, readonly Attachment[]>()

  /** The ring in a block that is there; see `create`. */
  constructor(reference: Reference, reader = PLAIN_MESSAGES) {
    const { segments } = arena()
    this.reference = reference
    this.#reader = reader
    this.#words = segments.words(segmentOf(reference))
    this.#bytes = segments.bytes(segmentOf(reference))
    this.#base = wordOf(reference)
    this.#capacity = load(this.#words, this.#base + CAPACITY)
    this.#producer = load(this.#words, this.#base + PRODUCER)
  }

  /** A new ring whose producer is this thread. `capacity`: cells, a power of two. */
  static create(capacity: number, reader = PLAIN_MESSAGES): TaskRing {
    const reference = arena().allocate(HEADER_BYTES + capacity * CELL_BYTES)
    const words = arena().segments.words(segmentOf(reference))
    const base = wordOf(reference)
    for (const word of [CLOSED, HEAD, TAIL]) store(words, base + word, 0)
    for (let cell = 0; cell < capacity; cell += 1) store(words, base + HEADER_BYTES / WORD_BYTES + cell * CELL_WORDS, FREE)
    store(words, base + PRODUCER, arena().me)
    store(words, base + CAPACITY, capacity)
    return new TaskRing(reference, reader)
  }

  /** Whether another message may be put: there is a free cell, and fewer than `limit` are waiting. */
  hasRoom(limit = this.#capacity): boolean {
    const tail = load(this.#words, this.#base + TAIL)
    let head = load(this.#words, this.#base + HEAD)
    // What was taken back is not waiting, and consumers that are all asleep do not move the head on.
    while (head !== tail && load(this.#words, this.#cell(head)) !== FULL) {
      exchange(this.#words, this.#base + HEAD, head, (head + 1) | 0)
      head = load(this.#words, this.#base + HEAD)
    }
    return ((tail - head) | 0) < limit && load(this.#words, this.#cell(tail)) === FREE
  }

  /**
   * The producer's: writes a message, `length` bytes of `bytes` from `start` on. Call it only when there is room. What travels beside it
   * is freed when this throws. Returns its cell.
   * @throws MultiprocessingError when there is no memory for it
   */
  put(head: TaskHead, bytes: Uint8Array, start = 0, length = bytes.length): number {
    const tail = load(this.#words, this.#base + TAIL)
    const cell = this.#cell(tail)
    const words = this.#words
    words[cell + ID] = head.id
    words[cell + KIND] = head.kind
    words[cell + FUNCTION] = head.functionReference
    words[cell + FUNCTION_GENERATION] = head.functionGeneration
    words[cell + LENGTH] = length
    if (length <= INLINE_BYTES) {
      words[cell + BLOCK] = 0
      this.#copy(bytes, start, length, (cell + PAYLOAD) * WORD_BYTES)
    } else words[cell + BLOCK] = this.#store(bytes.subarray(start, start + length))
    this.#remember(cell, this.#reader.attachmentsOf(bytes, start, length))
    store(words, cell + STATE, FULL) // Pairs with the exchange in `take`: who sees FULL sees the message.
    store(words, this.#base + TAIL, (tail + 1) | 0)
    return cell
  }

  /** A consumer's: takes a message if there is one, and returns its cell, to be read and then released; -1: none. */
  take(me: OwnerId): number {
    for (;;) {
      const head = load(this.#words, this.#base + HEAD)
      if (((load(this.#words, this.#base + TAIL) - head) | 0) <= 0) return -1
      const cell = this.#cell(head)
      const taken = load(this.#words, cell) === FULL && exchange(this.#words, cell, FULL, stateWord(STATE_TAKEN, me))
      // Whoever finds the head at a cell that is not FULL moves it on, also for a consumer that died before it did.
      exchange(this.#words, this.#base + HEAD, head, (head + 1) | 0)
      if (taken) return cell
    }
  }

  idAt(cell: number): number {
    return this.#words[cell + ID] as number
  }

  headAt(cell: number): TaskHead {
    const words = this.#words
    return {
      id: words[cell + ID] as number,
      kind: words[cell + KIND] as number,
      functionReference: (words[cell + FUNCTION] as number) >>> 0,
      functionGeneration: words[cell + FUNCTION_GENERATION] as number,
    }
  }

  /** The message of a cell that this consumer has taken. @throws MultiprocessingError when it cannot be decoded */
  payloadAt(cell: number): unknown {
    const length = (this.#words[cell + LENGTH] as number) >>> 0
    const block = (this.#words[cell + BLOCK] as number) >>> 0
    if (block === 0) return readMessage(this.#reader, this.#bytes, (cell + PAYLOAD) * WORD_BYTES, length, this.#producer)
    const taken = takeFromBlock(this.#reader, block, length, this.#producer, () => store(this.#words, cell + BLOCK, 0))
    if (taken === null) throw new Error('The block of a task was freed before the task was taken')
    return taken.value
  }

  /** The consumer has read the message and noted that it holds it. */
  release(cell: number): void {
    store(this.#words, cell, FREE)
  }

  /** The producer's, once `dead` has been reaped or is about to be: what it had taken and not released. */
  recover(dead: OwnerId): number[] {
    const lost: number[] = []
    for (let index = 0; index < this.#capacity; index += 1) {
      const cell = this.#cell(index)
      const state = load(this.#words, cell)
      if (stateOf(state) !== STATE_TAKEN || valueOf(state) !== dead) continue
      lost.push(this.idAt(cell))
      this.#drop(cell)
    }
    return lost
  }

  /** The producer's: whether nobody has taken this message yet. */
  isWaiting(cell: number, id: number): boolean {
    return this.idAt(cell) === id && load(this.#words, cell + STATE) === FULL
  }

  /** The producer's: drops a message that nobody has taken yet. False: somebody has. */
  withdraw(cell: number, id: number): boolean {
    if (!this.#reclaim(cell, id)) return false
    this.#drop(cell)
    return true
  }

  /** The producer's: takes a message back that nobody has taken yet; what travels beside it is to be sent again, or dropped. Null: somebody has it. */
  takeBack(cell: number, id: number): Uint8Array | null {
    if (!this.#reclaim(cell, id)) return null
    const length = (this.#words[cell + LENGTH] as number) >>> 0
    const block = (this.#words[cell + BLOCK] as number) >>> 0
    const start = (cell + PAYLOAD) * WORD_BYTES
    const payload = new Uint8Array(block === 0 ? this.#bytes.subarray(start, start + length) : arena().view(block, length))
    if (block !== 0) dropBlock(block, this.#producer)
    this.#beside.delete(cell)
    store(this.#words, cell, FREE)
    return payload
  }

  /** The producer's: drops every message that nobody has taken. Returns their ids. */
  clear(): number[] {
    const dropped: number[] = []
    for (let index = 0; index < this.#capacity; index += 1) {
      const cell = this.#cell(index)
      const id = this.idAt(cell)
      if (this.withdraw(cell, id)) dropped.push(id)
    }
    return dropped
  }

  /** The producer's: no more messages will come. Consumers leave once the ring is empty. */
  close(): void {
    store(this.#words, this.#base + CLOSED, 1)
  }

  get closed(): boolean {
    return load(this.#words, this.#base + CLOSED) !== 0
  }

  get isEmpty(): boolean {
    return ((load(this.#words, this.#base + TAIL) - load(this.#words, this.#base + HEAD)) | 0) <= 0
  }

  /** The producer's, when no consumer is left. */
  free(): void {
    arena().free(this.reference)
  }

  /** Only the producer writes ids, so the cell still has the message of this one, or has lost it for good. */
  #reclaim(cell: number, id: number): boolean {
    return this.idAt(cell) === id && exchange(this.#words, cell, FULL, stateWord(STATE_TAKEN, this.#producer))
  }

  /** Byte by byte: so few are copied faster than a view of them is made. */
  #copy(bytes: Uint8Array, start: number, length: number, to: number): void {
    const target = this.#bytes
    for (let index = 0; index < length; index += 1) target[to + index] = bytes[start + index] as number
  }

  #store(payload: Uint8Array): Reference {
    try {
      return storeInBlock(payload)
    } catch (error) {
      dropMessage(this.#reader, payload)
      throw error
    }
  }

  #remember(cell: number, attachments: readonly Attachment[]): void {
    if (attachments.length > 0) this.#beside.set(cell, attachments)
    else if (this.#beside.size > 0) this.#beside.delete(cell)
  }

  #drop(cell: number): void {
    const block = (this.#words[cell + BLOCK] as number) >>> 0
    if (block !== 0) dropBlock(block, this.#producer)
    dropAttachments(this.#beside.get(cell) ?? [], this.#producer)
    this.#beside.delete(cell)
    store(this.#words, cell, FREE)
  }

  #cell(count: number): number {
    return this.#base + HEADER_BYTES / WORD_BYTES + (count & (this.#capacity - 1)) * CELL_WORDS
  }
}
