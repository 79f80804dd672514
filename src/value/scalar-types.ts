// The types of single values: their codes, ours and Python's, the typed array that each makes, and what fits into them.
import { expected, show } from '../base/validate.ts'

/** The scalar types and the array each makes; the second group are Python's codes (`l` is C's long, `u` its wchar_t). */
export interface ScalarArrays {
  i8: Int8Array
  u8: Uint8Array
  i16: Int16Array
  u16: Uint16Array
  i32: Int32Array
  u32: Uint32Array
  i64: BigInt64Array
  u64: BigUint64Array
  f32: Float32Array
  f64: Float64Array
  bool: Uint8Array
  b: Int8Array
  B: Uint8Array
  c: Uint8Array
  h: Int16Array
  H: Uint16Array
  i: Int32Array
  I: Uint32Array
  u: Uint32Array
  l: BigInt64Array
  L: BigUint64Array
  q: BigInt64Array
  Q: BigUint64Array
  f: Float32Array
  d: Float64Array
}
export type ScalarType = keyof ScalarArrays
export type ScalarValue<S extends ScalarType> = S extends 'bool' ? boolean : ScalarArrays[S][number]

/** Numbers and not names: code that reads a value branches on them. */
export const I8 = 0
export const U8 = 1
export const I16 = 2
export const U16 = 3
export const I32 = 4
export const U32 = 5
export const I64 = 6
export const U64 = 7
export const F32 = 8
export const F64 = 9
export const BOOL = 10

/** What a typed array is made with. */
export interface ArrayConstructor {
  new (buffer: ArrayBuffer, byteOffset: number, length: number): Uint8Array<ArrayBuffer>
  readonly BYTES_PER_ELEMENT: number
}

export interface Scalar {
  readonly name: ScalarType
  readonly kind: number
  readonly byteLength: number
  readonly array: ArrayConstructor
  /** For error messages: "an integer from 0 to 255". */
  readonly range: string
  /** Of its values, as `typeof` says it. */
  readonly typeOf: 'number' | 'bigint' | 'boolean'
}

const LARGEST_FLOAT32 = '3.4028234663852886e+38'

const SCALARS: readonly Scalar[] = [
  integer('i8', I8, Int8Array, '-128 to 127'),
  integer('u8', U8, Uint8Array, '0 to 255'),
  integer('i16', I16, Int16Array, '-32768 to 32767'),
  integer('u16', U16, Uint16Array, '0 to 65535'),
  integer('i32', I32, Int32Array, '-2147483648 to 2147483647'),
  integer('u32', U32, Uint32Array, '0 to 4294967295'),
  scalar('i64', I64, BigInt64Array, 'a bigint from -(2n ** 63n) to 2n ** 63n - 1n', 'bigint'),
  scalar('u64', U64, BigUint64Array, 'a bigint from 0n to 2n ** 64n - 1n', 'bigint'),
  scalar('f32', F32, Float32Array, `a number whose size is at most ${LARGEST_FLOAT32}, or infinite, or NaN`, 'number'),
  scalar('f64', F64, Float64Array, 'a number', 'number'),
  scalar('bool', BOOL, Uint8Array, 'a boolean', 'boolean'),
]

/** Python's codes, as C has them on 64-bit Linux. */
const PYTHON: Readonly<Record<string, ScalarType>> = {
  ...{ b: 'i8', B: 'u8', c: 'u8', h: 'i16', H: 'u16', i: 'i32', I: 'u32', u: 'u32' },
  ...{ l: 'i64', L: 'u64', q: 'i64', Q: 'u64', f: 'f32', d: 'f64' },
}

const byCode = new Map<unknown, Scalar>([
  ...SCALARS.map(each => [each.name, each] as const),
  ...Object.entries(PYTHON).map(([code, name]) => [code, SCALARS.find(each => each.name === name) as Scalar] as const),
])

function integer(name: ScalarType, kind: number, array: unknown, range: string): Scalar {
  return scalar(name, kind, array, `an integer from ${range}`, 'number')
}

function scalar(name: ScalarType, kind: number, array: unknown, range: string, typeOf: Scalar['typeOf']): Scalar {
  const constructor = array as ArrayConstructor
  return { name, kind, byteLength: constructor.BYTES_PER_ELEMENT, array: constructor, range, typeOf }
}

export function isScalarType(code: unknown): code is ScalarType {
  return byCode.has(code)
}

/** What a code stands for. @throws TypeError that lists the codes */
export function scalarOf(code: unknown, name: string): Scalar {
  const found = byCode.get(code)
  if (found !== undefined) return found
  const codes = [...byCode.keys()].map(each => `'${String(each)}'`).join(', ')
  throw new TypeError(expected(name, `a struct or one of ${codes}`, code))
}

export function scalarOfKind(kind: number): Scalar {
  return SCALARS[kind] as Scalar
}

/** Whether a value of this kind can be exactly this; a number that an f32 rounds can. */
export function fits(kind: number, value: unknown): boolean {
  switch (kind) {
    case I8:
      return typeof value === 'number' && (value << 24) >> 24 === value
    case U8:
      return typeof value === 'number' && (value & 0xff) === value
    case I16:
      return typeof value === 'number' && (value << 16) >> 16 === value
    case U16:
      return typeof value === 'number' && (value & 0xffff) === value
    case I32:
      return typeof value === 'number' && (value | 0) === value
    case U32:
      return typeof value === 'number' && value >>> 0 === value
    case F64:
      return typeof value === 'number'
    case BOOL:
      return typeof value === 'boolean'
    default:
      return fitsRare(kind, value)
  }
}

function fitsRare(kind: number, value: unknown): boolean {
  if (kind === I64) return typeof value === 'bigint' && BigInt.asIntN(64, value) === value
  if (kind === U64) return typeof value === 'bigint' && BigInt.asUintN(64, value) === value
  return typeof value === 'number' && (Number.isFinite(Math.fround(value)) || !Number.isFinite(value))
}

/** For a value that does not fit. @throws TypeError for another type, RangeError outside of the range */
export function refuseValue(kind: number, value: unknown, name: string): never {
  const { range, typeOf } = scalarOfKind(kind)
  const message = expected(name, range, value)
  throw typeof value === typeOf ? new RangeError(message) : new TypeError(message)
}

/** @throws RangeError: the value would be out of its range after `add(n)` */
export function refuseSum(kind: number, sum: unknown, n: unknown): never {
  throw new RangeError(`${expected('value', scalarOfKind(kind).range, sum)} after add(${show(n)})`)
}
