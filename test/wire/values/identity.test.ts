import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encode } from '../../../src/wire/values/encoder.ts'
import { assertSameGraph } from './same-graph.ts'
import { roundTrip } from './test-capability.ts'

type Loop = Record<string, unknown>

const graphs: readonly (readonly [string, () => unknown])[] = [
  ['an object that contains itself', () => loop(self => ({ self, list: [self, { self }] }))],
  ['an object without a prototype that contains itself', () => loop(self => Object.assign(Object.create(null), { self }))],
  ['an array that contains itself', () => fill<unknown[]>([1], self => self.push(self, [self]))],
  ['an array with holes that contains itself', () => fill<unknown[]>(new Array(5), self => (self[3] = self))],
  ['a Map whose key and value it is itself', () => fill(new Map<unknown, unknown>(), self => self.set(self, self))],
  ['a Set that contains itself', () => fill(new Set<unknown>(), self => self.add(self).add([self]))],
  ['an error that is its own cause', () => fill(new Error('again'), self => (self.cause = self))],
  ['errors that contain each other', () => fill(new AggregateError([new Error('part')], 'whole'), self => (self.errors[0].cause = self))],
  ['a match that contains itself', () => fill(/a/.exec('a') as unknown as Loop, self => (self.groups = self))],
  ['an object of many keys that contains itself', () => fill<Loop>(Object.fromEntries(count(99)), self => (self.k5 = self))],
]

for (const [name, make] of graphs) {
  test(`${name} comes back as one`, () => {
    const graph = make()
    assertSameGraph(roundTrip(graph), graph)
    assertSameGraph(roundTrip([{ before: {} }, graph, graph]), [{ before: {} }, graph, graph])
  })
}

const parts: readonly (() => object)[] = [
  () => ({ a: 1 }),
  () => [1, 2],
  () => count(30).map(([, number]) => number),
  () => new Float64Array(3),
  () => new ArrayBuffer(8),
  () => new Date(5),
  () => /a/,
  () => new Map(),
  () => new Set(),
  () => new RangeError('x'),
  () => new URL('http://a.b/'),
  () => new URLSearchParams('a=1'),
  () => Object(1) as object,
  () => Buffer.from('b'),
  () => new DataView(new ArrayBuffer(1)),
]

test('what is there twice is one object afterwards, and numbers of objects are right behind every kind', () => {
  const all = parts.map(make => make())
  const graph = [...all, ...all.map(part => ({ part })), new Map(all.map(part => [part, [part]])), new Set(all)]
  assertSameGraph(roundTrip(graph), graph)
})

test('thousands of objects keep who is who', () => {
  const objects = Array.from({ length: 5000 }, (_, index) => ({ index }) as Loop)
  for (const [index, object] of objects.entries()) object.next = objects[(index * 7 + 3) % objects.length]
  const back = roundTrip(objects) as Loop[]
  assert.ok(back.every((object, index) => object.index === index && object.next === back[(index * 7 + 3) % back.length]))
})

test('equal values that are not one object stay apart', () => {
  assertSameGraph(roundTrip([{ a: [] }, { a: [] }, [], []]), [{ a: [] }, { a: [] }, [], []])
})

test('a message without repetition has no header to pay for', () => {
  assert.equal(encode({}, 'value').length + 8, encode([{}], 'value').length + 8 - 5)
  const one = {}
  assert.equal(encode([one, one], 'value')[1], 1, 'the flag says that objects are named again')
})

function loop(make: (self: Loop) => Loop): Loop {
  return fill({}, self => Object.assign(self, make(self)))
}

function fill<T>(empty: T, add: (self: T) => unknown): T {
  add(empty)
  return empty
}

function count(to: number): [string, number][] {
  return Array.from({ length: to }, (_, index) => [`k${index}`, index])
}
