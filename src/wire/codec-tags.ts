// The first byte of every encoded value. 128 to 255 are the integers 0 to 127 themselves.

export const TAG_UNDEFINED = 0
export const TAG_NULL = 1
export const TAG_TRUE = 2
export const TAG_FALSE = 3
export const TAG_INT32 = 4
export const TAG_FLOAT64 = 5
/** One byte of length, then Latin-1. */
export const TAG_STRING_SHORT = 6
/** Four bytes of length, then UTF-8. */
export const TAG_STRING_UTF8 = 7
/** Four bytes of length in bytes, then UTF-16: strings with a surrogate that has no partner. */
export const TAG_STRING_UTF16 = 8
export const TAG_BIGINT = 9
export const TAG_ARRAY = 10
/** Arrays of numbers without a hole: four bytes of count, padding to their size, then the numbers. */
export const TAG_INT32_ARRAY = 11
export const TAG_FLOAT64_ARRAY = 12
/** A place in an array that has no element. */
export const TAG_HOLE = 13
/** Four bytes of count, then that many keys and values. */
export const TAG_OBJECT = 14
/** One byte of kind, eight of byte length, padding to eight, then the bytes. */
export const TAG_TYPED_ARRAY = 15

export const SMALL_INTEGER = 128

export type AnyTypedArray =
  | Uint8Array
  | Int8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array

type TypedArrayConstructor = {
  new (buffer: ArrayBuffer, byteOffset: number, length: number): AnyTypedArray
  readonly BYTES_PER_ELEMENT: number
}

/** A typed array's kind is its place in this list. 0 is Buffer, which is a Uint8Array of another class. */
export const TYPED_ARRAYS: readonly TypedArrayConstructor[] = [
  Buffer as unknown as TypedArrayConstructor,
  Uint8Array,
  Int8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
]
