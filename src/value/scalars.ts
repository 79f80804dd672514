// Reading and writing single values in shared memory. One branch a type, so that each place in the code sees typed arrays of one
// kind only, whatever types a program uses: V8 makes a load or a store of it.
import { expected } from '../base/validate.ts'
import { BOOL, F32, F64, fits, I8, I16, I32, I64, refuseSum, refuseValue, U8, U16, U32, U64 } from './scalar-types.ts'

/** A buffer, as arrays of every kind. */
export class Views {
  readonly i8: Int8Array
  readonly u8: Uint8Array
  readonly i16: Int16Array
  readonly u16: Uint16Array
  readonly i32: Int32Array
  readonly u32: Uint32Array
  readonly i64: BigInt64Array
  readonly u64: BigUint64Array
  readonly f32: Float32Array
  readonly f64: Float64Array

  constructor(buffer: ArrayBufferLike) {
    const { byteLength } = buffer
    const [halves, words, doubles] = [byteLength >>> 1, byteLength >>> 2, byteLength >>> 3]
    this.i8 = new Int8Array(buffer)
    this.u8 = new Uint8Array(buffer)
    this.i16 = new Int16Array(buffer, 0, halves)
    this.u16 = new Uint16Array(buffer, 0, halves)
    this.i32 = new Int32Array(buffer, 0, words)
    this.u32 = new Uint32Array(buffer, 0, words)
    this.i64 = new BigInt64Array(buffer, 0, doubles)
    this.u64 = new BigUint64Array(buffer, 0, doubles)
    this.f32 = new Float32Array(buffer, 0, words)
    this.f64 = new Float64Array(buffer, 0, doubles)
  }
}

/** The value at a byte offset that is a multiple of its size, and less than 2^32. */
export function readScalar(views: Views, kind: number, offset: number): number | bigint | boolean {
  switch (kind) {
    case I32:
      return views.i32[offset >>> 2] as number
    case F64:
      return views.f64[offset >>> 3] as number
    case U32:
      return views.u32[offset >>> 2] as number
    case I8:
      return views.i8[offset] as number
    case U8:
      return views.u8[offset] as number
    case I16:
      return views.i16[offset >>> 1] as number
    case U16:
      return views.u16[offset >>> 1] as number
    case I64:
      return views.i64[offset >>> 3] as bigint
    case U64:
      return views.u64[offset >>> 3] as bigint
    case F32:
      return views.f32[offset >>> 2] as number
    default:
      return views.u8[offset] !== 0
  }
}

/** `name` is how an error calls the value. @throws TypeError, RangeError for a value that does not fit; nothing is written then */
export function writeScalar(views: Views, kind: number, offset: number, value: unknown, name: string): void {
  if (!fits(kind, value)) refuseValue(kind, value, name)
  switch (kind) {
    case I32:
      views.i32[offset >>> 2] = value as number
      break
    case F64:
      views.f64[offset >>> 3] = value as number
      break
    case U32:
      views.u32[offset >>> 2] = value as number
      break
    case I8:
      views.i8[offset] = value as number
      break
    case U8:
      views.u8[offset] = value as number
      break
    default:
      writeRare(views, kind, offset, value)
  }
}

function writeRare(views: Views, kind: number, offset: number, value: unknown): void {
  if (kind === BOOL) views.u8[offset] = value === true ? 1 : 0
  else if (kind === I64) views.i64[offset >>> 3] = value as bigint
  else if (kind === U64) views.u64[offset >>> 3] = value as bigint
  else if (kind === F32) views.f32[offset >>> 2] = value as number
  else if (kind === I16) views.i16[offset >>> 1] = value as number
  else views.u16[offset >>> 1] = value as number
}

/** The array of integers in which a value of this kind changes by one exchange, for those whose elements are numbers. */
function integersOf(views: Views, kind: number): Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array {
  if (kind === I32 || kind === F32) return views.i32
  if (kind === U32) return views.u32
  if (kind === I8) return views.i8
  if (kind === U8) return views.u8
  return kind === I16 ? views.i16 : views.u16
}

/**
 * Adds by one exchange, which fails and begins again when somebody else changed the value in between. Returns the value before.
 * @throws TypeError, RangeError when the sum does not fit; the value stays as it was then
 */
export function addScalar(views: Views, kind: number, offset: number, n: unknown): number | bigint {
  if (kind === BOOL) throw new TypeError('Expected the value to be a number, got a boolean: a flag has no sum')
  if (kind === I64 || kind === U64) return addBigint(kind === I64 ? views.i64 : views.u64, kind, offset, n)
  if (typeof n !== 'number') throw new TypeError(expected('n', 'a number', n))
  if (kind === F32) return addFloat32(views.i32, offset, n)
  if (kind === F64) return addFloat64(views.i64, offset, n)
  if (!Number.isSafeInteger(n)) throw new RangeError(expected('n', 'an integer', n))
  const integers = integersOf(views, kind)
  const index = offset / integers.BYTES_PER_ELEMENT
  for (;;) {
    const before = Atomics.load(integers, index)
    if (!fits(kind, before + n)) refuseSum(kind, before + n, n)
    if (Atomics.compareExchange(integers, index, before, before + n) === before) return before
  }
}

function addBigint(bigints: BigInt64Array | BigUint64Array, kind: number, offset: number, n: unknown): bigint {
  if (typeof n !== 'bigint') throw new TypeError(expected('n', 'a bigint', n))
  for (;;) {
    const before = Atomics.load(bigints, offset / 8)
    if (!fits(kind, before + n)) refuseSum(kind, before + n, n)
    if (Atomics.compareExchange(bigints, offset / 8, before, before + n) === before) return before
  }
}

// A floating-point number changes as the integer that its bits are.
const scratch = new Views(new ArrayBuffer(8))

function addFloat32(bits: Int32Array, offset: number, n: number): number {
  for (;;) {
    const before = Atomics.load(bits, offset / 4)
    scratch.i32[0] = before
    const value = scratch.f32[0] as number
    if (!fits(F32, value + n)) refuseSum(F32, value + n, n)
    scratch.f32[0] = value + n
    if (Atomics.compareExchange(bits, offset / 4, before, scratch.i32[0] as number) === before) return value
  }
}

function addFloat64(bits: BigInt64Array, offset: number, n: number): number {
  for (;;) {
    const before = Atomics.load(bits, offset / 8)
    scratch.i64[0] = before
    const value = scratch.f64[0] as number
    scratch.f64[0] = value + n
    if (Atomics.compareExchange(bits, offset / 8, before, scratch.i64[0] as bigint) === before) return value
  }
}
