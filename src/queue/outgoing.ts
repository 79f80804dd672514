// Messages that are to go into a store, already as its records (store/records.ts), so that whole runs of them are copied. What is beside them
// belongs to this thread until they are in.
import { arena } from '../memory/arena.ts'
import { THE_TREE } from '../memory/identity.ts'
import { WORD_BYTES } from '../memory/layout.ts'
import type { Reference } from '../memory/segments.ts'
import { dropAttachments } from '../channel/attachments.ts'
import { dropBlock, storeInBlock } from '../channel/payload.ts'
import { TREE_MESSAGES } from '../channel/tree-messages.ts'
import type { Attachment } from '../wire/values/capability.ts'
import {
  BESIDE_HEAD,
  BLOCK_HEAD,
  FLAG_BESIDE,
  FLAG_BLOCK,
  OCTET,
  PLAIN_HEAD,
  RECORD_BLOCK,
  RECORD_GENERATION,
  RECORD_LENGTH,
  RECORD_PRODUCER,
  RECORD_SIZE,
  RECORD_WEIGHT,
  SIZE_SHIFT,
} from './store/records.ts'

const FIRST_BYTES = 8192
/** So many bytes of records, or so many of them, are made before any is put. */
const MUCH = 32768
const MANY = 500
/** Or so many of them, as octets of what is beside them: who puts a thousand large messages needs memory for what has room only. */
const MUCH_BESIDE = 2 ** 17
/** Up to so many bytes a loop over words is sooner done than a call. */
const FEW_BYTES = 256

/** Over the encoder's memory, which is mostly the same. */
let source = new Int32Array(0)
/** By their length, the short messages in that memory: it gives the same views again and again. */
const known: (Uint8Array | undefined)[] = new Array(FEW_BYTES + 1).fill(undefined)

/** Blocks beside one record. */
interface Beside {
  readonly block: Reference
  readonly attachments: readonly Attachment[]
}

export class Outgoing {
  words: Int32Array<ArrayBuffer>
  #bytes: Uint8Array<ArrayBuffer>
  /** Records from here … */
  at = 0
  /** … to here, in words, are not in yet; */
  end = 0
  /** so many. */
  count = 0
  /** By the word at which the record begins. */
  readonly #beside = new Map<number, Beside>()
  /** Of all that were added since it was empty. */
  #weightBeside = 0
  /** Of the records that are not in, in their order; none, if nobody asks. */
  #ranks: number[] = []

  constructor(byteLength = FIRST_BYTES) {
    this.words = new Int32Array(byteLength / WORD_BYTES)
    this.#bytes = new Uint8Array(this.words.buffer)
  }

  get hasMuch(): boolean {
    return this.end * WORD_BYTES >= MUCH || this.count >= MANY || this.#weightBeside >= MUCH_BESIDE
  }

  /**
   * Adds a message; what is beside it is dropped with it. One longer than `mostInline` bytes is in a block. `rank`: for stores that ask for it.
   * @throws MultiprocessingError when there is no memory for it
   */
  add(message: Uint8Array, mostInline: number, rank?: number): void {
    const attachments = TREE_MESSAGES.attachmentsOf(message, 0, message.length)
    if (message.length > mostInline) this.#addBlock(message, attachments)
    else if (attachments.length > 0) this.#addBeside(message, attachments)
    else this.#addPlain(message)
    if (rank !== undefined) this.#ranks.push(rank)
  }

  /** The rank of one of the records that are not in yet, by its number among them. */
  rankAt(index: number): number {
    return this.#ranks[index] ?? 0
  }

  /** As a copy of its own, for later, and no larger than that: thousands of promises may wait. */
  take(): Outgoing {
    const copy = new Outgoing((this.end - this.at) * WORD_BYTES)
    copy.words.set(this.words.subarray(this.at, this.end))
    copy.end = this.end - this.at
    copy.count = this.count
    for (const [at, beside] of this.#beside) copy.#beside.set(at - this.at, beside)
    copy.#ranks = this.#ranks
    this.#ranks = []
    this.forget()
    return copy
  }

  /** The records up to `end` are in: their blocks are the tree's from here on. */
  passed(end: number, count: number): void {
    if (this.#beside.size > 0) this.#giveAway(end)
    if (this.#ranks.length > 0) this.#ranks.splice(0, count)
    this.at = end
    this.count -= count
    if (this.count === 0) this.forget()
  }

  /** Frees what is beside the records that are not in, and forgets them. */
  drop(): void {
    const { me } = arena()
    for (const { block, attachments } of this.#beside.values()) {
      dropAttachments(attachments, me)
      if (block !== 0) dropBlock(block, me)
    }
    this.forget()
  }

  forget(): void {
    this.at = 0
    this.end = 0
    this.count = 0
    this.#weightBeside = 0
    if (this.#beside.size > 0) this.#beside.clear()
    if (this.#ranks.length > 0) this.#ranks.length = 0
  }

  #addPlain(message: Uint8Array): void {
    const size = this.#begin(PLAIN_HEAD, message.length, 0)
    this.#copy(message, this.end + PLAIN_HEAD)
    this.end += size
    this.count += 1
  }

  #addBeside(message: Uint8Array, attachments: readonly Attachment[]): void {
    this.#beside.set(this.end, { block: 0, attachments })
    const size = this.#begin(BESIDE_HEAD, message.length, FLAG_BESIDE)
    this.#writeBeside(weightOf(attachments))
    this.#copy(message, this.end + BESIDE_HEAD)
    this.end += size
    this.count += 1
  }

  #addBlock(message: Uint8Array, attachments: readonly Attachment[]): void {
    let block: Reference
    try {
      block = storeInBlock(message)
    } catch (error) {
      dropAttachments(attachments, arena().me)
      throw error
    }
    this.#beside.set(this.end, { block, attachments })
    this.#begin(BLOCK_HEAD, 0, FLAG_BESIDE | FLAG_BLOCK)
    this.words[this.end + RECORD_LENGTH] = message.length
    this.#writeBeside(weightOf(attachments) + Math.ceil(message.length / OCTET))
    this.words[this.end + RECORD_BLOCK] = block
    this.words[this.end + RECORD_GENERATION] = arena().allocator.entries.generationOf(block)
    this.end += BLOCK_HEAD
    this.count += 1
  }

  #writeBeside(weight: number): void {
    this.#weightBeside += weight
    this.words[this.end + RECORD_WEIGHT] = weight
    this.words[this.end + RECORD_PRODUCER] = arena().me
  }

  /** Returns how many words the record has: an even number. */
  #begin(head: number, byteLength: number, flags: number): number {
    const size = head + (((byteLength + 7) >> 3) << 1)
    if (this.end + size > this.words.length) this.#grow(this.end + size)
    this.words[this.end + RECORD_SIZE] = (size << SIZE_SHIFT) | flags
    this.words[this.end + RECORD_LENGTH] = byteLength
    return size
  }

  #copy(message: Uint8Array, to: number): void {
    const { length } = message
    if (length > FEW_BYTES || (message.byteOffset & 3) !== 0) {
      this.#bytes.set(message, to * WORD_BYTES)
      return
    }
    const { words } = this
    const under = wordsUnder(message)
    const from = message.byteOffset >> 2
    const count = (length + 3) >> 2
    for (let word = 0; word < count; word += 1) words[to + word] = under[from + word] as number
  }

  #grow(needed: number): void {
    const words = new Int32Array(Math.max(this.words.length * 2, needed))
    words.set(this.words.subarray(0, this.end))
    this.words = words
    this.#bytes = new Uint8Array(words.buffer)
  }

  #giveAway(end: number): void {
    const { entries } = arena().allocator
    const { me } = arena()
    for (const [at, { block, attachments }] of this.#beside) {
      if (at >= end) continue
      // A consumer may have been sooner, who has them already.
      if (block !== 0) entries.changeOwner(block, me, THE_TREE)
      for (const { reference } of attachments) entries.changeOwner(reference, me, THE_TREE)
      this.#beside.delete(at)
    }
  }
}

/** In octets. */
function weightOf(attachments: readonly Attachment[]): number {
  let bytes = 0
  for (const { byteLength } of attachments) bytes += byteLength
  return Math.ceil(bytes / OCTET)
}

/** Words over the memory in which a short message lies. Asking a view for its memory takes 20 ns, so that is done once for each. */
function wordsUnder(message: Uint8Array): Int32Array {
  if (known[message.length] !== message) meet(message)
  return source
}

function meet(message: Uint8Array): void {
  const { buffer, length } = message
  if (source.buffer !== buffer) {
    known.fill(undefined)
    source = new Int32Array(buffer as ArrayBuffer, 0, buffer.byteLength >> 2)
  }
  known[length] = message
}
