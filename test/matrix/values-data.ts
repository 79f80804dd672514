// Rows: primitives, plain objects, arrays, and how they refer to each other.
// biome-ignore-all lint/suspicious/noSparseArray: holes are values, too.
// biome-ignore-all lint/suspicious/noThenProperty: `then` is a key like any other.
import assert from 'node:assert/strict'
import { differenceOf } from './deep-equal.ts'
import { echo, type Row, scene, value } from './rows.ts'

const numbers: readonly (readonly [string, number])[] = [
  ['0', 0],
  ['-0', -0],
  ['-1', -1],
  ['127', 127],
  ['128', 128],
  ['256', 256],
  ['65536', 65536],
  ['the largest int32', 2 ** 31 - 1],
  ['the smallest int32', -(2 ** 31)],
  ['one more than an int32', 2 ** 31],
  ['one more than a uint32', 2 ** 32],
  ['the largest safe integer', Number.MAX_SAFE_INTEGER],
  ['the smallest safe integer', Number.MIN_SAFE_INTEGER],
  ['a fraction', 0.1],
  ['the smallest number', Number.MIN_VALUE],
  ['the largest number', Number.MAX_VALUE],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
  ['NaN', Number.NaN],
]

const bigints: readonly (readonly [string, bigint])[] = [
  ['0n', 0n],
  ['-1n', -1n],
  ['a bigint of 64 bits', 2n ** 64n - 1n],
  ['a negative bigint of 200 bits', -(2n ** 200n)],
]

const strings: readonly (readonly [string, string])[] = [
  ['an empty string', ''],
  ['a short string', 'polyprocess'],
  ['a string of Latin letters beyond ASCII', 'être où ÿ'],
  ['a string of other scripts', 'žluťoučký 日本語'],
  ['a string outside the basic plane', '👩‍👩‍👧 𝒳'],
  ['a lone high surrogate', 'a\uD800b'],
  ['a lone low surrogate', '\uDC00'],
  ['surrogates in the wrong order', '\uDC00\uD800'],
  ['a string with zeros in it', 'a\0b\0'],
  ['line ends of every kind', '\n\r\u2028\u2029'],
  ['a long string', 'x'.repeat(100_000)],
  ['a long string of 16-bit characters', '語'.repeat(50_000)],
  ['a string that was put together', ['a', 'b'].join('é').repeat(30)],
]

const leaves = [...numbers, ...bigints, ...strings].map(([name, leaf]) => value(name, () => leaf))

function linkedList(length: number): object {
  let list: object = { value: 0, next: null }
  for (let index = 1; index < length; index += 1) list = { value: index, next: list }
  return list
}

function cyclicFamily(): object {
  const parent: Record<string, unknown> = { name: 'parent' }
  parent.children = [1, 2].map(id => ({ id, parent, siblings: parent }))
  parent.self = parent
  return parent
}

const others = [
  value('undefined', () => undefined),
  value('null', () => null),
  value('true', () => true),
  value('false', () => false),
  value('a registered symbol', () => Symbol.for('matrix')),
  value('a well-known symbol', () => [Symbol.iterator, Symbol.asyncIterator, Symbol.hasInstance]),
]

const objects = [
  value('an empty object', () => ({})),
  value('an object of every primitive', () => ({ a: 1, b: 'b', c: null, d: undefined, e: true, f: 1n, g: -0, h: Number.NaN })),
  value('a key whose value is undefined', () => [{ a: undefined }, {}]),
  value('keys in the order in which they were added', () => ({ z: 1, y: 2, a: 3, m: 4 })),
  value('keys that are numbers', () => ({ b: 1, 10: 'ten', 2: 'two', '-1': 'minus', '1.5': 'fraction', 4294967295: 'large' })),
  value('an empty key and keys of other scripts', () => ({ '': 1, 'a b': 2, é: 3, 語: 4, '👩': 5, '\uD800': 6 })),
  value('keys that are methods elsewhere', () => ({ constructor: 1, toString: 2, hasOwnProperty: 3, valueOf: 4, then: 5, toJSON: 6 })),
  value('an own key __proto__', () => JSON.parse('{"__proto__": {"polluted": true}, "b": 1}')),
  value('an object without a prototype', () => Object.assign(Object.create(null), { a: 1, toString: 2 })),
  value('objects without prototypes in each other', () => Object.assign(Object.create(null), { a: Object.create(null), b: {} })),
  value('a frozen object', () => Object.freeze({ a: 1, b: Object.freeze([1]) })),
  value('an object of 300 keys', () => Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`key${index}`, index]))),
  value('200 objects of one shape', () => Array.from({ length: 200 }, (_, id) => ({ id, name: `n${id}`, ok: id % 2 === 0 }))),
  value('objects of one set of keys in two orders', () => [{ a: 1, b: 2 }, { b: 2, a: 1 }, { a: 1, b: 2 }, { a: 1 }, {}]),
  value('an object that was a dictionary', () => {
    const dictionary: Record<string, number> = { a: 1, b: 2, c: 3 }
    delete dictionary.a
    dictionary.a = 4
    return dictionary
  }),
  value('objects nested 900 deep', () => {
    let nested: object = {}
    for (let depth = 0; depth < 900; depth += 1) nested = { nested }
    return nested
  }),
  scene('of accessors the values travel', async there => {
    const thing = {
      get answer() {
        return 6 * 7
      },
      plain: 1,
    }
    assert.deepEqual(await there.run(echo, [thing]), { answer: 42, plain: 1 })
  }),
  scene('symbol keys and hidden properties stay at home', async there => {
    const thing = Object.defineProperty({ [Symbol.for('key')]: 1, seen: 2 }, 'hidden', { value: 3 })
    const back = await there.run(echo, [thing])
    assert.deepEqual(Reflect.ownKeys(back), ['seen'])
  }),
  scene('a setter on Object.prototype there is not called by what arrives', async there => {
    const result = await there.run(
      (text: string) => {
        const calls: unknown[] = []
        Object.defineProperty(Object.prototype, 'trap', { set: given => calls.push(given), configurable: true })
        try {
          return [JSON.parse(text), calls.length]
        } finally {
          delete (Object.prototype as Record<string, unknown>).trap
        }
      },
      ['{"a": 1}'],
    )
    assert.deepEqual(result, [{ a: 1 }, 0])
  }),
]

const arrays = [
  value('an empty array', () => []),
  value('an array of small integers', () => [1, 2, 3]),
  value('an array of large integers', () => [2 ** 31 - 1, -(2 ** 31), 0]),
  value('an array of fractions', () => [0.5, -0, Number.NaN, Infinity, 1]),
  value('an array of everything', () => [1, 'a', null, undefined, {}, [], 1n, true, -0.5]),
  value('holes at the beginning, in the middle and at the end', () => [, 1, , , 2, ,]),
  value('an array of nothing but holes', () => Array(5)),
  value('holes beside undefined', () => [undefined, , undefined]),
  value('holes among fractions', () => [0.5, , 1.5]),
  value('a very sparse array', () => {
    const sparse: number[] = []
    sparse[1_000_000_000] = 1
    return sparse
  }),
  scene('of an array the items travel, and no properties beside them', async there => {
    assert.deepEqual(await there.run(echo, [Object.assign([1, 2], { total: 3 })]), [1, 2])
  }),
  value('what a RegExp matched', () => /(?<first>b)(x)?/d.exec('abc')),
  value('arrays in arrays', () => [[], [[]], [[[1]], [2]]]),
  value('an array of 10,000 objects', () => Array.from({ length: 10_000 }, (_, id) => ({ id, tags: ['a', id] }))),
]

const graphs = [
  value('one object in two places', () => {
    const shared = { a: 1 }
    return [shared, { shared }, { a: 1 }]
  }),
  value('an object that contains itself', () => {
    const self: Record<string, unknown> = {}
    self.self = self
    return self
  }),
  value('an array that contains itself', () => {
    const self: unknown[] = [1]
    self.push(self, [self])
    return self
  }),
  value('a family of objects that know each other', cyclicFamily),
  value('a list of 500 objects, each in the one before', () => linkedList(500)),
  value('a Map that is its own key and value', () => {
    const map = new Map<unknown, unknown>()
    return map.set(map, map).set('list', [map])
  }),
  value('a Set that contains itself', () => {
    const set = new Set<unknown>([1])
    return set.add(set).add({ set })
  }),
  value('one Date, one Buffer, one RegExp, one Error in two places each', () => {
    const all = [new Date(0), Buffer.from('abc'), /a/g, new Error('shared'), new Map(), Object(1)]
    return [all, [...all].reverse()]
  }),
  value('a shared object that is met first inside a Map key', () => {
    const key = { deep: {} }
    return [new Map([[key, key.deep]]), key.deep, key]
  }),
  value('2000 references to 40 objects', () => {
    const all = Array.from({ length: 40 }, (_, id) => ({ id }))
    return Array.from({ length: 2000 }, (_, index) => all[(index * 7) % 40])
  }),
  scene('an object in two arguments is one object there', async there => {
    const shared = { a: 1 }
    assert.equal(await there.run((one: unknown, other: { inner: unknown }) => one === other.inner, [shared, { inner: shared }]), true)
    assert.equal(await there.run((one: unknown, other: unknown) => one === other, [{ a: 1 }, { a: 1 }]), false)
  }),
  scene('an object that is captured twice is one object there, but not the one of the arguments', async there => {
    const shared = { a: 1 }
    const holder = { shared }
    assert.equal(await there.run(() => holder.shared === shared), true)
  }),
  scene('what arrives is a copy: changes there stay there', async there => {
    const list = [1]
    assert.equal(await there.run((given: number[]) => given.push(2), [list]), 2)
    assert.deepEqual(list, [1])
  }),
  scene('a graph comes back with every reference where it was', async there => {
    const family = cyclicFamily()
    const back = await there.run((given: unknown) => ({ given, again: [given] }), [family])
    assert.equal(back.again[0], back.given)
    assert.equal(differenceOf(family, back.given), null)
  }),
]

export const dataRows: readonly Row[] = [...leaves, ...others, ...objects, ...arrays, ...graphs]
