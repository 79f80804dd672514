import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MultiprocessingError, NotSerializableError } from '../../src/base/errors.ts'
import { decode } from '../../src/wire/decoder.ts'
import { encode } from '../../src/wire/encoder.ts'

class Point {
  x = 1
}
class Bytes extends Uint8Array {}

const onData = (): void => {}
const self: Record<string, unknown> = { name: 'self' }
self.again = { back: self }

const refused: readonly (readonly [string, unknown, string])[] = [
  ['a function inside', [{ options: { onData } }], 'args[0].options.onData: a function (onData) cannot travel as a value in this version'],
  ['an anonymous function', [1, [(() => () => {})()]], 'args[1][0]: a function (anonymous) cannot travel as a value in this version'],
  ['a symbol', { a: Symbol('s') }, 'args.a: a symbol cannot leave its process'],
  [
    'an instance of a class',
    [[new Point()]],
    'args[0][0]: an instance of Point cannot travel in this version; send a plain object instead',
  ],
  ['an instance as the value itself', new Point(), 'args: an instance of Point cannot travel in this version; send a plain object instead'],
  ['a Map', { map: new Map() }, 'args.map: an instance of Map cannot travel in this version; send a plain object instead'],
  ['a Date', [new Date(0)], 'args[0]: an instance of Date cannot travel in this version; send a plain object instead'],
  [
    'a DataView',
    [new DataView(new ArrayBuffer(8))],
    'args[0]: an instance of DataView cannot travel in this version; send a plain object instead',
  ],
  [
    'a buffer without a view',
    [new ArrayBuffer(8)],
    'args[0]: an instance of ArrayBuffer cannot travel in this version; send a plain object instead',
  ],
  ['a class of typed array', [new Bytes(3)], 'args[0]: an instance of Bytes cannot travel in this version'],
  ['a promise', [Promise.resolve()], 'args[0]: an instance of Promise cannot travel in this version; send a plain object instead'],
  [
    'an object of a class without a name',
    [new (class {})()],
    'args[0]: an instance of an unnamed class cannot travel in this version; send a plain object instead',
  ],
  ['a value that contains itself', [self], 'args[0]: a value that contains itself cannot travel in this version'],
]

for (const [name, value, message] of refused) {
  test(`${name} is refused with the path to it`, () => {
    assert.throws(
      () => encode(value, 'args'),
      error => error instanceof NotSerializableError && error.message === message && error.path === message.split(': ')[0],
    )
  })
}

test('a value nested too deep is refused instead of overflowing the stack', () => {
  let value: unknown = 1
  for (let depth = 0; depth < 100_000; depth += 1) value = [value]
  assert.throws(
    () => encode([0, value], 'args'),
    error =>
      error instanceof NotSerializableError &&
      /nested more than 2000 levels/.test(error.message) &&
      error.path.startsWith('args[1][0][0]') &&
      error.path.length < 300,
  )
})

test('the culprit is found deep inside and behind a graph whose paths have no end', () => {
  const graph: Record<string, unknown> = {}
  let deep: unknown = onData
  for (let depth = 0; depth < 62; depth += 1) deep = [deep]
  graph.left = graph.right = { up: graph }
  assert.throws(() => encode([deep, graph], 'args'), /args\[0\](\[0\]){62}: a function/)
  // The culprit lies deeper than where cycles begin to be looked for, and a cyclic graph of many paths lies beside it.
  const wide: Record<string, unknown> = { deep: nest(onData, 100) }
  wide.a = wide
  wide.b = wide
  assert.throws(() => encode(wide, 'args'), NotSerializableError)
})

test('after a refusal the next value is encoded as ever', () => {
  assert.throws(() => encode([new Map()], 'args'), NotSerializableError)
  assert.deepEqual(decode(encode([1, 'a'], 'args')), [1, 'a'])
})

const bad: readonly (readonly [string, readonly number[]])[] = [
  ['nothing', []],
  ['no tag', [99]],
  ['a hole outside an array', [13]],
  ['half a number', [5, 0, 0]],
  ['a string longer than the message', [6, 200, 65]],
  ['an array that says it has 4 billion items', [10, 255, 255, 255, 255]],
  ['numbers that say they are 4 billion', [12, 255, 255, 255, 255, 0, 0]],
  ['an object that says it has 4 billion keys', [14, 255, 255, 255, 255, 6, 0, 0]],
  ['an object whose key is a number', [14, 1, 0, 0, 0, 129, 129]],
  ['a typed array of no kind', [15, 77, 0, 0, 0, 0, 0, 0, 0, 0]],
  ['a typed array of NaN bytes', [15, 1, 0, 0, 0, 0, 0, 0, 248, 127]],
  ['a typed array of more bytes than there are', [15, 1, 0, 0, 0, 0, 0, 0, 240, 67]],
  ['half an element', [15, 6, 0, 0, 0, 0, 0, 0, 240, 63, 0, 0, 0, 0, 0, 0, 1]],
  ['a bigint without digits', [9, 6, 1, 45]],
  ['a bigint of other letters', [9, 6, 2, 48, 120]],
  ['a bigint that is a number', [9, 129]],
  ['more after the value', [129, 129]],
]

for (const [name, bytes] of bad) {
  test(`bytes with ${name} are an error and not a value`, () => {
    assert.throws(
      () => decode(Uint8Array.from(bytes)),
      error => error instanceof MultiprocessingError && error.code === 'ERR_BAD_MESSAGE' && /cannot be decoded/.test(error.message),
    )
  })
}

test('bytes nested without end are an error and not an overflow of the stack', () => {
  const array = [10, 1, 0, 0, 0]
  const bytes = Uint8Array.from(Array.from({ length: 500_000 }, (_, index) => array[index % 5] as number))
  // Every level says one item and 4 levels' worth of bytes follow, so the lengths are all right.
  assert.throws(() => decode(bytes), { code: 'ERR_BAD_MESSAGE', message: /nested too deep/ })
})

function nest(value: unknown, depth: number): unknown {
  let nested = value
  for (let level = 0; level < depth; level += 1) nested = { level: nested }
  return nested
}
