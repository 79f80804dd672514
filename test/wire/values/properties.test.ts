// Values that nobody thought of: graphs of all kinds of objects with shared references and cycles. fast-check prints the seed of
// what fails.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { NotSerializableError } from '../../../src/base/errors.ts'
import { decode } from '../../../src/wire/values/decoder.ts'
import { encode } from '../../../src/wire/values/encoder.ts'
import { assertSameGraph } from './same-graph.ts'
import { roundTrip, TestCapability } from './test-capability.ts'

class Point {
  x: unknown = 1
}
class List extends Array<unknown> {}
class Table extends Map<unknown, unknown> {}
class Failure extends RangeError {}

const typedArrays = fc.oneof(
  fc.uint8Array(),
  fc.int16Array(),
  fc.int32Array(),
  fc.float32Array(),
  fc.float64Array(),
  fc.uint8ClampedArray(),
  fc.uint32Array(),
  fc.bigInt64Array(),
)
const scalars = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, true, false, -0, 2 ** 31, -(2 ** 31), Symbol.iterator, Symbol.for('key')),
  fc.integer(),
  fc.double(),
  fc.bigInt(),
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({ unit: 'grapheme', maxLength: 80 }),
  // Lone surrogates.
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 }).map(codes => String.fromCharCode(...codes)),
)
const leaves = fc.oneof(
  typedArrays,
  fc.date({ noInvalidDate: false }),
  fc.webUrl().map(url => new URL(url)),
  fc.constantFrom('a+', '', '[/\\]]').map(source => new RegExp(source, 'gu')),
  fc.array(fc.oneof(fc.integer(), fc.double()), { minLength: 12, maxLength: 40 }),
  fc.sparseArray(fc.integer(), { maxLength: 10 }),
  scalars.filter(value => value !== undefined && value !== null).map(value => Object(value) as object),
)

/** Makes an empty object of a kind, and puts one thing after the other into it. */
interface Kind {
  make(): object
  put(object: never, name: string, part: unknown): void
}

const KINDS: readonly Kind[] = [
  { make: () => ({}), put: (object: object, name, part) => define(object, name, part) },
  { make: () => Object.create(null) as object, put: (object: object, name, part) => define(object, name, part) },
  { make: () => [], put: (items: unknown[], _, part) => items.push(part) },
  { make: () => new Map(), put: (map: Map<unknown, unknown>, name, part) => map.set(name.length % 2 === 0 ? name : part, part) },
  { make: () => new Set(), put: (set: Set<unknown>, _, part) => set.add(part) },
  { make: () => new Error('why'), put: (error: object, name, part) => define(error, name, part) },
  { make: () => new AggregateError([], 'many'), put: (error: AggregateError, _, part) => error.errors.push(part) },
  { make: () => new Point(), put: (point: Point, _, part) => (point.x = part) },
  { make: () => new List(), put: (list: List, _, part) => list.push(part) },
  { make: () => new Table(), put: (table: Table, name, part) => table.set(part, name) },
  { make: () => new Failure('failed'), put: (error: object, name, part) => define(error, name, part) },
]

function define(object: object, name: string, value: unknown): void {
  // A class of errors has names that are not its own to give.
  if (object instanceof Error && ['stack', 'message', 'name'].includes(name)) return
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true })
}

const names = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 70 }),
  fc.constantFrom('a', 'b', 'id', 'name', '__proto__', 'constructor', '0', '7'),
)
/** Nodes, and edges between them in any direction: cycles and shared references come by themselves. */
const graphs = fc
  .record({
    kinds: fc.array(fc.nat({ max: KINDS.length - 1 }), { minLength: 1, maxLength: 30 }),
    leaves: fc.array(fc.oneof(leaves, scalars), { maxLength: 10 }),
    edges: fc.array(fc.record({ from: fc.nat(), name: names, to: fc.nat() }), { maxLength: 80 }),
  })
  .map(({ kinds, leaves: ends, edges }) => {
    const nodes = kinds.map(kind => ({ kind: KINDS[kind] as Kind, object: (KINDS[kind] as Kind).make() }))
    const all: unknown[] = [...nodes.map(({ object }) => object), ...ends]
    for (const { from, name, to } of edges) {
      const { kind, object } = nodes[from % nodes.length] as (typeof nodes)[number]
      kind.put(object as never, name, all[to % all.length])
    }
    return all
  })

test('every graph comes back as it was, from wherever it lies', () => {
  const capability = new TestCapability()
  fc.assert(
    fc.property(graphs, fc.integer({ min: 0, max: 9 }), (graph, shift) => {
      const bytes = Uint8Array.from(encode(graph, 'value', { capability }))
      assertSameGraph(decode(bytes, 0, bytes.length, capability), graph)
      const moved = new Uint8Array(bytes.length + shift)
      moved.set(bytes, shift)
      assertSameGraph(decode(moved, shift, bytes.length, capability), graph)
    }),
    { numRuns: 600 },
  )
})

test('a tree of plain data comes back as it was, alone and encoded again', () => {
  const trees = fc.letrec<{ tree: unknown }>(tie => ({
    tree: fc.oneof(
      { depthSize: 'medium', withCrossShrink: true },
      scalars,
      fc.array(tie('tree')),
      fc.sparseArray(tie('tree'), { maxLength: 10 }),
      fc.dictionary(names, tie('tree')),
    ),
  })).tree
  fc.assert(
    fc.property(trees, tree => {
      const back = roundTrip(tree)
      assertSameGraph(back, tree)
      assertSameGraph(roundTrip(back), tree)
    }),
    // Each takes some 30 ms.
    { numRuns: 150 },
  )
})

test('what structuredClone copies comes back as structuredClone copies it', () => {
  const values = fc.anything({
    ...{ withBigInt: true, withDate: true, withMap: true, withNullPrototype: false, withObjectString: false, withSet: true },
    ...{ withSparseArray: true, withTypedArray: true, withUnicodeString: true, withBoxedValues: true },
    maxDepth: 4,
  })
  fc.assert(
    fc.property(values, value => assertSameGraph(roundTrip([value]), structuredClone([value]))),
    { numRuns: 1500 },
  )
})

test('whatever is put where a value cannot be, the path leads to it', () => {
  const unique = Symbol('cannot travel')
  const steps = fc.array(fc.oneof(fc.nat({ max: 5 }), fc.string({ maxLength: 6 })), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(steps, path => {
      let value: unknown = unique
      for (const step of [...path].reverse())
        value = typeof step === 'number' ? [...new Array(step).fill(0), value] : asProperty(step, value)
      const expected = path.map(step => (/^[a-z_$][\w$]*$/i.test(String(step)) ? `.${step}` : `[${JSON.stringify(step)}]`)).join('')
      assert.throws(
        () => encode(value, 'v'),
        error => error instanceof NotSerializableError && error.path === `v${expected}`,
      )
    }),
    { numRuns: 300 },
  )
})

function asProperty(name: string, value: unknown): object {
  const object = {}
  define(object, name, value)
  return object
}
