// The comparer by itself: the matrix is worth what this sees.
// biome-ignore-all lint/suspicious/noSparseArray: holes are values, too.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { differenceOf } from './deep-equal.ts'

class Point {
  x = 1
}

const shared = { a: 1 }

function cycle(length: number): object {
  const first: Record<string, unknown> = {}
  let last = first
  for (let index = 1; index < length; index += 1) last = last.next = {}
  last.next = first
  return first
}

const different: readonly (readonly [string, unknown, unknown])[] = [
  ['0 and -0', 0, -0],
  ['-0 deep inside', [{ a: -0 }], [{ a: 0 }]],
  ['null and undefined', null, undefined],
  ['a number and its text', 1, '1'],
  ['a number and a boxed one', 1, Object(1)],
  ['a missing key and one that is undefined', {}, { a: undefined }],
  ['keys in another order', { a: 1, b: 2 }, { b: 2, a: 1 }],
  ['a hole and undefined', [undefined], Array(1)],
  ['arrays of other lengths', [1, ,], [1]],
  ['an array and one with a property', [1], Object.assign([1], { extra: 1 })],
  ['a shared object and two that are equal', [shared, shared], [{ a: 1 }, { a: 1 }]],
  ['two equal objects and a shared one', [{ a: 1 }, { a: 1 }], [shared, shared]],
  ['cycles of other lengths', cycle(2), cycle(4)],
  ['an object and an instance', { x: 1 }, new Point()],
  ['an object without a prototype and a plain one', Object.create(null), {}],
  ['a Date and an object with its prototype', new Date(0), Object.create(Date.prototype)],
  ['two times', new Date(0), new Date(1)],
  ['an invalid Date and a valid one', new Date(Number.NaN), new Date(0)],
  ['flags of a RegExp', /a/g, /a/i],
  ['lastIndex of a RegExp', Object.assign(/a/g, { lastIndex: 1 }), /a/g],
  [
    'order in a Map',
    new Map([
      [1, 1],
      [2, 2],
    ]),
    new Map([
      [2, 2],
      [1, 1],
    ]),
  ],
  ['values of a Map', new Map([[1, 1]]), new Map([[1, 2]])],
  ['order in a Set', new Set([1, 2]), new Set([2, 1])],
  ['a Buffer and a Uint8Array', Buffer.from([1]), new Uint8Array([1])],
  ['the bytes of typed arrays', new Uint8Array([1]), new Uint8Array([2])],
  ['-0 in a Float64Array', new Float64Array([0]), new Float64Array([-0])],
  ['kinds of typed arrays', new Int8Array([1]), new Uint8Array([1])],
  ['a buffer and a view of it', new ArrayBuffer(1), new Uint8Array(1)],
  ['classes of errors', new TypeError('a'), new RangeError('a')],
  ['messages of errors', new Error('a'), new Error('b')],
  ['a cause and none', new Error('a', { cause: undefined }), new Error('a')],
  ['a hidden message and a visible one', new Error('a'), Object.defineProperty(new Error('a'), 'message', { enumerable: true })],
  ['own properties of errors', Object.assign(new Error('a'), { code: 1 }), new Error('a')],
  ['boxed numbers', Object(1), Object(2)],
  ['URLs', new URL('http://a/'), new URL('http://b/')],
  ['functions with another text', () => 1, () => 2],
  ['a function and an object', () => 1, {}],
]

for (const [name, one, other] of different) {
  test(`the comparer tells ${name} apart`, () => {
    assert.notEqual(differenceOf(one, other, { stacks: 'ignored' }), null)
    assert.notEqual(differenceOf(other, one, { stacks: 'ignored' }), null)
  })
}

test('the comparer finds no difference between a graph and its copy', () => {
  const make = (): unknown => {
    const graph: Record<string, unknown> = { list: [1, -0, Number.NaN, , undefined], date: new Date(Number.NaN), deep: cycle(3) }
    graph.self = graph
    graph.again = new Map([[graph.list, new Set([graph])]])
    graph.error = new AggregateError([new TypeError('one')], 'all', { cause: graph })
    return graph
  }
  assert.equal(differenceOf(make(), make(), { stacks: 'ignored' }), null)
})

test('the comparer names the place', () => {
  assert.match(String(differenceOf({ a: [{ 'b c': 1 }] }, { a: [{ 'b c': 2 }] })), /^value\.a\[0\]\["b c"\]: expected 1, got 2$/)
})

test('the comparer looks at stacks unless it is told not to', () => {
  const [one, other] = [new Error('a'), new Error('a')]
  other.stack = 'elsewhere'
  assert.match(String(differenceOf(one, other)), /stack/)
  assert.equal(differenceOf(one, other, { stacks: 'ignored' }), null)
})
