// Messages from one thread to one other: a ring of bytes. Only the writer moves `written`, only the reader `read`, and a message
// is there once `written` has passed it, so that a writer killed in mid-write leaves nothing: half a message is no message.
//
//   a record, 8-byte aligned: [id][kind][payload length][block][moment, ms][time, ms] payload, padded to 8
//
// A record does not wrap: one that would is preceded by a filler up to the end. A payload above a quarter of the ring travels in a
// block beside it, which the reader takes over from the writer.
import { arena } from '../memory/arena.ts'
import type { OwnerId } from '../memory/identity.ts'
import { WORD_BYTES } from '../memory/layout.ts'
import { type Reference, segmentOf, wordOf } from '../memory/segments.ts'
import { load, store, type Words } from '../memory/words.ts'
import { dropMessage, type MessageReader, PLAIN_MESSAGES, readMessage, storeInBlock, takeFromBlock } from './payload.ts'

const HEADER_BYTES = 256
const RECORD_BYTES = 32
const CAPACITY = 0
const WRITER_WAITS = 1
const READ = 16
const WRITTEN = 32

const RECORD_ID = 0
const RECORD_KIND = 1
const RECORD_LENGTH = 2
const RECORD_BLOCK = 3
/** In numbers of eight bytes. */
const RECORD_MOMENT = 2
const RECORD_TIME = 3
const KIND_FILLER = -1

/** What is said about a message beside its bytes. */
export interface ResultHead {
  readonly id: number
  readonly kind: number
  /** When what it is about began, and how long it took: ms. */
  readonly moment: number
  readonly time: number
}

/** A message that arrived, valid while it is being received: there is one such object for all. */
export interface ArrivedResult extends ResultHead {
  readonly byteLength: number
  /** Decodes it; to be called, once. */
  readonly payload: () => unknown
}

export type ResultReceiver = (result: ArrivedResult) => void

export class ResultRing {
  readonly reference: Reference
  readonly #words: Words
  readonly #bytes: Uint8Array
  readonly #numbers: Float64Array
  readonly #base: number
  readonly #capacity: number
  readonly #reader: MessageReader

  /** The ring in a block that is there; see `create`. */
  constructor(reference: Reference, reader = PLAIN_MESSAGES) {
    const { segments } = arena()
    this.reference = reference
    this.#reader = reader
    this.#words = segments.words(segmentOf(reference))
    this.#bytes = segments.bytes(segmentOf(reference))
    this.#numbers = new Float64Array(this.#bytes.buffer)
    this.#base = wordOf(reference)
    this.#capacity = load(this.#words, this.#base + CAPACITY)
  }

  /** A new ring, owned by this thread. `capacity`: bytes, a power of two. */
  static create(capacity: number, reader = PLAIN_MESSAGES): ResultRing {
    const reference = arena().allocate(HEADER_BYTES + capacity)
    const words = arena().segments.words(segmentOf(reference))
    const base = wordOf(reference)
    for (const word of [WRITER_WAITS, READ, WRITTEN]) store(words, base + word, 0)
    store(words, base + CAPACITY, capacity)
    return new ResultRing(reference, reader)
  }

  /**
   * The writer's: false when there is no room now; `writerWaits` is set then, and the reader rings the writer when there is.
   * What travels beside the message is freed when this throws, and kept when it returns false.
   * @throws MultiprocessingError when there is no memory for it
   */
  put(head: ResultHead, payload: Uint8Array): boolean {
    const inRing = payload.length <= this.#capacity / 4
    const size = recordSize(inRing ? payload.length : 0)
    const written = load(this.#words, this.#base + WRITTEN)
    const toEnd = this.#capacity - (written & (this.#capacity - 1))
    const filler = size > toEnd ? toEnd : 0
    if (!this.#hasRoom(written, filler + size)) return false
    if (filler > 0) this.#words[this.#record(written) + RECORD_KIND] = KIND_FILLER
    const record = this.#record(written + filler)
    const words = this.#words
    words[record + RECORD_ID] = head.id
    words[record + RECORD_KIND] = head.kind
    this.#numbers[record / 2 + RECORD_MOMENT] = head.moment
    this.#numbers[record / 2 + RECORD_TIME] = head.time
    words[record + RECORD_LENGTH] = payload.length
    words[record + RECORD_BLOCK] = inRing ? 0 : this.#store(payload)
    if (inRing) this.#bytes.set(payload, record * WORD_BYTES + RECORD_BYTES)
    store(words, this.#base + WRITTEN, (written + filler + size) | 0) // Pairs with the load in `drain`.
    return true
  }

  get writerWaits(): boolean {
    return load(this.#words, this.#base + WRITER_WAITS) !== 0
  }

  /** The reader's: everything that is there. `writer` owns the blocks. Returns true when the writer waits for room: ring it. */
  drain(writer: OwnerId, receive: ResultReceiver): boolean {
    const words = this.#words
    let read = load(words, this.#base + READ)
    let written = load(words, this.#base + WRITTEN)
    const first = read
    const arrived = new Arrived(words, this.#numbers, at => this.#payload(at, writer))
    while (read !== written) {
      const record = this.#record(read)
      if (words[record + RECORD_KIND] === KIND_FILLER) {
        read = (read + this.#capacity - (read & (this.#capacity - 1))) | 0
      } else {
        const inRing = words[record + RECORD_BLOCK] === 0
        const length = words[record + RECORD_LENGTH] as number
        arrived.record = record
        receive(arrived)
        read = (read + recordSize(inRing ? length : 0)) | 0
      }
      store(words, this.#base + READ, read)
      if (read === written) written = load(words, this.#base + WRITTEN)
    }
    if (read === first || !this.writerWaits) return false
    store(words, this.#base + WRITER_WAITS, 0)
    return true
  }

  #store(payload: Uint8Array): Reference {
    try {
      return storeInBlock(payload)
    } catch (error) {
      dropMessage(this.#reader, payload)
      throw error
    }
  }

  #payload(record: number, writer: OwnerId): unknown {
    const length = (this.#words[record + RECORD_LENGTH] as number) >>> 0
    const block = (this.#words[record + RECORD_BLOCK] as number) >>> 0
    if (block === 0) return readMessage(this.#reader, this.#bytes, record * WORD_BYTES + RECORD_BYTES, length, writer)
    const taken = takeFromBlock(this.#reader, block, length, writer)
    if (taken === null) throw new Error('The block of a result was freed before the result was read')
    return taken.value
  }

  /** Announces the wait before it looks a last time, so that the reader, who frees room and then reads the word, cannot miss it. */
  #hasRoom(written: number, size: number): boolean {
    if (this.#room(written) >= size) return true
    store(this.#words, this.#base + WRITER_WAITS, 1)
    if (this.#room(written) < size) return false
    store(this.#words, this.#base + WRITER_WAITS, 0)
    return true
  }

  #room(written: number): number {
    return this.#capacity - ((written - load(this.#words, this.#base + READ)) | 0)
  }

  #record(count: number): number {
    return this.#base + (HEADER_BYTES + (count & (this.#capacity - 1))) / WORD_BYTES
  }
}

function recordSize(payloadLength: number): number {
  return RECORD_BYTES + ((payloadLength + 7) & ~7)
}

/** One for all messages of a `drain`: they are many and small. */
class Arrived implements ArrivedResult {
  record = 0
  readonly #words: Words
  readonly #numbers: Float64Array
  readonly payload: () => unknown

  constructor(words: Words, numbers: Float64Array, read: (record: number) => unknown) {
    this.#words = words
    this.#numbers = numbers
    this.payload = () => read(this.record)
  }

  get id(): number {
    return this.#words[this.record + RECORD_ID] as number
  }

  get kind(): number {
    return this.#words[this.record + RECORD_KIND] as number
  }

  get moment(): number {
    return this.#numbers[this.record / 2 + RECORD_MOMENT] as number
  }

  get time(): number {
    return this.#numbers[this.record / 2 + RECORD_TIME] as number
  }

  get byteLength(): number {
    return (this.#words[this.record + RECORD_LENGTH] as number) >>> 0
  }
}
