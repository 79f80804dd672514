// Python's Array and RawArray: plain typed arrays over shared memory.
import { checkInteger, expected } from '../base/validate.ts'
import { cellTypeOf } from './cell.ts'
import { type BlockLock, closeOwn, type LockOption, lockFor } from './lock-option.ts'
import { BOOL, refuseValue, type Scalar, type ScalarArrays, type ScalarType, type ScalarValue } from './scalar-types.ts'
import { ValueBlock } from './value-block.ts'
import { bufferOf } from './shared-buffers.ts'
import { checkFields } from './struct/assign.ts'
import { type StructArray, StructArrayObject } from './struct/struct-array.ts'
import type { Layout, Struct, StructFields, StructValue } from './struct/layout.ts'

/** Offsets in arrays of structs are 32 bits wide. */
const MOST_STRUCT_BYTES = 2 ** 32 - 1

export interface RawArrayConstructor {
  /**
   * Of so many items, all zero, or of these.
   * @throws TypeError for what is no type or no item, RangeError for a length that is none
   */
  new <S extends ScalarType>(type: S, lengthOrItems: number | Iterable<ScalarValue<S>>): ScalarArrays[S]
  new <F extends StructFields>(type: Struct<F>, lengthOrItems: number | Iterable<Partial<StructValue<F>>>): StructArray<StructValue<F>>
}

export interface SharedArrayConstructor {
  /**
   * Of so many items, all zero, or of these. The lock is what `lockOf(array)` gives.
   * @throws TypeError for what is no type, item or lock, RangeError for a length that is none
   */
  new <S extends ScalarType>(type: S, lengthOrItems: number | Iterable<ScalarValue<S>>, options?: LockOption): ScalarArrays[S]
  new <F extends StructFields>(
    type: Struct<F>,
    lengthOrItems: number | Iterable<Partial<StructValue<F>>>,
    options?: LockOption,
  ): StructArray<StructValue<F>>
}

/** What `new SharedArray(type, …)` makes for a scalar type. */
export type SharedArray<S extends ScalarType = ScalarType> = ScalarArrays[S]

/**
 * Makes a plain typed array over shared memory, at native speed; stores wrap as every typed array's (`setChecked` does not). Its `buffer` is
 * exactly its bytes. It and its views travel without a copy to every process of the tree, in which all see the same memory: so what
 * `Atomics` do with it is atomic for all of them.
 *
 * Crash safety: the memory belongs to the tree; it lives until `closeShared()` in the thread that made it, or the tree's end.
 * @example const sums = new SharedArray('f64', 1000); await lockOf(sums).run(() => { sums[0] += 1 })
 */
export const SharedArray: SharedArrayConstructor = class SharedArray {
  constructor(type: unknown, lengthOrItems: unknown, options?: unknown) {
    const lock = lockFor(options)
    try {
      // biome-ignore lint/correctness/noConstructorReturn: it is a typed array and nothing more.
      return makeArray(type, lengthOrItems, lock)
    } catch (error) {
      closeOwn(lock)
      throw error
    }
  }
} as never

/** What `new RawArray(type, …)` makes for a scalar type. */
export type RawArray<S extends ScalarType = ScalarType> = ScalarArrays[S]

/** A SharedArray without a lock. */
export const RawArray: RawArrayConstructor = class RawArray {
  constructor(type: unknown, lengthOrItems: unknown) {
    // biome-ignore lint/correctness/noConstructorReturn: it is a typed array and nothing more.
    return makeArray(type, lengthOrItems, null)
  }
} as never

function makeArray(type: unknown, lengthOrItems: unknown, lock: BlockLock | null): object {
  const itemType = cellTypeOf(type)
  const items = typeof lengthOrItems === 'number' ? null : listOf(lengthOrItems)
  const length = items === null ? checkInteger(lengthOrItems, 'lengthOrItems', 0) : items.length
  if ('struct' in itemType) return makeStructs(itemType, length, items, lock)
  if (items !== null) checkItems(itemType, items)
  const block = ValueBlock.create(length * itemType.byteLength)
  const array = arrayIn(block, itemType, lock)
  // Booleans become 0 and 1, and what does not fit wraps as in every typed array.
  if (items !== null) array.set(itemType.kind === BOOL ? Array.from(items, Number) : (items as ArrayLike<number>))
  return array
}

/** Lists and typed arrays as they are, so that large ones are not copied first. */
function listOf(items: unknown): ArrayLike<unknown> {
  if (Array.isArray(items) || (ArrayBuffer.isView(items) && !(items instanceof DataView))) return items as ArrayLike<unknown>
  const isIterable = typeof (items as Iterable<unknown> | null | undefined)?.[Symbol.iterator] === 'function'
  if (!isIterable) throw new TypeError(expected('lengthOrItems', 'a length or an iterable of items', items))
  return [...(items as Iterable<unknown>)]
}

/** An item of another type is a mistake; one that is out of range wraps. */
function checkItems({ kind, typeOf }: Scalar, items: ArrayLike<unknown>): void {
  const other = kind === BOOL ? 'number' : typeOf
  // Those of a typed array are all of one type.
  const count = ArrayBuffer.isView(items) ? Math.min(items.length, 1) : items.length
  for (let index = 0; index < count; index += 1) {
    const itemType = typeof items[index]
    if (itemType !== typeOf && itemType !== other) refuseValue(kind, items[index], `items[${index}]`)
  }
}

function arrayIn(block: ValueBlock, { array }: Scalar, lock: BlockLock | null): Uint8Array {
  try {
    const { buffer } = bufferOf(block, { lock, isOfStructs: false })
    return new array(buffer, 0, block.byteLength / array.BYTES_PER_ELEMENT)
  } catch (error) {
    block.free()
    throw error
  }
}

function makeStructs(layout: Layout, length: number, items: ArrayLike<unknown> | null, lock: BlockLock | null): StructArrayObject {
  const byteLength = length * layout.byteLength
  if (byteLength > MOST_STRUCT_BYTES) throw new RangeError(expected('lengthOrItems', `at most ${MOST_STRUCT_BYTES} bytes`, byteLength))
  if (items !== null) for (let index = 0; index < length; index += 1) checkFields(layout, items[index], `items[${index}]`)
  const block = ValueBlock.create(byteLength)
  try {
    const array = new StructArrayObject({ layout, block, lock })
    if (items !== null) for (let index = 0; index < length; index += 1) array.set(index, items[index])
    return array
  } catch (error) {
    block.free()
    throw error
  }
}
