// Bytes to values: the other half of encoder.ts. Reads only what it is given: every length is checked against what is there, no
// key reaches a prototype, nothing is imported or run.
import { MultiprocessingError } from '../base/errors.ts'
import type { RawBuffer } from './raw-buffer.ts'
import {
  SMALL_INTEGER,
  TAG_ARRAY,
  TAG_BIGINT,
  TAG_FALSE,
  TAG_FLOAT64,
  TAG_FLOAT64_ARRAY,
  TAG_HOLE,
  TAG_INT32,
  TAG_INT32_ARRAY,
  TAG_NULL,
  TAG_OBJECT,
  TAG_STRING_SHORT,
  TAG_STRING_UTF8,
  TAG_STRING_UTF16,
  TAG_TRUE,
  TAG_TYPED_ARRAY,
  TAG_UNDEFINED,
  TYPED_ARRAYS,
} from './codec-tags.ts'

/** A little more than the encoder's limit; well below what the stack has room for. */
const DEEPEST = 2100

/** The memory that was read last, as a Buffer and a DataView: messages come from the same few segments again and again. */
let source: Uint8Array = new Uint8Array(0)
let bytes = Buffer.alloc(0) as RawBuffer
let view: DataView = new DataView(bytes.buffer)
let position = 0
let start = 0
let end = 0

/**
 * The value whose bytes are `from[offset]` to `from[offset + length - 1]`; it shares no memory with them.
 * @throws MultiprocessingError `ERR_BAD_MESSAGE` for bytes that no encoder wrote
 */
export function decode(from: Uint8Array, offset = 0, length = from.length - offset): unknown {
  if (from !== source) useSource(from)
  start = offset
  position = offset
  end = offset + length
  const value = read(0)
  if (position !== end) throw badMessage(`${end - position} bytes after the value`)
  return value
}

function useSource(from: Uint8Array): void {
  source = from
  bytes = Buffer.from(from.buffer as ArrayBuffer, from.byteOffset, from.byteLength) as RawBuffer
  view = new DataView(from.buffer, from.byteOffset, from.byteLength)
}

function badMessage(reason: string): MultiprocessingError {
  return new MultiprocessingError(`A message cannot be decoded: ${reason}`, { code: 'ERR_BAD_MESSAGE' })
}

function need(count: number): void {
  if (position + count > end) throw badMessage(`it ends ${position + count - end} bytes too early`)
}

function read(depth: number): unknown {
  need(1)
  const tag = bytes[position++] as number
  if (tag >= SMALL_INTEGER) return tag - SMALL_INTEGER
  switch (tag) {
    case TAG_UNDEFINED:
      return undefined
    case TAG_NULL:
      return null
    case TAG_TRUE:
      return true
    case TAG_FALSE:
      return false
    case TAG_INT32:
      need(4)
      position += 4
      return view.getInt32(position - 4, true)
    case TAG_FLOAT64:
      need(8)
      position += 8
      return view.getFloat64(position - 8, true)
    default:
      return readLarger(tag, depth)
  }
}

function readLarger(tag: number, depth: number): unknown {
  switch (tag) {
    case TAG_STRING_SHORT:
    case TAG_STRING_UTF8:
    case TAG_STRING_UTF16:
      return readString(tag)
    case TAG_ARRAY:
      return readArray(depth)
    case TAG_OBJECT:
      return readObject(depth)
    case TAG_INT32_ARRAY:
      return plainArray(readNumbers(4))
    case TAG_FLOAT64_ARRAY:
      return plainArray(readNumbers(8))
    case TAG_TYPED_ARRAY:
      return readTypedArray()
    case TAG_BIGINT:
      return readBigInt()
    default:
      throw badMessage(`${tag} is no tag`)
  }
}

function readCount(): number {
  need(4)
  position += 4
  return view.getUint32(position - 4, true)
}

function readString(tag: number): string {
  if (tag === TAG_STRING_SHORT) {
    need(1)
    const length = bytes[position++] as number
    need(length)
    position += length
    return length < 12 ? readFewCharacters(length) : bytes.latin1Slice(position - length, position)
  }
  const length = readCount()
  need(length)
  position += length
  if (tag === TAG_STRING_UTF8) return bytes.utf8Slice(position - length, position)
  return bytes.ucs2Slice(position - length, position)
}

/** For a few characters the call into C++ costs more than the loop. */
function readFewCharacters(length: number): string {
  let text = ''
  for (let index = position - length; index < position; index += 1) text += String.fromCharCode(bytes[index] as number)
  return text
}

function readArray(depth: number): unknown[] {
  const length = readCount()
  need(length)
  if (depth > DEEPEST) throw badMessage('it is nested too deep')
  const items: unknown[] = []
  for (let index = 0; index < length; index += 1) {
    if (bytes[position] === TAG_HOLE) {
      need(1)
      position += 1
      items.length = index + 1
    } else items[index] = read(depth + 1)
  }
  return items
}

function readObject(depth: number): Record<string, unknown> {
  const count = readCount()
  need(count * 2)
  if (depth > DEEPEST) throw badMessage('it is nested too deep')
  const object: Record<string, unknown> = {}
  for (let index = 0; index < count; index += 1) {
    need(1)
    const tag = bytes[position++] as number
    if (tag < TAG_STRING_SHORT || tag > TAG_STRING_UTF16) throw badMessage('a key is no string')
    const key = readString(tag)
    const value = read(depth + 1)
    // A key of Object.prototype must not reach a setter there, nor fail where that is frozen.
    if (key in Object.prototype) Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
    else object[key] = value
  }
  return object
}

/** Where 8-byte aligned data begins, counted from the start of the message as the encoder did. */
function alignedPosition(): number {
  return position + ((8 - ((position - start) & 7)) & 7)
}

function readNumbers(size: 4 | 8): Int32Array | Float64Array {
  const length = readCount()
  const from = alignedPosition()
  position = from
  need(length * size)
  position += length * size
  const absolute = bytes.byteOffset + from
  const aligned = absolute % size === 0
  const buffer = aligned ? bytes.buffer : bytes.buffer.slice(absolute, absolute + length * size)
  return size === 4 ? new Int32Array(buffer, aligned ? absolute : 0, length) : new Float64Array(buffer, aligned ? absolute : 0, length)
}

function plainArray(numbers: Int32Array | Float64Array): number[] {
  const { length } = numbers
  const items: number[] = new Array(length)
  for (let index = 0; index < length; index += 1) items[index] = numbers[index] as number
  return items
}

function readTypedArray(): unknown {
  need(9)
  const kind = bytes[position] as number
  const byteLength = view.getFloat64(position + 1, true)
  position += 9
  const constructor = TYPED_ARRAYS[kind]
  if (constructor === undefined) throw badMessage(`${kind} is no kind of typed array`)
  const size = kind === 0 ? 1 : constructor.BYTES_PER_ELEMENT
  if (!Number.isSafeInteger(byteLength) || byteLength < 0 || byteLength % size !== 0)
    throw badMessage(`${byteLength} is no length of a ${constructor.name}`)
  position = alignedPosition()
  need(byteLength)
  position += byteLength
  const absolute = bytes.byteOffset + position
  const copy = bytes.buffer.slice(absolute - byteLength, absolute)
  return kind === 0 ? Buffer.from(copy) : new constructor(copy, 0, byteLength / size)
}

function readBigInt(): bigint {
  need(1)
  const tag = bytes[position++] as number
  if (tag < TAG_STRING_SHORT || tag > TAG_STRING_UTF16) throw badMessage('a bigint has no digits')
  const text = readString(tag)
  const digits = text.startsWith('-') ? text.slice(1) : text
  if (!/^[0-9a-f]+$/.test(digits)) throw badMessage('a bigint has no digits')
  const value = BigInt(`0x${digits}`)
  return text.startsWith('-') ? -value : value
}
