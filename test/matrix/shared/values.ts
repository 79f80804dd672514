// Rows: values and arrays in shared memory. What arrives is another object on the same memory.
import assert from 'node:assert/strict'
import { type Any, echo, failureOf, type Row, scene } from '../rows.ts'

export const sharedValueRows: readonly Row[] = [
  scene('a Value and a RawValue are one value, wherever and however they arrive', async there => {
    const value = new there.library.Value('i32', 1)
    const raw = new there.library.RawValue('f64', 0.5)
    const bump = (one: Any, other: Any): void => {
      one.value += 1
      other.value += 1
    }
    await there.run(bump, [value, raw])
    await there.run((given: Any) => bump(given.list[0], given.map.get('raw')), [{ list: [value], map: new Map([['raw', raw]]) }])
    await there.run(() => bump(value, raw))
    const home = await there.run(() => [value, raw])
    bump(home[0], home[1])
    assert.deepEqual([value.value, raw.value], [5, 4.5])
    assert.deepEqual([home[0].constructor, home[1].constructor], [there.library.Value, there.library.RawValue])
    value.close()
    raw.close()
    assert.deepEqual([home[0].closed, home[1].closed], [true, true])
  }),
  scene('values of every type', async there => {
    const { Value } = there.library
    const samples = { i8: -1, u8: 255, i16: -1, u16: 65_535, i32: -1, u32: 2 ** 32 - 1, f32: 0.5, f64: 0.1, i64: -1n, u64: 1n, bool: true }
    const values = Object.entries(samples).map(([type, sample]) => new (Value as Any)(type, sample))
    const seen = await there.run((given: Any[]) => given.map(each => each.value), [values])
    assert.deepEqual(seen, Object.values(samples))
    for (const each of values) each.close()
  }),
  scene('add is atomic on both sides at once', async there => {
    const counter = new there.library.Value('f64', 0)
    const far = there.run(
      (given: Any) => {
        for (let count = 0; count < 20_000; count += 1) given.add(1)
      },
      [counter],
    )
    for (let count = 0; count < 20_000; count += 1) counter.add(1)
    await far
    assert.equal(counter.value, 40_000)
    counter.close()
  }),
  scene('a SharedArray and its views are one memory, and come home over the same buffer', async there => {
    const array = new there.library.SharedArray('f64', [0, 1, 2, 3, 4, 5])
    const parts = [array.subarray(2, 4), new Uint8Array(array.buffer, 8, 3), new DataView(array.buffer as ArrayBuffer, 16), array.buffer]
    await there.run(
      (whole: Any, [part]: Any[]) => {
        whole[0] = 10
        part[1] = 30
      },
      [array, parts],
    )
    await there.run(() => {
      array[5] = 50
    })
    assert.deepEqual([...array], [10, 1, 2, 30, 4, 50])
    const home: Any[] = await there.run(echo, [parts])
    for (const [index, each] of home.entries()) {
      const part: Any = parts[index]
      assert.equal(each.buffer ?? each, array.buffer)
      assert.deepEqual([each.constructor, each.byteOffset, each.byteLength], [part.constructor, part.byteOffset, part.byteLength])
    }
    assert.equal(await there.run((one: Any, two: Any) => one.buffer === two.buffer, [array, parts[0]]), true)
    there.library.closeShared(array)
  }),
  scene('an array larger than a segment is not copied', async there => {
    const array = new there.library.RawArray('i32', 6_000_000)
    array[5_999_999] = 7
    const seen = await there.run((given: Int32Array) => [given.fill(3, 0, 1).length, given[5_999_999]], [array])
    assert.deepEqual([seen, array[0]], [[6_000_000, 7], 3])
    there.library.closeShared(array)
  }),
  scene('an array that was shared stays where it is, a Buffer too', async there => {
    const array = there.library.share(new Uint16Array([1, 2, 3]))
    const buffer = there.library.share(Buffer.from('abc'))
    const seen = await there.run(
      (one: Uint16Array, two: Buffer) => {
        one[0] = 9
        two.write('x')
        return Buffer.isBuffer(two) && two.toString()
      },
      [array, buffer],
    )
    assert.deepEqual([[...array], buffer.toString(), seen], [[9, 2, 3], 'xbc', 'xbc'])
    there.library.closeShared(array)
    there.library.closeShared(buffer)
  }),
  scene('structs: a value, an array, one of its items, and the struct itself', async there => {
    const { defineStruct, RawValue, SharedArray } = there.library
    const Point = defineStruct({ x: 'f64', id: 'u64', pos: ['f32', 3], inner: defineStruct({ on: 'bool' }) })
    const one = new RawValue(Point, { x: 1 })
    const many = new SharedArray(Point, 3)
    const seen = await there.run(
      (value: Any, array: Any, item: Any, inner: Any, pos: Float32Array) => {
        value.value.x += 1
        for (const each of array) each.id += 1n
        item.x = 5
        inner.on = true
        pos[1] = 0.5
        return [array.length, item.id]
      },
      [one, many, many.at(1), many.at(2).inner, many.at(0).pos],
    )
    assert.deepEqual(seen, [3, 1n])
    assert.deepEqual([one.value.x, many.at(1).x, many.at(2).inner.on, many.at(0).pos[1], many.at(0).id], [2, 5, true, 0.5, 1n])
    await there.run(() => many.set(-1, { x: 7, pos: new Float32Array([1, 2, 3]) }))
    assert.deepEqual([many.at(2).x, [...many.at(2).pos]], [7, [1, 2, 3]])
    assert.equal(await there.run(echo, [Point]), Point, 'a struct that comes home is the same')
    one.close()
    many.close()
  }),
  scene('what is made there lives on when it comes here', async there => {
    const { Value, SharedArray, closeShared } = there.library
    const [value, array] = await there.run(() => [new Value('i32', 5), new SharedArray('u8', [1, 2])])
    value.value += 1
    await there.run(
      (far: Any, list: Any) => {
        list[0] = far.value
        far.close()
        closeShared(list)
      },
      [value, array],
    )
    assert.deepEqual([value.closed, [...array]], [true, [6, 2]])
    assert.throws(() => value.value, there.library.ClosedError)
  }),
  scene('what is closed here does not travel, and there it says that it is closed', async there => {
    const { ClosedError, closeShared, RawArray, RawValue } = there.library
    const [value, array] = [new RawValue('i32', 1), new RawArray('u8', 3)]
    const open = await there.run(() => value.closed)
    const kept = await there.run(
      (given: Any) => {
        ;(globalThis as Any).kept = given
        return given.value
      },
      [value],
    )
    value.close()
    closeShared(array)
    const seen = await there.run(() => {
      const { kept: far } = globalThis as Any
      try {
        return [far.closed, far.value]
      } catch (error) {
        return [far.closed, (error as Any).code]
      } finally {
        ;(globalThis as Any).kept = undefined
      }
    })
    assert.deepEqual([open, kept, seen], [false, 1, [true, 'ERR_CLOSED']])
    for (const gone of [value, array]) {
      const error = await failureOf(() => there.run(echo, [[gone]]))
      assert.ok(error instanceof ClosedError, String(error))
    }
    assert.equal(await there.run(echo, [7]), 7)
  }),
  scene('the classes of a context travel by name', async there => {
    const { Value, SharedArray, share } = there.library.getContext('spawn')
    const made = await there.run(() => [new Value('u8', 7).value, new SharedArray('u8', 2).length, share(new Uint8Array(3)).length])
    assert.deepEqual(made, [7, 2, 3])
  }),
]
