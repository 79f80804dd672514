// Arrays in shared memory in one process. CPython: _TestArray.test_array, test_array_from_size, test_rawarray; _TestHeap.test_heap.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  closeShared,
  defineStruct,
  MultiprocessingError,
  RawArray,
  RawValue,
  SharedArray,
  share,
  type ScalarType,
  type TypedArray,
} from '../../src/index.ts'
import { arena } from '../../src/memory/arena.ts'
import { checkArena } from '../../src/memory/check.ts'
import { sharedBufferOf } from '../../src/value/shared-buffers.ts'
import { collectNow } from '../helpers/collector.ts'
import { balanced, ownedBlocks } from './balance.ts'

// biome-ignore lint/suspicious/noExplicitAny: arrays of every type, and arguments that are wrong.
type Any = any

const ARRAYS = {
  ...{ i8: Int8Array, u8: Uint8Array, i16: Int16Array, u16: Uint16Array, i32: Int32Array, u32: Uint32Array, f32: Float32Array },
  ...{ f64: Float64Array, i64: BigInt64Array, u64: BigUint64Array, bool: Uint8Array, c: Uint8Array, u: Uint32Array, l: BigInt64Array },
}

test('an array is a plain typed array of its type, over a buffer of exactly its bytes', () =>
  balanced(() => {
    for (const [type, kind] of Object.entries(ARRAYS)) {
      for (const cls of [SharedArray, RawArray] as Any[]) {
        const array = new cls(type, 10)
        assert.equal(Object.getPrototypeOf(array), kind.prototype)
        assert.deepEqual([array.length, array.byteOffset, array.buffer.byteLength], [10, 0, 10 * kind.BYTES_PER_ELEMENT])
        assert.ok(array.buffer instanceof ArrayBuffer)
        assert.deepEqual([Object.getOwnPropertySymbols(array), Object.keys(array).length], [[], 10])
        assert.ok(array.every((item: unknown) => Number(item) === 0))
        closeShared(array)
      }
    }
  }))

test('arrays are zero at first, also in a place that was used before', () =>
  balanced(() => {
    for (const length of [10, 1000, 100_000, 1_000_000, 3_000_000]) {
      for (let round = 0; round < 3; round += 1) {
        const array = new RawArray('f64', length)
        assert.ok(
          array.every(item => item === 0),
          `${length} items`,
        )
        array.fill(7)
        closeShared(array)
      }
    }
  }))

test('items come from arrays, typed arrays and whatever else can be iterated', () =>
  balanced(() => {
    function* some(): Generator<number> {
      for (let index = 0; index < 5; index += 1) yield index
    }
    for (const items of [
      [0, 1, 2, 3, 4],
      new Set([0, 1, 2, 3, 4]),
      some(),
      new Float64Array([0, 1, 2, 3, 4]),
      new Uint8Array([0, 1, 2, 3, 4]),
    ]) {
      const array = new SharedArray('i32', items)
      assert.deepEqual([...array], [0, 1, 2, 3, 4])
      closeShared(array)
    }
    const flags = new SharedArray('bool', [true, false, true])
    assert.deepEqual([...flags], [1, 0, 1])
    const bigints = new RawArray('q', [1n, -2n])
    assert.deepEqual([...bigints], [1n, -2n])
    const again = new RawArray('bool', flags as Any)
    assert.deepEqual([...again], [1, 0, 1])
    for (const each of [flags, bigints, again]) closeShared(each)
  }))

test('items that are out of range wrap, as in every typed array', () =>
  balanced(() => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.integer(), fc.double())), items => {
        const array = new RawArray('i8', items)
        assert.deepEqual([...array], [...Int8Array.from(items)])
        closeShared(array)
      }),
    )
  }))

test('what is no length, no items or no type is refused, and leaves no block behind', () =>
  balanced(() => {
    for (const cls of [SharedArray, RawArray] as Any[]) {
      for (const bad of [-1, 1.5, Number.NaN, Infinity]) assert.throws(() => new cls('i32', bad), RangeError)
      for (const bad of [null, undefined, {}, true, 5n, 'abc', ['1'], [1n], [null], [1, undefined], new BigInt64Array(1)]) {
        assert.throws(() => new cls('i32', bad), TypeError)
      }
      assert.throws(() => new cls('i64', [1]), TypeError)
      assert.throws(() => new cls('bool', ['x']), TypeError)
      assert.throws(() => new cls('x', 3), { name: 'TypeError', message: /'i8', 'u8'/ })
    }
    assert.throws(() => new SharedArray('i32', 3, { lock: 5 as Any }), TypeError)
    assert.throws(() => new SharedArray('i32', 3, { lok: true } as Any), TypeError)
    assert.throws(
      () => new SharedArray('f64', 2 ** 36),
      (error: Error) => error instanceof MultiprocessingError || error instanceof RangeError || 'errno' in error,
    )
  }))

test('an array may be empty', () =>
  balanced(() => {
    for (const empty of [new SharedArray('f64', 0), new RawArray('u8', []), share(new Uint8Array(0))] as TypedArray[]) {
      assert.deepEqual([empty.length, empty.buffer.byteLength], [0, 0])
      assert.notEqual(sharedBufferOf(empty.buffer), null)
      closeShared(empty)
      closeShared(empty)
    }
  }))

test('an array larger than a segment of the arena works, and goes back when it is closed', () =>
  balanced(() => {
    const array = new RawArray('f64', 5_000_000)
    array.fill(0.5)
    assert.equal(array.at(-1), 0.5)
    closeShared(array)
    assert.equal(array.length, 0)
  }))

test('closing takes the memory from all views of it, once', () =>
  balanced(() => {
    const array = new SharedArray('i32', [1, 2, 3])
    const view = array.subarray(1)
    const bytes = Buffer.from(array.buffer as ArrayBuffer)
    closeShared(view)
    assert.deepEqual([array.length, view.length, bytes.length], [0, 0, 0])
    closeShared(array)
    closeShared(array)
  }))

test('what is no array of its own cannot be closed as one', () =>
  balanced(() => {
    const point = new RawValue(defineStruct({ list: ['u8', 3] }))
    assert.throws(() => closeShared(point.value.list), TypeError)
    point.close()
    for (const bad of [new Uint8Array(3), [1], null, undefined, {}, new DataView(new ArrayBuffer(1))])
      assert.throws(() => closeShared(bad as Any), TypeError)
  }))

test('share copies an array into shared memory, once', () =>
  balanced(() => {
    for (const kind of [...Object.values(ARRAYS), Uint8ClampedArray] as Any[]) {
      const source = kind.from([1, 2, 3], (item: number) => (kind.name.startsWith('Big') ? BigInt(item) : item))
      const shared = share(source)
      assert.equal(Object.getPrototypeOf(shared), kind.prototype)
      assert.deepEqual([...shared], [...source])
      assert.equal(shared.buffer.byteLength, source.byteLength)
      shared[0] = shared[1]
      assert.equal(Number(source[0]), 1)
      assert.equal(share(shared), shared)
      const part = shared.subarray(1)
      assert.equal(share(part), part)
      closeShared(shared)
    }
    const buffer = share(Buffer.from('abc'))
    assert.equal(buffer.toString(), 'abc')
    assert.ok(Buffer.isBuffer(buffer))
    closeShared(buffer)
    for (const bad of [[1], 'abc', null, undefined, new DataView(new ArrayBuffer(1)), new ArrayBuffer(1)])
      assert.throws(() => share(bad as Any), TypeError)
  }))

test('a part of an array is shared as that part', () =>
  balanced(() => {
    const part = share(new Uint8Array([1, 2, 3, 4]).subarray(1, 3))
    assert.deepEqual([[...part], part.buffer.byteLength], [[2, 3], 2])
    closeShared(part)
  }))

test('collecting an array does not free its block: others may use it', async () => {
  const before = ownedBlocks()
  const reference = (() => sharedBufferOf(new RawArray('f64', 10).buffer)?.block)() as NonNullable<
    ReturnType<typeof sharedBufferOf>
  >['block']
  await collectNow()
  assert.deepEqual([ownedBlocks(), reference.isThere], [before + 1, true])
  reference.free()
  assert.equal(ownedBlocks(), before)
})

/** An array full of one number. */
function marked(type: ScalarType, length: number, mark: number): TypedArray {
  const array: Any = new RawArray(type as 'i8', length)
  return array.fill(array instanceof BigInt64Array || array instanceof BigUint64Array ? BigInt(mark) : mark)
}

function closeMarked(array: TypedArray, mark: number): void {
  assert.ok((array as Any).every((item: unknown) => Number(item) === mark))
  closeShared(array)
}

test('blocks of arrays that come and go never overlap, and all go back', () =>
  balanced(() => {
    const types = Object.keys(ARRAYS) as ScalarType[]
    const steps = fc.array(fc.tuple(fc.constantFrom(...types), fc.nat(3000), fc.boolean()), { maxLength: 60 })
    fc.assert(
      fc.property(steps, taken => {
        const open = new Map<TypedArray, number>()
        for (const [index, [type, length, closes]] of taken.entries()) {
          open.set(marked(type, length, index), index)
          const [oldest] = open
          if (!closes || oldest === undefined) continue
          open.delete(oldest[0])
          closeMarked(...oldest)
        }
        for (const each of open) closeMarked(...each)
        assert.deepEqual(checkArena(arena()).problems, [])
      }),
      { numRuns: 30 },
    )
  }))
