// The first byte of every encoded value, and the tables that both sides read. 0x80 to 0xff are the integers 0 to 127 themselves,
// 0x40 to 0x7f a string of 0 to 63 characters of Latin-1, and below that is what this list names.
import {
  BrokenPoolError,
  ClosedError,
  InterruptedError,
  MultiprocessingError,
  NotSerializableError,
  NotSupportedError,
  RemoteError,
  TimeoutError,
  WorkerDiedError,
} from '../../base/errors.ts'

export const SMALL_INTEGER = 0x80
export const SHORT_STRING = 0x40
/** The longest string whose length fits into its tag. */
export const SHORT_STRING_LENGTH = SMALL_INTEGER - SHORT_STRING - 1

export const TAG_UNDEFINED = 0
export const TAG_NULL = 1
export const TAG_TRUE = 2
export const TAG_FALSE = 3
export const TAG_INT32 = 4
export const TAG_FLOAT64 = 5
/** Four bytes of length, then Latin-1. */
export const TAG_STRING_LATIN1 = 6
/** Four bytes of length in bytes, then UTF-16: every string, also one with a surrogate that has no partner. */
export const TAG_STRING_UTF16 = 7
/** Eight bytes. */
export const TAG_BIGINT64 = 8
/** A string of hexadecimal digits, perhaps with a sign. */
export const TAG_BIGINT = 9
/** The key of `Symbol.for`. */
export const TAG_SYMBOL_FOR = 10
/** The name of a property of `Symbol`. */
export const TAG_WELL_KNOWN_SYMBOL = 11
/** Four bytes: the number of an object that began before this one. */
export const TAG_SEEN = 12

/** Four bytes of count, then the items. */
export const TAG_ARRAY = 13
/** As an array; at the first hole comes `TAG_HOLES`, a count, and that many pairs of an index and an item. */
export const TAG_SPARSE_ARRAY = 14
export const TAG_HOLES = 15
/** Arrays of numbers without a hole: four bytes of count, padding to their size, then the numbers. */
export const TAG_INT32_ARRAY = 16
export const TAG_FLOAT64_ARRAY = 17
/** What `RegExp.prototype.exec` gave: the array, then how many of these properties it has, and for each its place and its value. */
export const TAG_MATCH_ARRAY = 18
export const MATCH_KEYS: readonly string[] = ['index', 'input', 'groups', 'indices']

/** An object whose keys come here for the first time in the message: a key block, then the values. It has the next number. */
export const TAG_NEW_SHAPE = 19
/** One byte, or four: the number of the shape. Then the values. */
export const TAG_SHAPE = 20
export const TAG_SHAPE_WIDE = 21
/** Four bytes of count, then that many keys and values: what has too many keys to be a shape. */
export const TAG_DICTIONARY = 22
/** The same for an object without a prototype. */
export const TAG_NULL_PROTOTYPE = 23

/** One byte of kind; then 0, eight bytes of byte length, padding to eight, the bytes; or what the other `BYTES_…` say. */
export const TAG_TYPED_ARRAY = 24
export const TAG_MAP = 26
export const TAG_SET = 27
export const TAG_DATE = 28
export const TAG_REGEXP = 29
export const TAG_URL = 30
export const TAG_URL_SEARCH_PARAMS = 31
export const TAG_BOXED = 32
/** One byte: the class's place in the list of known errors; then the own properties. */
export const TAG_ERROR = 33
export const TAG_DOM_EXCEPTION = 34

/** The tag of its base, which error or typed array that is or 0, the class, what the base holds, the own properties. */
export const TAG_INSTANCE = 35
/** The class; then what the reduce hook gave. */
export const TAG_REDUCED = 36
/** A class is a byte of these flags, then by them its name, the class itself, a rebuild hook. */
export const CLASS_NAMED = 1
export const CLASS_SENT = 2
export const CLASS_HOOK = 4
/** What the capability wrote. */
export const TAG_FUNCTION = 37
/** The base of an instance that has no built-in one. */
export const TAG_PLAIN_BASE = 38
/** In front of a message that needs more than its value: flags, two bytes, four of the trailer's offset or 0. */
export const TAG_HEADER = 39

/** The bytes of a typed array are in the message. */
export const BYTES_INLINE = 0
/** In a block beside it: four bytes of the attachment's number. */
export const BYTES_ATTACHED = 1
/** They stay where they are, and everybody sees them: a name that the capability knows, then where the view begins and its bytes. */
export const BYTES_SHARED = 2

export const HEADER_BYTES = 8
/** The message names objects by number, so its reader has to keep a table of them. */
export const FLAG_REFERENCES = 1

/** Deeper values are refused, by the writer and by the reader. The stack has room for them, also in code that is not optimized yet. */
export const DEEPEST = 1000
/** So many levels more counts what takes more functions to write than plain data. */
export const MORE_WEIGHT = 2
/** An object of more keys is a dictionary, not a shape. */
export const MOST_SHAPE_KEYS = 64

type ErrorClass = abstract new (...args: never[]) => Error

/** Classes that both sides have. The reader finds an error's class by its place in the whole list. */
export const LANGUAGE_ERRORS: readonly ErrorClass[] = [
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
  AggregateError,
]
export const KNOWN_ERRORS: readonly ErrorClass[] = [
  ...LANGUAGE_ERRORS,
  MultiprocessingError,
  BrokenPoolError,
  ClosedError,
  InterruptedError,
  NotSerializableError,
  NotSupportedError,
  RemoteError,
  TimeoutError,
  WorkerDiedError,
]

type AnyTypedArray = ArrayBufferView<ArrayBuffer> & { readonly length: number }

export interface TypedArrayConstructor {
  new (buffer: ArrayBuffer, byteOffset: number, length: number): AnyTypedArray
  readonly prototype: object
  readonly BYTES_PER_ELEMENT: number
  readonly name: string
}

const float16 = (globalThis as { Float16Array?: TypedArrayConstructor }).Float16Array

/** The kind of a typed array is its place in this list; the first three are read apart. */
export const KIND_BUFFER = 0
export const KIND_ARRAY_BUFFER = 1
export const KIND_DATA_VIEW = 2
export const TYPED_ARRAYS: readonly (TypedArrayConstructor | undefined)[] = [
  undefined,
  undefined,
  undefined,
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
  float16,
]

/** Methods that every Node has and its types leave out: `write` and `toString` with the choice of encoding already made. */
export interface RawBuffer extends Buffer<ArrayBuffer> {
  latin1Slice(start: number, end: number): string
  ucs2Slice(start: number, end: number): string
  latin1Write(text: string, offset: number): number
  ucs2Write(text: string, offset: number): number
}

/** A hook or the caller left too little of the stack even for what is not too deep. */
export function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message === 'Maximum call stack size exceeded'
}
