// Structs: where their fields are, and what their views do. CPython: _TestSharedCTypes.test_sharedctypes, test_copy.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { ClosedError, defineStruct, RawArray, RawValue, SharedArray, type Struct, Value } from '../../src/index.ts'
import { structLayout } from '../../src/value/struct/layout.ts'
import { balanced } from './balance.ts'

// biome-ignore lint/suspicious/noExplicitAny: definitions that are wrong, and values of structs that only run time knows.
type Any = any

interface Described {
  readonly fields: readonly (readonly [string, unknown])[]
  readonly byteLength: number
  readonly offsets: readonly number[]
}

const described = readFileSync(new URL('../fixtures/value/c-layouts.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map(line => JSON.parse(line) as Described)

function structOf({ fields }: Pick<Described, 'fields'>): Struct<Any> {
  return defineStruct(Object.fromEntries(fields.map(([name, type]) => [name, isNested(type) ? structOf(type) : type])) as Any)
}

function isNested(type: unknown): type is Described {
  return typeof type === 'object' && !Array.isArray(type)
}

test('fields are where C puts them', () => {
  assert.ok(described.length >= 100)
  for (const each of described) {
    const struct = structOf(each)
    assert.equal(struct.byteLength, each.byteLength, JSON.stringify(each))
    assert.deepEqual(
      structLayout(struct)?.fields.map(field => field.offset),
      each.offsets,
      JSON.stringify(each),
    )
  }
})

const Inner = defineStruct({ a: 'i8', b: 'u32' })
const Point = defineStruct({ x: 'f64', id: 'u64', on: 'bool', pos: ['f32', 3], inner: Inner })

test('a struct is frozen, and keeps its fields as they were given', () => {
  const fields: Any = { n: 'i32', list: ['u8', 4] }
  const struct = defineStruct(fields)
  fields.n = 'f64'
  fields.list[0] = 'f64'
  assert.deepEqual(struct.fields, { n: 'i32', list: ['u8', 4] })
  assert.ok(Object.isFrozen(struct) && Object.isFrozen(struct.fields) && Object.isFrozen((struct.fields as Any).list))
  assert.throws(() => Object.assign(struct, { byteLength: 5 }), TypeError)
})

test('what is no field is refused, by name', () => {
  for (const bad of [null, undefined, 'i8', 5, ['i8'], {}]) assert.throws(() => defineStruct(bad as Any), TypeError)
  for (const bad of ['x', null, 5, {}, ['i8'], ['x', 3], ['i8', 3, 4], [Inner, 3], ['i8', '3'], { fields: {}, byteLength: 1 }]) {
    assert.throws(() => defineStruct({ field: bad as Any }), { name: 'TypeError', message: /`field/ })
  }
  for (const bad of [0, -1, 1.5]) assert.throws(() => defineStruct({ field: ['i8', bad] }), RangeError)
  for (const name of ['__proto__', 'constructor', 'prototype', '0', '17']) {
    assert.throws(() => defineStruct(JSON.parse(`{ ${JSON.stringify(name)}: "i8" }`)), TypeError, name)
  }
  assert.throws(() => defineStruct({ much: ['f64', 2 ** 40] }), RangeError)
})

test('what stands on Object.prototype is no field', () => {
  Object.assign(Object.prototype, { smuggled: 'i8' })
  try {
    assert.deepEqual(Object.keys(defineStruct({ a: 'i8' }).fields), ['a'])
    const value = new RawValue(Inner, {})
    assert.equal(value.value.a, 0)
    value.close()
  } finally {
    Reflect.deleteProperty(Object.prototype, 'smuggled')
  }
})

test('a value of a struct is a live view: what is written to it is in memory, and the next view sees it', () =>
  balanced(() => {
    const point = new Value(Point, { x: 1, inner: { a: 0, b: 7 } })
    const view = point.value
    assert.deepEqual([view.x, view.id, view.on, [...view.pos], view.inner.a, view.inner.b], [1, 0n, false, [0, 0, 0], 0, 7])
    view.x += 1
    view.id = 2n ** 64n - 1n
    view.on = true
    view.pos[2] = 1.5
    view.inner.a = -3
    const again = point.value
    assert.deepEqual([again.x, again.id, again.on, [...again.pos], again.inner.a], [2, 2n ** 64n - 1n, true, [0, 0, 1.5], -3])
    assert.equal(Object.getPrototypeOf(again.pos), Float32Array.prototype)
    assert.equal(again.pos, again.pos)
    assert.equal(again.pos.length, 3)
    point.close()
  }))

test('assigning to a value, a nested struct or an array copies item by item', () =>
  balanced(() => {
    const point = new RawValue(Point, { x: 1, id: 5n })
    const { pos, inner } = point.value
    point.value = { x: 2, pos: [1, 2] } as Any
    assert.deepEqual([point.value.x, point.value.id, [...pos]], [2, 5n, [1, 2, 0]], 'fields that are not given stay, items become zero')
    point.value.inner = { a: 1, b: 2 }
    assert.deepEqual([inner.a, inner.b], [1, 2])
    point.value.inner = { b: 3 } as Any
    assert.deepEqual([inner.a, inner.b], [1, 3])
    point.value.pos = new Float32Array([7, 8, 9])
    assert.deepEqual([...pos], [7, 8, 9])
    const other = new RawValue(Point, { x: 9, pos: [4, 5, 6] as Any })
    point.value = other.value
    other.value.x = 0
    assert.deepEqual([point.value.x, point.value.id, [...pos], inner.b], [9, 0n, [4, 5, 6], 0], 'a view is copied, not kept')
    point.close()
    other.close()
  }))

test('what does not fit is an error with the way to it, and nothing is written', () =>
  balanced(() => {
    const point = new RawValue(Point, { x: 1 })
    const refusals: readonly (readonly [Any, new () => Error, string])[] = [
      [{ x: 2, inner: { a: 200 } }, RangeError, '`value.inner.a`'],
      [{ x: 2, pos: [1, 2, 3, 4] }, RangeError, '`value.pos`'],
      [{ x: 2, pos: [1, 'two'] }, TypeError, '`value.pos[1]`'],
      [{ x: 2, pos: 5 }, TypeError, '`value.pos`'],
      [{ x: 2, id: 5 }, TypeError, '`value.id`'],
      [{ x: 2, on: 1 }, TypeError, '`value.on`'],
      [{ x: 2, y: 1 }, TypeError, 'field `y`'],
      [{ x: 2, inner: { c: 1 } }, TypeError, 'field `c`'],
      [{ x: 2, inner: 5 }, TypeError, '`value.inner`'],
      [5, TypeError, '`value`'],
      [null, TypeError, '`value`'],
    ]
    for (const [values, kind, place] of refusals) {
      const check = (error: Error): boolean => error instanceof kind && error.message.includes(place)
      assert.throws(() => Object.assign(point, { value: values }), check, place)
      assert.deepEqual([point.value.x, [...point.value.pos]], [1, [0, 0, 0]])
      assert.throws(() => new RawValue(Point, values), kind)
    }
    assert.throws(() => Object.assign(point.value.inner, { b: -1 }), { name: 'RangeError', message: /`b` .*0 to 4294967295, got -1/ })
    assert.throws(() => Object.assign(point.value, { x: '1' }), TypeError)
    point.close()
  }))

test('arrays of flags hold 0 and 1', () =>
  balanced(() => {
    const Flags = defineStruct({ all: ['bool', 3] })
    const flags = new RawValue(Flags, { all: [true, 0, 1] as Any })
    assert.deepEqual([...flags.value.all], [1, 0, 1])
    assert.throws(() => Object.assign(flags.value, { all: [2] }), TypeError)
    flags.close()
  }))

test('a view shows its fields and nothing else', () =>
  balanced(() => {
    const value = new RawValue(Inner, { a: 1, b: 2 })
    assert.equal(inspect(value), 'RawValue { struct: { a: 1, b: 2 } }')
    assert.equal(inspect(value.value), '{ a: 1, b: 2 }')
    assert.equal(JSON.stringify(value.value), '{"a":1,"b":2}')
    const { value: view } = value
    value.close()
    assert.equal(inspect(view), '{ closed }')
    for (const use of [() => view.a, () => Object.assign(view, { a: 1 }), () => value.value]) assert.throws(use, ClosedError)
  }))

test('closing takes the memory from the arrays in it, too', () =>
  balanced(() => {
    const point = new RawValue(Point)
    const { pos, inner } = point.value
    point.close()
    assert.equal(pos.length, 0)
    assert.throws(() => inner.b, ClosedError)
    assert.throws(() => point.value, ClosedError)
  }))

test('arrays of structs: views by index, from the end, in a loop; whole structs are set', () =>
  balanced(() => {
    for (const cls of [SharedArray, RawArray]) {
      const points = new cls(Point, [{ x: 1 }, { x: 2, inner: { a: 3 } as Any }, {}])
      assert.equal(points.length, 3)
      for (const one of points) one.x += 10
      assert.deepEqual(
        [...points].map(({ x }) => x),
        [11, 12, 10],
      )
      assert.deepEqual([points.at(-1).x, points.at(-3).x, points.at(1).inner.a], [10, 11, 3])
      points.set(-1, { x: 5, pos: [1, 2, 3] as Any })
      assert.deepEqual([points.at(2).x, [...points.at(2).pos]], [5, [1, 2, 3]])
      for (const index of [3, -4, 0.5]) {
        assert.throws(() => points.at(index), RangeError)
        assert.throws(() => points.set(index, {}), RangeError)
      }
      assert.throws(() => points.at('0' as Any), TypeError)
      assert.throws(() => points.set(0, { x: 'one' as Any }), TypeError)
      const [first] = points
      points.close()
      points.close()
      assert.equal(points.closed, true)
      assert.equal(inspect(points), 'StructArray { closed }')
      for (const use of [() => points.at(0), () => points.length, () => points.set(0, {}), () => [...points], () => first?.x]) {
        assert.throws(use, ClosedError)
      }
    }
  }))

test('an array of structs may be empty, and is not made of what is no struct', () =>
  balanced(() => {
    const none = new RawArray(Inner, 0)
    assert.deepEqual([none.length, [...none], inspect(none)], [0, [], 'StructArray(0) []'])
    assert.throws(() => none.at(0), RangeError)
    assert.throws(() => none.at(-1), RangeError)
    none.close()
    assert.throws(() => new SharedArray(Inner, [{ a: 1 }, { a: 1000 }]), { name: 'RangeError', message: /`items\[1\]\.a`/ })
    assert.throws(() => new SharedArray(Inner, [5 as Any]), TypeError)
    assert.throws(() => new SharedArray(Inner, -1), RangeError)
    const two = new RawArray(Inner, 2)
    assert.equal(inspect(two), 'StructArray(2) [ { a: 0, b: 0 }, { a: 0, b: 0 } ]')
    two.close()
  }))
