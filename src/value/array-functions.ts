// What can be done with typed arrays in shared memory that their own methods do not do.
import { ClosedError } from '../base/errors.ts'
import { checkInteger, expected } from '../base/validate.ts'
import type { Lock } from '../sync/lock.ts'
import type { RLock } from '../sync/rlock.ts'
import { type ArrayConstructor, F32, F64, fits, I8, I16, I32, I64, refuseValue, scalarOfKind, U8, U16, U32, U64 } from './scalar-types.ts'
import { ValueBlock } from './value-block.ts'
import { bufferOf, sharedBufferOf } from './shared-buffers.ts'
import { partsOfStructArray, type StructArray, StructArrayObject } from './struct/struct-array.ts'
import { lockOfValue, type Value } from './value.ts'

export type TypedArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array

const nameOf = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)?.get as (
  this: unknown,
) => string | undefined

/** What the elements of a typed array are, by its name. */
const KINDS = new Map<string | undefined, number>([
  ...([I8, U8, I16, U16, I32, U32, I64, U64, F32, F64] as const).map(kind => [scalarOfKind(kind).array.name, kind] as const),
  ['Uint8ClampedArray', U8],
])

/** @throws TypeError */
function checkTypedArray(array: unknown): void {
  if (nameOf.call(array) === undefined) throw new TypeError(expected('array', 'a typed array', array))
}

/**
 * `array[index] = value`, but what does not fit is an error instead of being wrapped.
 * @throws TypeError for a value of another type, RangeError for one that is out of range, and for an index outside of the array
 */
export function setChecked<A extends TypedArray>(array: A, index: number, value: A[number]): void {
  checkTypedArray(array)
  const kind = KINDS.get(nameOf.call(array)) ?? F64
  if (array.length === 0) throw new RangeError(expected('index', 'an index of an array that has no items', index))
  checkInteger(index, 'index', 0, array.length - 1)
  if (!fits(kind, value)) refuseValue(kind, value, 'value')
  array[index] = value
}

/**
 * A copy of the array in shared memory: sending it, or a view of it, to any process of the tree copies nothing any more. An array that is
 * in shared memory already is returned as it is. Nobody's lock guards it.
 * @throws TypeError for what is no typed array
 * @example const table = share(new Float64Array(1e6)); await pool.map(index => table[index], indices)
 */
export function share<T extends TypedArray>(array: T): T {
  checkTypedArray(array)
  if (sharedBufferOf(array.buffer) !== null) return array
  const { byteLength, length } = array
  const block = ValueBlock.create(byteLength)
  try {
    const { buffer } = bufferOf(block, { lock: null, isOfStructs: false })
    const copy = Buffer.isBuffer(array) ? Buffer.from(buffer, 0, length) : new (constructorOf(array))(buffer, 0, length)
    copy.set(array as unknown as Uint8Array)
    return copy as unknown as T
  } catch (error) {
    block.free()
    throw error
  }
}

/**
 * The lock of a Value, a SharedArray, a view of one, or an array of structs: `await lockOf(array).run(() => { array[0] += 1 })`.
 * @throws TypeError for what has none; ClosedError
 */
// biome-ignore lint/suspicious/noExplicitAny: of whatever they are.
export function lockOf(shared: TypedArray | StructArray<any> | Value<any>): Lock | RLock {
  const lock = nameOf.call(shared) === undefined ? lockOfObject(shared) : lockOfArray(shared as TypedArray)
  if (lock === null) throw new TypeError(expected('shared', 'a Value or an array that was made with a lock', shared))
  return lock
}

function lockOfObject(shared: unknown): Lock | RLock | null {
  return shared instanceof StructArrayObject ? (partsOfStructArray(shared).lock?.lock ?? null) : lockOfValue(shared)
}

function lockOfArray({ buffer }: TypedArray): Lock | RLock | null {
  const shared = sharedBufferOf(buffer)
  if (shared !== null && (shared.closed || !shared.block.isThere)) throw new ClosedError('This array in shared memory was closed')
  return shared?.lock?.lock ?? null
}

/** Of the language, whatever class extends it. */
function constructorOf(array: TypedArray): ArrayConstructor {
  return (globalThis as unknown as Record<string, ArrayConstructor>)[nameOf.call(array) as string] as ArrayConstructor
}

/**
 * `close()` for an array of SharedArray, RawArray or `share()`, or a view of one: the array and its views have a length of 0 here from
 * then on. In the thread that made it, its memory is freed for the whole tree. May be called twice.
 *
 * Crash safety: none for those that still use the array in other processes, which nobody can notice: what they write then may be another's.
 * Close it when they are done.
 * @throws TypeError for another array
 */
export function closeShared(array: TypedArray): void {
  checkTypedArray(array)
  const shared = sharedBufferOf(array.buffer)
  if (shared === null) throw new TypeError(expected('array', 'one of SharedArray, RawArray or share()', array))
  if (shared.isOfStructs) throw new TypeError('Expected `array` to be an array of its own, got a field of structs: close what they are in')
  shared.close()
}
