// Bytes on their way out: the scratch memory of one encoder, and what has no parts. The message begins at the eighth byte, so that a
// header can be put in front of it when it turns out to need one.
import { MultiprocessingError } from '../../base/errors.ts'
import {
  HEADER_BYTES,
  type RawBuffer,
  SHORT_STRING,
  SHORT_STRING_LENGTH,
  SMALL_INTEGER,
  TAG_BIGINT,
  TAG_BIGINT64,
  TAG_FLOAT64,
  TAG_INT32,
  TAG_STRING_LATIN1,
  TAG_STRING_UTF16,
} from './tags.ts'

const FIRST_SIZE = 64 * 1024
/** Above it the scratch memory is given back after the message. */
const KEPT_SIZE = 4 * 1024 * 1024
/** What a writer may write without asking: a tag with a number, a count or a length. */
const HEADROOM = 64
/** Messages say their length in 32 bits, and Node 20 has no longer buffers. A multiple of eight. */
const LARGEST = 0xfffffff8
/** Views of messages shorter than this are made once and kept. */
const KEPT_VIEWS = 512

/** Bytes, not many, that are written again and again. */
export class Block {
  readonly length: number
  /** Up to a multiple of four. */
  readonly view: DataView<ArrayBuffer>

  constructor(bytes: Uint8Array) {
    this.length = bytes.length
    const padded = new Uint8Array((bytes.length + 3) & ~3)
    padded.set(bytes)
    this.view = new DataView(padded.buffer)
  }
}

export class Output {
  bytes!: RawBuffer
  view!: DataView<ArrayBuffer>
  int32!: Int32Array<ArrayBuffer>
  float64!: Float64Array<ArrayBuffer>
  position = HEADER_BYTES
  /** `HEADROOM` bytes are free as long as the position is below it. */
  limit = 0
  #views: (Uint8Array | undefined)[] = []

  constructor() {
    this.#use(Buffer.allocUnsafeSlow(FIRST_SIZE))
  }

  /** Begins a message. */
  start(): void {
    if (this.bytes.length > KEPT_SIZE) this.#use(Buffer.allocUnsafeSlow(FIRST_SIZE))
    this.position = HEADER_BYTES
  }

  /** The message's bytes, without the place for its header. */
  plainMessage(): Uint8Array {
    const length = this.position - HEADER_BYTES
    if (length >= KEPT_VIEWS) return this.bytes.subarray(HEADER_BYTES, this.position)
    const kept = this.#views[length]
    if (kept !== undefined) return kept
    const view = this.bytes.subarray(HEADER_BYTES, this.position)
    this.#views[length] = view
    return view
  }

  /** Room for this many bytes and the headroom. */
  reserve(count: number): void {
    if (this.position + count > this.limit) this.#grow(count)
  }

  #grow(count: number): void {
    const needed = this.position + count + HEADROOM
    if (needed > LARGEST) throw new MultiprocessingError(`A message of more than ${LARGEST} bytes is too large`)
    const size = Math.min(LARGEST, Math.max(this.bytes.length * 2, needed))
    const next = Buffer.allocUnsafeSlow(size + (-size & 7))
    this.bytes.copy(next, 0, 0, this.position)
    this.#use(next)
  }

  #use(next: Buffer<ArrayBuffer>): void {
    this.bytes = next as RawBuffer
    this.view = new DataView(next.buffer)
    this.int32 = new Int32Array(next.buffer)
    this.float64 = new Float64Array(next.buffer)
    this.limit = next.length - HEADROOM
    this.#views = new Array(KEPT_VIEWS).fill(undefined)
  }

  byte(value: number): void {
    this.reserve(0)
    this.bytes[this.position++] = value
  }

  uint32(value: number): void {
    this.reserve(0)
    this.view.setUint32(this.position, value, true)
    this.position += 4
  }

  float(value: number): void {
    this.reserve(0)
    this.view.setFloat64(this.position, value, true)
    this.position += 8
  }

  /** A tag and four bytes. */
  tagged(tag: number, value: number): void {
    this.reserve(0)
    this.bytes[this.position] = tag
    this.view.setUint32(this.position + 1, value, true)
    this.position += 5
  }

  /** Four bytes at a time: up to three behind it are written over by what follows. */
  block({ length, view: source }: Block): void {
    this.reserve(length)
    const { view, position } = this
    for (let index = 0; index < length; index += 4) view.setInt32(position + index, source.getInt32(index, true), true)
    this.position = position + length
  }

  align(): void {
    this.padTo(this.position + (-this.position & 7))
  }

  /** With zeros: equal values are equal bytes, and nothing of an earlier message is seen. */
  padTo(position: number): void {
    while (this.position < position) this.bytes[this.position++] = 0
  }

  number(value: number): void {
    this.reserve(0)
    if ((value | 0) === value && (value !== 0 || 1 / value > 0)) {
      if (value >= 0 && value < SMALL_INTEGER) {
        this.bytes[this.position++] = SMALL_INTEGER + value
        return
      }
      this.bytes[this.position] = TAG_INT32
      this.view.setInt32(this.position + 1, value, true)
      this.position += 5
      return
    }
    this.bytes[this.position] = TAG_FLOAT64
    this.view.setFloat64(this.position + 1, value, true)
    this.position += 9
  }

  bigint(value: bigint): void {
    this.reserve(0)
    if (BigInt.asIntN(64, value) === value) {
      this.bytes[this.position] = TAG_BIGINT64
      this.view.setBigInt64(this.position + 1, value, true)
      this.position += 9
      return
    }
    this.bytes[this.position++] = TAG_BIGINT
    this.string(value.toString(16))
  }

  string(text: string): void {
    const { length } = text
    this.reserve(length * 2)
    if (length > SHORT_STRING_LENGTH) {
      this.#longString(text, length)
      return
    }
    const { bytes } = this
    const start = this.position + 1
    for (let index = 0; index < length; index += 1) {
      const code = text.charCodeAt(index)
      if (code > 0xff) {
        this.#utf16(text)
        return
      }
      bytes[start + index] = code
    }
    bytes[start - 1] = SHORT_STRING + length
    this.position = start + length
  }

  #longString(text: string, length: number): void {
    if (Buffer.byteLength(text) !== length) {
      this.#utf16(text)
      return
    }
    this.bytes[this.position] = TAG_STRING_LATIN1
    this.view.setUint32(this.position + 1, length, true)
    this.position += 5 + this.bytes.latin1Write(text, this.position + 5)
  }

  #utf16(text: string): void {
    this.bytes[this.position] = TAG_STRING_UTF16
    const written = this.bytes.ucs2Write(text, this.position + 5)
    this.view.setUint32(this.position + 1, written, true)
    this.position += 5 + written
  }

  /** The bytes, from a multiple of eight on. */
  alignedBytes(bytes: Uint8Array): void {
    this.reserve(bytes.length + 8)
    this.align()
    this.bytes.set(bytes, this.position)
    this.position += bytes.length
  }
}
