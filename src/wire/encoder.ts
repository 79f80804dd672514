// Values to bytes, first form: scalars, strings, arrays, plain objects and typed arrays. What cannot travel is refused with the
// path to it. Plain trees pay nothing for the detection of cycles: only below a depth that few values have is a list of the
// objects on the way kept.
import { NotSerializableError } from '../base/errors.ts'
import { isWellFormed, type RawBuffer } from './raw-buffer.ts'
import {
  type AnyTypedArray,
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

const FIRST_SIZE = 64 * 1024
/** Above it the scratch memory is given back after the message. */
const KEPT_SIZE = 4 * 1024 * 1024
const SHORT_STRING = 48
/** Up to here tags cost less than the two typed arrays that the loop without tags needs. */
const FEW_NUMBERS = 16
const DEPTH_WITHOUT_ANCESTORS = 64
const DEEPEST = 2000
const LONGEST_PATH = 200

let buffer = Buffer.allocUnsafeSlow(FIRST_SIZE) as RawBuffer
let view = new DataView(buffer.buffer)
let position = 0
let ancestors: object[] = []
let encoding = false

/**
 * The value as bytes. They are valid until the next call: copy them on.
 *
 * `root` is how error messages call the value: `args`, `items`, `result`.
 * @throws NotSerializableError for what cannot travel, with the path to it
 */
export function encode(value: unknown, root: string): Uint8Array {
  if (encoding) return encodeWithin(value, root)
  if (buffer.length > KEPT_SIZE) useBuffer(Buffer.allocUnsafeSlow(FIRST_SIZE))
  position = 0
  encoding = true
  try {
    write(value, 0)
  } catch (error) {
    if (error instanceof Refusal) throw new NotSerializableError(shorten(pathOf(value, error.culprit, root, new Set())), error.message)
    throw error
  } finally {
    encoding = false
    ancestors = []
  }
  return buffer.subarray(0, position)
}

/** A getter of the value that is being encoded has something encoded itself: the outer one's bytes are put aside meanwhile. */
function encodeWithin(value: unknown, root: string): Uint8Array {
  const outer = { buffer, position, ancestors }
  encoding = false
  ancestors = []
  useBuffer(Buffer.allocUnsafeSlow(FIRST_SIZE))
  try {
    return encode(value, root)
  } finally {
    useBuffer(outer.buffer)
    position = outer.position
    ancestors = outer.ancestors
    encoding = true
  }
}

/** Thrown inside, without the path: finding it costs time, and only an error needs it. */
class Refusal extends Error {
  readonly culprit: unknown
  constructor(culprit: unknown, reason: string) {
    super(reason)
    this.culprit = culprit
  }
}

function useBuffer(next: Buffer<ArrayBuffer>): void {
  buffer = next as RawBuffer
  view = new DataView(next.buffer)
}

function reserve(bytes: number): void {
  if (position + bytes <= buffer.length) return
  const next = Buffer.allocUnsafeSlow(Math.max(buffer.length * 2, position + bytes))
  buffer.copy(next, 0, 0, position)
  useBuffer(next)
}

function write(value: unknown, depth: number): void {
  reserve(16)
  switch (typeof value) {
    case 'number':
      return writeNumber(value)
    case 'string':
      return writeString(value)
    case 'boolean':
      buffer[position++] = value ? TAG_TRUE : TAG_FALSE
      return
    case 'undefined':
      buffer[position++] = TAG_UNDEFINED
      return
    case 'object':
      if (value === null) buffer[position++] = TAG_NULL
      else writeObject(value, depth)
      return
    case 'bigint':
      buffer[position++] = TAG_BIGINT
      return writeString(value.toString(16))
    case 'function':
      throw new Refusal(value, `a function (${value.name || 'anonymous'}) cannot travel as a value in this version`)
    default:
      throw new Refusal(value, 'a symbol cannot leave its process')
  }
}

function writeNumber(value: number): void {
  if ((value | 0) === value && !Object.is(value, -0)) {
    if (value >= 0 && value < SMALL_INTEGER) {
      buffer[position++] = SMALL_INTEGER + value
      return
    }
    buffer[position++] = TAG_INT32
    view.setInt32(position, value, true)
    position += 4
    return
  }
  buffer[position++] = TAG_FLOAT64
  view.setFloat64(position, value, true)
  position += 8
}

function writeString(value: string): void {
  const { length } = value
  reserve(length * 3 + 8)
  if (length <= SHORT_STRING && writeShortString(value, length)) return
  const utf8 = isWellFormed(value)
  buffer[position] = utf8 ? TAG_STRING_UTF8 : TAG_STRING_UTF16
  const written = utf8 ? buffer.utf8Write(value, position + 5) : buffer.ucs2Write(value, position + 5)
  view.setUint32(position + 1, written, true)
  position += 5 + written
}

function writeShortString(value: string, length: number): boolean {
  const start = position + 2
  for (let index = 0; index < length; index += 1) {
    const code = value.charCodeAt(index)
    if (code > 0xff) return false
    buffer[start + index] = code
  }
  buffer[position] = TAG_STRING_SHORT
  buffer[position + 1] = length
  position = start + length
  return true
}

function writeObject(value: object, depth: number): void {
  if (depth > DEPTH_WITHOUT_ANCESTORS) checkAncestors(value, depth)
  if (Array.isArray(value)) return writeArray(value, depth)
  const prototype = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return writePlainObject(value as Record<string, unknown>, depth)
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return writeTypedArray(value as AnyTypedArray)
  const name = prototype?.constructor?.name || 'an unnamed class'
  throw new Refusal(value, `an instance of ${name} cannot travel in this version; send a plain object instead`)
}

function checkAncestors(value: object, depth: number): void {
  ancestors.length = depth - DEPTH_WITHOUT_ANCESTORS - 1
  if (ancestors.includes(value)) throw new Refusal(value, 'a value that contains itself cannot travel in this version')
  if (depth > DEEPEST) throw new Refusal(value, `a value nested more than ${DEEPEST} levels deep cannot travel`)
  ancestors.push(value)
}

function writeArray(items: readonly unknown[], depth: number): void {
  const { length } = items
  if (length > FEW_NUMBERS && typeof items[0] === 'number' && writeNumbers(items, length)) return
  buffer[position] = TAG_ARRAY
  view.setUint32(position + 1, length, true)
  position += 5
  for (let index = 0; index < length; index += 1) {
    const item = items[index]
    if (item === undefined && !(index in items)) {
      reserve(1)
      buffer[position++] = TAG_HOLE
    } else write(item, depth + 1)
  }
}

/** All numbers: one loop and no tags. Starts with 32-bit integers, starts again as doubles at the first that is none. */
function writeNumbers(items: readonly unknown[], length: number): boolean {
  reserve(length * 8 + 16)
  const start = position + 5 + ((8 - ((position + 5) & 7)) & 7)
  const integers = new Int32Array(buffer.buffer, start, length)
  let index = 0
  for (; index < length; index += 1) {
    const item = items[index] as number
    if (typeof item !== 'number' || (item | 0) !== item || (item === 0 && 1 / item < 0)) break
    integers[index] = item
  }
  if (index === length) return closeNumbers(TAG_INT32_ARRAY, length, start + length * 4)
  const doubles = new Float64Array(buffer.buffer, start, length)
  for (index = 0; index < length; index += 1) {
    const item = items[index]
    if (typeof item !== 'number') return false
    doubles[index] = item
  }
  return closeNumbers(TAG_FLOAT64_ARRAY, length, start + length * 8)
}

function closeNumbers(tag: number, length: number, end: number): true {
  buffer[position] = tag
  view.setUint32(position + 1, length, true)
  position = end
  return true
}

function writePlainObject(value: Record<string, unknown>, depth: number): void {
  const keys = Object.keys(value)
  buffer[position] = TAG_OBJECT
  view.setUint32(position + 1, keys.length, true)
  position += 5
  for (const key of keys) {
    reserve(8)
    writeString(key)
    write(value[key], depth + 1)
  }
}

function writeTypedArray(value: AnyTypedArray): void {
  const kind = Buffer.isBuffer(value)
    ? 0
    : TYPED_ARRAYS.findIndex(one => Object.getPrototypeOf(value) === (one as unknown as { prototype: object }).prototype)
  if (kind < 0) throw new Refusal(value, `an instance of ${value.constructor.name} cannot travel in this version`)
  reserve(value.byteLength + 32)
  buffer[position] = TAG_TYPED_ARRAY
  buffer[position + 1] = kind
  view.setFloat64(position + 2, value.byteLength, true)
  const start = position + 10 + ((8 - ((position + 10) & 7)) & 7)
  buffer.set(new Uint8Array(value.buffer, value.byteOffset, value.byteLength), start)
  position = start + value.byteLength
}

function shorten(path: string): string {
  return path.length <= LONGEST_PATH ? path : `${path.slice(0, LONGEST_PATH)}…`
}

/** Walks the value once more to say where the culprit is. `seen`: a graph with cycles has paths without end, but few objects. */
function pathOf(value: unknown, culprit: unknown, path: string, seen: Set<object>): string {
  if (value === culprit && typeof value !== 'object') return path
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || seen.has(value)) return path
  seen.add(value)
  for (const key of Object.keys(value)) {
    const inner = (value as Record<string, unknown>)[key]
    const innerPath = Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`
    if (inner === culprit) return innerPath
    if (typeof inner !== 'object' || inner === null) continue
    const found = pathOf(inner, culprit, innerPath, seen)
    if (found !== innerPath) return found
  }
  return path
}
