// Single values in one process: what they hold, what they refuse. CPython: _TestValue.test_value, test_rawvalue.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import * as fc from 'fast-check'
import { ClosedError, RawValue, type ScalarType, setChecked, Value } from '../../src/index.ts'
import { scalarOf } from '../../src/value/scalar-types.ts'
import { balanced } from './balance.ts'

// biome-ignore lint/suspicious/noExplicitAny: values of every type, right and wrong ones.
type Any = any

const INTEGERS = { i8: [-(2 ** 7), 2 ** 7 - 1], u8: [0, 2 ** 8 - 1], i16: [-(2 ** 15), 2 ** 15 - 1], u16: [0, 2 ** 16 - 1] } as const
const WIDE = { i32: [-(2 ** 31), 2 ** 31 - 1], u32: [0, 2 ** 32 - 1] } as const
const BIGINTS = { i64: [-(2n ** 63n), 2n ** 63n - 1n], u64: [0n, 2n ** 64n - 1n] } as const
const PYTHON = { b: 'i8', B: 'u8', c: 'u8', h: 'i16', H: 'u16', i: 'i32', I: 'u32', u: 'u32', l: 'i64', L: 'u64', q: 'i64', Q: 'u64' }

function withValue(type: ScalarType, body: (value: Any) => void): void {
  for (const cls of [Value, RawValue]) {
    const value = new (cls as Any)(type)
    try {
      body(value)
    } finally {
      value.close()
    }
  }
}

for (const [type, [least, most]] of Object.entries({ ...INTEGERS, ...WIDE })) {
  test(`${type}: every integer in its range is kept, every other number is a RangeError that changes nothing`, () =>
    withValue(type as ScalarType, value => {
      assert.equal(value.value, 0)
      fc.assert(
        fc.property(fc.oneof(fc.integer({ min: least, max: most }), fc.constantFrom(least, most, 0, -0)), sample => {
          value.value = sample
          assert.equal(value.value, sample === 0 ? 0 : sample)
        }),
      )
      value.value = 1
      const outside = fc.double().filter(sample => !(Number.isInteger(sample) && sample >= least && sample <= most))
      fc.assert(
        fc.property(fc.oneof(outside, fc.constantFrom(least - 1, most + 1, 0.5, Number.NaN, Infinity)), sample => {
          assert.throws(() => {
            value.value = sample
          }, RangeError)
          assert.equal(value.value, 1)
        }),
      )
    }))
}

for (const [type, [least, most]] of Object.entries(BIGINTS)) {
  test(`${type}: every bigint in its range is kept, others are RangeErrors, numbers TypeErrors`, () =>
    withValue(type as ScalarType, value => {
      assert.equal(value.value, 0n)
      fc.assert(
        fc.property(fc.oneof(fc.bigInt({ min: least, max: most }), fc.constantFrom(least, most)), sample => {
          value.value = sample
          assert.equal(value.value, sample)
        }),
      )
      value.value = 1n
      for (const bad of [least - 1n, most + 1n]) assert.throws(() => Object.assign(value, { value: bad }), RangeError)
      assert.throws(() => Object.assign(value, { value: 1 }), TypeError)
      assert.equal(value.value, 1n)
    }))
}

test('f64 keeps every number, f32 the nearest one that it has, and refuses what would become infinite', () => {
  withValue('f64', value => {
    fc.assert(
      fc.property(fc.double(), sample => {
        value.value = sample
        assert.ok(Object.is(value.value, sample))
      }),
    )
  })
  withValue('f32', value => {
    fc.assert(
      fc.property(fc.double(), sample => {
        const rounded = Math.fround(sample)
        if (Number.isFinite(sample) && !Number.isFinite(rounded))
          return assert.throws(() => Object.assign(value, { value: sample }), RangeError)
        value.value = sample
        assert.ok(Object.is(value.value, rounded))
      }),
    )
  })
})

test('a value of another type is a TypeError that says what is expected and what came', () => {
  for (const type of ['i8', 'u8', 'i16', 'u16', 'i32', 'u32', 'f32', 'f64'] as const) {
    withValue(type, value => {
      for (const bad of ['1', 1n, true, null, undefined, {}, [1]]) assert.throws(() => Object.assign(value, { value: bad }), TypeError)
    })
  }
  withValue('bool', value => {
    assert.equal(value.value, false)
    value.value = true
    assert.equal(value.value, true)
    for (const bad of [1, 0, 'true', null]) assert.throws(() => Object.assign(value, { value: bad }), TypeError)
  })
  assert.throws(() => new Value('u8', 300), { name: 'RangeError', message: 'Expected `initial` to be an integer from 0 to 255, got 300' })
  assert.throws(() => new Value('u8', '3' as never), {
    name: 'TypeError',
    message: "Expected `initial` to be an integer from 0 to 255, got '3'",
  })
})

test('Python’s codes are other names of the same types', () => {
  for (const [code, type] of Object.entries(PYTHON)) assert.equal(scalarOf(code, 'type').name, type)
  const d = new RawValue('d', 0.5)
  const q = new Value('q', -(2n ** 62n))
  assert.deepEqual([d.value, q.value], [0.5, -(2n ** 62n)])
  d.close()
  q.close()
})

test('a code that is none is a TypeError that lists the codes', () => {
  for (const bad of ['x', 'i128', '', 'toString', '__proto__', 5, null, undefined, {}, () => {}]) {
    assert.throws(
      () => new Value(bad as never),
      (error: Error) => error instanceof TypeError && /'i8', 'u8'.*'bool', 'b', 'B'/.test(error.message),
    )
    assert.throws(() => new RawValue(bad as never), TypeError)
  }
})

test('add changes the value and returns the one before; what does not fit changes nothing', () => {
  fc.assert(
    fc.property(fc.integer({ min: -128, max: 127 }), fc.integer({ min: -300, max: 300 }), (start, n) => {
      const value = new Value('i8', start)
      if (start + n >= -128 && start + n <= 127) assert.equal(value.add(n), start)
      else assert.throws(() => value.add(n), RangeError)
      assert.equal(value.value, start + n >= -128 && start + n <= 127 ? start + n : start)
      value.close()
    }),
  )
  const u32 = new Value('u32', 2 ** 32 - 2)
  assert.equal(u32.add(1), 2 ** 32 - 2)
  assert.throws(() => u32.add(1), { message: /^Expected `value` to be an integer from 0 to 4294967295, got 4294967296 after add\(1\)$/ })
  assert.equal(u32.add(-(2 ** 32 - 1)), 2 ** 32 - 1)
  assert.equal(u32.value, 0)
  u32.close()
})

test('add works on 64-bit integers and on floating-point numbers, and not on flags', () => {
  const [i64, u64, f32, f64, bool] = [
    new Value('i64'),
    new Value('u64', 1n),
    new Value('f32', 0.5),
    new Value('f64', 0.1),
    new Value('bool'),
  ]
  assert.deepEqual([i64.add(-5n), i64.add(2n), i64.value], [0n, -5n, -3n])
  assert.throws(() => u64.add(-2n), RangeError)
  assert.throws(() => u64.add(1 as never), TypeError)
  assert.equal(u64.value, 1n)
  assert.deepEqual([f32.add(0.25), f32.value], [0.5, 0.75])
  assert.throws(() => f32.add(1e39), RangeError)
  assert.deepEqual([f64.add(0.2), f64.value], [0.1, 0.1 + 0.2])
  assert.throws(() => (bool as Any).add(1), TypeError)
  for (const bad of ['1', 1n, null, undefined]) assert.throws(() => f64.add(bad as never), TypeError)
  assert.throws(() => new Value('i8').add(0.5), RangeError)
  for (const each of [i64, u64, f32, f64, bool]) each.close()
})

test('setChecked refuses what a typed array would wrap', () => {
  const array = new Uint8Array(3)
  setChecked(array, 1, 200)
  assert.deepEqual([...array], [0, 200, 0])
  for (const bad of [256, -1, 0.5, Number.NaN]) assert.throws(() => setChecked(array, 0, bad), RangeError)
  for (const bad of ['1', 1n, null, true]) assert.throws(() => setChecked(array, 0, bad as never), TypeError)
  for (const index of [-1, 3, 0.5]) assert.throws(() => setChecked(array, index, 1), RangeError)
  assert.throws(() => setChecked(new Uint8Array(0), 0, 1), RangeError)
  assert.throws(() => setChecked(new BigInt64Array(1), 0, 2n ** 63n), RangeError)
  assert.throws(() => setChecked(new Uint8ClampedArray(1), 0, 256), RangeError)
  setChecked(new Float64Array(1), 0, -0)
  for (const none of [[1], new DataView(new ArrayBuffer(8)), null, undefined, 'abc'])
    assert.throws(() => setChecked(none as Any, 0, 1), TypeError)
  assert.deepEqual([...array], [0, 200, 0])
})

test('inspection shows the value, and that it is closed', () => {
  const value = new Value('i32', 5)
  const raw = new RawValue('bool', true)
  assert.equal(inspect([value, raw]), '[ Value { i32: 5 }, RawValue { bool: true } ]')
  value.close()
  raw.close()
  assert.equal(inspect([value, raw]), '[ Value { closed }, RawValue { closed } ]')
  assert.deepEqual([value.constructor.name, raw.constructor.name], ['Value', 'RawValue'])
})

test('a closed value throws ClosedError, except for close and closed', () =>
  balanced(() => {
    const value: Any = new Value('i32', 5)
    assert.equal(value.closed, false)
    value.close()
    value.close()
    value[Symbol.dispose]()
    assert.equal(value.closed, true)
    for (const use of [() => value.value, () => Object.assign(value, { value: 1 }), () => value.add(1), () => value.lock]) {
      assert.throws(use, ClosedError)
    }
  }))

test('values are zero at first, also in a place that was used before', () =>
  balanced(() => {
    for (let round = 0; round < 50; round += 1) {
      const values = (['i32', 'f64', 'u64', 'bool'] as const).map(type => new RawValue(type))
      assert.deepEqual(
        values.map(each => Number(each.value)),
        [0, 0, 0, 0],
      )
      for (const each of values) Object.assign(each, { value: { number: 77, bigint: 77n, boolean: true }[typeof each.value as 'number'] })
      for (const each of values) each.close()
    }
  }))

test('what the constructor refuses leaves no block behind', () =>
  balanced(() => {
    assert.throws(() => new Value('i8', 1000), RangeError)
    assert.throws(() => new Value('i8', 1, { lock: 'navalue' as never }), TypeError)
    assert.throws(() => new Value('i8', 1, { lok: true } as never), TypeError)
    assert.throws(() => new Value('what' as never), TypeError)
  }))
