// Bytes on their way in: where the message lies, how far it is read, and what has no parts. Every length is checked against what is
// there before it is used.
import { MultiprocessingError } from '../../base/errors.ts'
import { type RawBuffer, SHORT_STRING, SMALL_INTEGER, TAG_STRING_LATIN1, TAG_STRING_UTF16 } from './tags.ts'

const nothing = new ArrayBuffer(0)
/** Up to here putting characters together is sooner done than a call into C++. A longer sum would be two strings inside. */
const FEW_CHARACTERS = 12

/** Memory of longer messages is not kept until the next one comes. */
const KEPT_BYTES = 64 * 1024

const LONGEST_REASON = 500

/** From here on memory that nobody has filled with zeros first is worth two more objects. */
const MANY_BYTES = 4096

/** V8 makes bigints of up to 2^30 bits, and quotes all the digits of a longer one. */
const MOST_DIGITS = 2 ** 28

/** The views of one memory. */
class Memory {
  readonly bytes: RawBuffer
  readonly view: DataView<ArrayBuffer>
  /** Whole words from the memory's beginning; behind them up to seven bytes may follow. */
  readonly int32: Int32Array<ArrayBuffer>
  readonly float64: Float64Array<ArrayBuffer>

  constructor(buffer: ArrayBuffer) {
    this.bytes = Buffer.from(buffer) as RawBuffer
    this.view = new DataView(buffer)
    this.int32 = new Int32Array(buffer, 0, Math.floor(buffer.byteLength / 4))
    this.float64 = new Float64Array(buffer, 0, Math.floor(buffer.byteLength / 8))
  }
}

/** Messages come from the same few memories again and again. */
const memories = new WeakMap<ArrayBufferLike, Memory>()
const emptyMemory = new Memory(nothing)

export class Input {
  memory = emptyMemory
  bytes = emptyMemory.bytes
  view = emptyMemory.view
  position = 0
  /** Where the message begins in the memory, and where it ends. */
  start = 0
  end = 0
  /** What the caller gave, and its place in the memory, so that the same again costs nothing. */
  #from: Uint8Array | null = null
  #fromOffset = 0

  /** Begins to read the message in `from`. */
  use(from: Uint8Array, offset: number, length: number): void {
    if (from !== this.#from) this.#open(from)
    if (offset < 0 || length < 0 || offset + length > from.length) this.bad('it lies outside of its memory')
    this.start = this.#fromOffset + offset
    this.position = this.start
    this.end = this.start + length
  }

  #open(from: Uint8Array): void {
    const buffer = from.buffer as ArrayBuffer
    this.#from = from
    this.#fromOffset = from.byteOffset
    if (buffer === this.bytes.buffer) return
    let memory = memories.get(buffer)
    if (memory === undefined) {
      memory = new Memory(buffer)
      memories.set(buffer, memory)
    }
    this.memory = memory
    this.bytes = memory.bytes
    this.view = memory.view
  }

  /** Lets go of a large message when it has been read: the next one is seldom in the same memory. */
  release(): void {
    if (this.end - this.start > KEPT_BYTES) this.forget()
  }

  /** Lets go of the memory. */
  forget(): void {
    this.#from = null
    this.memory = emptyMemory
    this.bytes = emptyMemory.bytes
    this.view = emptyMemory.view
  }

  /** @throws MultiprocessingError `ERR_BAD_MESSAGE` */
  bad(reason: string, cause?: unknown): never {
    const options = cause === undefined ? {} : { cause }
    // It may quote a name or a pattern of the message's, which may be a hundred megabytes long.
    const shown = reason.length > LONGEST_REASON ? `${reason.slice(0, LONGEST_REASON)}…` : reason
    throw new MultiprocessingError(`A message cannot be decoded: ${shown}`, { code: 'ERR_BAD_MESSAGE', ...options })
  }

  need(count: number): void {
    if (this.position + count > this.end) this.bad(`it ends ${this.position + count - this.end} bytes too early`)
  }

  skip(count: number): void {
    this.need(count)
    this.position += count
  }

  byte(): number {
    this.need(1)
    return this.bytes[this.position++] as number
  }

  uint32(): number {
    this.need(4)
    this.position += 4
    return this.view.getUint32(this.position - 4, true)
  }

  int32(): number {
    this.need(4)
    this.position += 4
    return this.view.getInt32(this.position - 4, true)
  }

  float(): number {
    this.need(8)
    this.position += 8
    return this.view.getFloat64(this.position - 8, true)
  }

  bigint64(): bigint {
    this.need(8)
    this.position += 8
    return this.view.getBigInt64(this.position - 8, true)
  }

  /** How many parts follow, each of at least so many bytes: never more than the rest of the message can hold. */
  count(bytesOfEach: number): number {
    const count = this.uint32()
    this.need(count * bytesOfEach)
    return count
  }

  /** Goes on to the next multiple of `size`, counted from the start of the message as its writer did. */
  align(size: 4 | 8): void {
    this.position += (this.start - this.position) & (size - 1)
  }

  /** A copy of that many bytes, from a multiple of eight on. */
  alignedBytes(byteLength: number): ArrayBuffer {
    this.align(8)
    this.need(byteLength)
    this.position += byteLength
    const start = this.position - byteLength
    if (byteLength < MANY_BYTES) return this.bytes.buffer.slice(start, this.position)
    const copy = Buffer.allocUnsafeSlow(byteLength)
    this.bytes.copy(copy, 0, start, this.position)
    return copy.buffer
  }

  /** A string with its tag. */
  string(): string {
    const tag = this.byte()
    if (tag >= SHORT_STRING && tag < SMALL_INTEGER) return this.shortString(tag - SHORT_STRING)
    if (tag === TAG_STRING_LATIN1) return this.latin1()
    if (tag === TAG_STRING_UTF16) return this.utf16()
    return this.bad(`${tag} is no tag of a string`)
  }

  shortString(length: number): string {
    this.need(length)
    const { bytes, position: start } = this
    const end = start + length
    this.position = end
    if (length <= 8) return fewCharacters(bytes, start, length)
    if (length <= FEW_CHARACTERS) return fewCharacters(bytes, start, 8) + fewCharacters(bytes, start + 8, length - 8)
    return bytes.latin1Slice(start, end)
  }

  latin1(): string {
    const length = this.count(1)
    this.position += length
    return this.bytes.latin1Slice(this.position - length, this.position)
  }

  utf16(): string {
    const length = this.count(1)
    this.position += length
    return this.bytes.ucs2Slice(this.position - length, this.position)
  }

  bigint(): bigint {
    const text = this.string()
    const isNegative = text.startsWith('-')
    const digits = isNegative ? text.slice(1) : text
    if (!/^[0-9a-f]+$/.test(digits) || digits.length > MOST_DIGITS) this.bad('a bigint has no digits, or too many')
    const value = BigInt(`0x${digits}`)
    return isNegative ? -value : value
  }

  /** Numbers without tags, as a plain array. */
  numbers(size: 4 | 8): number[] {
    const length = this.uint32()
    this.align(size)
    this.need(length * size)
    const { position } = this
    this.position += length * size
    if (position % size !== 0) return this.#strayNumbers(position, length, size)
    const source = size === 4 ? this.memory.int32 : this.memory.float64
    const first = position / size
    const items: number[] = new Array(length)
    for (let index = 0; index < length; index += 1) items[index] = source[first + index] as number
    return items
  }

  /** The message does not lie at a multiple of eight. */
  #strayNumbers(position: number, length: number, size: 4 | 8): number[] {
    const items: number[] = new Array(length)
    const { view } = this
    for (let index = 0; index < length; index += 1) {
      items[index] = size === 4 ? view.getInt32(position + index * 4, true) : view.getFloat64(position + index * 8, true)
    }
    return items
  }
}

const { fromCharCode } = String

/** Up to eight characters of Latin-1: one call with as many arguments makes a string three times as fast as a loop. */
function fewCharacters(bytes: Uint8Array, start: number, length: number): string {
  const at = bytes as unknown as Record<number, number>
  const s = start
  switch (length) {
    case 0:
      return ''
    case 1:
      return fromCharCode(at[s]!)
    case 2:
      return fromCharCode(at[s]!, at[s + 1]!)
    case 3:
      return fromCharCode(at[s]!, at[s + 1]!, at[s + 2]!)
    case 4:
      return fromCharCode(at[s]!, at[s + 1]!, at[s + 2]!, at[s + 3]!)
    case 5:
      return fromCharCode(at[s]!, at[s + 1]!, at[s + 2]!, at[s + 3]!, at[s + 4]!)
    case 6:
      return fromCharCode(at[s]!, at[s + 1]!, at[s + 2]!, at[s + 3]!, at[s + 4]!, at[s + 5]!)
    case 7:
      return fromCharCode(at[s]!, at[s + 1]!, at[s + 2]!, at[s + 3]!, at[s + 4]!, at[s + 5]!, at[s + 6]!)
    default:
      return fromCharCode(at[s]!, at[s + 1]!, at[s + 2]!, at[s + 3]!, at[s + 4]!, at[s + 5]!, at[s + 6]!, at[s + 7]!)
  }
}
