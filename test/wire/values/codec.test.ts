import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decode } from '../../../src/wire/values/decoder.ts'
import { encode } from '../../../src/wire/values/encoder.ts'

function roundTrip(value: unknown): unknown {
  return decode(Uint8Array.from(encode(value, 'value')))
}

const same: readonly (readonly [string, readonly unknown[]])[] = [
  ['the simple values', [undefined, null, true, false]],
  ['small integers', [0, 1, 126, 127, 128, -1, -128, 255, 256]],
  ['numbers at the borders of 32 bits', [2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1, 2 ** 32, 2 ** 32 - 1]],
  ['numbers of every kind', [-0, 0.1, -1.5, Number.NaN, Infinity, -Infinity, Number.MAX_SAFE_INTEGER, Number.MIN_VALUE, Number.MAX_VALUE]],
  ['bigints', [0n, -1n, 2n ** 64n, -(2n ** 200n), BigInt('123456789012345678901234567890')]],
  ['strings', ['', 'a', 'hello world', 'x'.repeat(48), 'x'.repeat(49), 'y'.repeat(300_000)]],
  ['strings of Latin-1', ['é', 'ÿ', '\0\u0001', 'ä'.repeat(11), 'ä'.repeat(12), 'ä'.repeat(48), 'ä'.repeat(49)]],
  ['strings beyond Latin-1', ['Ā', '日本語', '🎉', '🎉'.repeat(100), `${'x'.repeat(47)}☃`]],
  ['strings with a lone surrogate', ['\ud800', '\udc00', 'a\ud800b', `${'x'.repeat(100)}\udfff`, '\udc00\ud800']],
  ['arrays', [[], [1], [1, 'a', null, undefined], [[[]]], [[], {}, [[{}]]]]],
  ['arrays with holes', [sparse(3, [0, 1], [2, 3]), new Array(2), sparse(2, [1, 1]), sparse(40, [0, 1], [30, 2])]],
  ['arrays of many numbers', [range(16), range(17), range(1000), range(100, 2 ** 31 - 50), range(50, 0.5), range(50, -25)]],
  [
    'arrays of numbers among which there is another',
    [
      [...range(30), 'a'],
      [...range(30), undefined],
      [...range(30), -0],
      [...range(30), Number.NaN, null],
    ],
  ],
  ['plain objects', [{}, { a: 1 }, { a: { b: { c: [1, { d: 2 }] } } }, { '': 0, 'a b': 1, é: 2, 日: 3, ['k'.repeat(500)]: 4 }]],
  ['objects with undefined', [{ a: undefined }, [undefined, { b: null }]]],
  ['objects with keys like numbers', [{ 1: 'a', 0: 'b', '-1': 'c', 4294967295: 'd' }]],
  ['objects with names of Object.prototype', [{ constructor: 1, toString: 2, hasOwnProperty: 3, valueOf: null }]],
]

for (const [name, values] of same) {
  test(`${name} come back as they were`, () => {
    for (const value of values) assert.deepStrictEqual(roundTrip(value), value)
    assert.deepStrictEqual(roundTrip(values), values)
  })
}

test('a hole stays a hole and undefined stays undefined', () => {
  const items = roundTrip(sparse(2, [1, undefined])) as unknown[]
  assert.deepEqual([items.length, 0 in items, 1 in items], [2, false, true])
})

test('a key __proto__ is a key and no prototype', () => {
  const value = JSON.parse('{"__proto__": {"polluted": true}, "a": 1}') as object
  const back = roundTrip(value) as Record<string, unknown>
  assert.equal(Object.getPrototypeOf(back), Object.prototype)
  assert.deepEqual(Object.keys(back), ['__proto__', 'a'])
  assert.equal(back.polluted, undefined)
  assert.equal(({} as Record<string, unknown>).polluted, undefined)
})

test('an object without a prototype stays one', () => {
  const value = Object.assign(Object.create(null), { a: 1, __proto__: 'key' }) as object
  assert.deepStrictEqual(roundTrip(value), value)
  assert.equal(Object.getPrototypeOf(roundTrip(value)), null)
})

test('a few items far apart cost neither time nor memory', () => {
  const items: unknown[] = ['first']
  items[1_000_000_000] = { last: true }
  const message = Uint8Array.from(encode(items, 'value'))
  assert.ok(message.length < 100)
  const back = decode(message) as unknown[]
  assert.equal(back.length, 1_000_000_001)
  assert.deepEqual(Object.entries(back), [
    ['0', 'first'],
    ['1000000000', { last: true }],
  ])
})

test('named properties of an array with holes are left out, also those that look like numbers', () => {
  for (const name of ['', ' 1', '1e0', '01', '-0', '1.0', '4294967295', 'name']) {
    const items = Object.assign(sparse(4, [1, 'a'], [2, 'b']), { [name]: 'named' })
    assert.deepStrictEqual(roundTrip(items), sparse(4, [1, 'a'], [2, 'b']))
  }
})

test('an array that is changed while it is written arrives with the length that it had', () => {
  const changes: readonly ((items: unknown[]) => void)[] = [
    items => items.push('late'),
    items => {
      items.length = 1
    },
    items => items.reverse(),
    items => delete items[3],
  ]
  for (const change of changes) {
    for (const rest of [sparse(4, [2, 'b'], [3, 'c']), ['x', 'b', 'c'], range(20)]) {
      const items: unknown[] = [{}, ...rest]
      for (let index = 1; index < items.length; index += 1) if (!(index - 1 in rest)) delete items[index]
      const { length } = items
      Object.defineProperty(items[0], 'a', { enumerable: true, get: () => change(items) === null })
      assert.equal((roundTrip(items) as unknown[]).length, length)
    }
  }
})

test('a getter that throws is heard of, and the next value is encoded as ever', () => {
  const error = new Error('from the getter')
  const value = {
    get a(): never {
      throw error
    },
  }
  for (const given of [value, [{ b: value }, value], new Map([[1, value]])]) {
    assert.throws(() => encode(given, 'value'), { message: 'from the getter' })
    assert.deepEqual(roundTrip([{ b: 1 }, { b: 2 }]), [{ b: 1 }, { b: 2 }])
  }
})

test('values of accessor properties travel, properties under symbols do not', () => {
  const value = {
    get a(): number {
      return 5
    },
    [Symbol('s')]: 1,
  }
  assert.deepStrictEqual(roundTrip(value), { a: 5 })
})

test('an object that is changed while it is written arrives with the keys that it had', () => {
  const change: Record<string, (value: Record<string, unknown>) => unknown> = {
    'takes the next away': value => delete value.b,
    'takes all away': value => ['a', 'b', 'c'].map(key => delete value[key]),
    'adds one': value => Object.assign(value, { d: 4 }),
    'puts one at the end': value => delete value.b && Object.assign(value, { b: 5 }),
  }
  for (const act of Object.values(change)) {
    for (let time = 0; time < 3; time += 1) {
      const value = { b: 2, c: 3 } as Record<string, unknown>
      const changing = Object.defineProperties({} as Record<string, unknown>, {
        a: { get: () => act(changing) && 1, enumerable: true, configurable: true },
        ...Object.getOwnPropertyDescriptors(value),
      })
      const back = roundTrip([changing, 'behind']) as [Record<string, unknown>, string]
      assert.deepEqual(Object.keys(back[0]), ['a', 'b', 'c'])
      assert.deepEqual([back[0].a, back[0].b, back[0].c, back[1]], [1, changing.b, changing.c, 'behind'])
    }
  }
})

test('objects of many kinds by turns, each in a message of its own, have their keys in order and as their own', () => {
  const names = ['__proto__', 'toString', '1', 'a', 'constructor', '']
  const kinds = range(20).map(kind => names.slice(kind % 5).concat(`k${kind}`, `${kind}`))
  for (let time = 0; time < 50; time += 1) {
    for (const keys of kinds) {
      const value = Object.fromEntries(keys.map((key, index) => [key, index % 2 === 0 ? { [key]: time } : time + index / 2]))
      const back = roundTrip(value) as object
      assert.deepStrictEqual(Object.getOwnPropertyDescriptors(back), Object.getOwnPropertyDescriptors(value))
      assert.deepEqual([Object.keys(back), Object.getPrototypeOf(back)], [Object.keys(value), Object.prototype])
    }
  }
})

test('objects of many keys and messages of many shapes come back', () => {
  const wide = Object.fromEntries(range(5000).map(index => [`key ${index}`, index]))
  const shapes = range(700).map(index => ({ [`k${index}`]: index, same: index }))
  const value = { wide, shapes, again: shapes.map(shape => ({ ...shape })), long: { ['k'.repeat(5000)]: 1 } }
  assert.deepStrictEqual(roundTrip(value), value)
})

test('a property of Object.prototype that somebody adds is neither sent nor written to', () => {
  const prototype = Object.prototype as unknown as Record<string, unknown>
  const heard: unknown[] = []
  const value = { added: 1, other: [{ added: 2 }] }
  assert.deepStrictEqual(roundTrip(value), value)
  prototype.visible = true
  Object.defineProperty(prototype, 'added', { configurable: true, set: item => heard.push(item), get: () => 'pollution' })
  try {
    const back = roundTrip([value, { own: 1 }]) as [typeof value, object]
    assert.deepEqual(Object.getOwnPropertyDescriptor(back[0], 'added')?.value, 1)
    assert.deepEqual(Object.keys(back[1]), ['own'])
    assert.deepEqual(heard, [])
  } finally {
    delete prototype.visible
    delete prototype.added
  }
})

const float16 = (globalThis as { Float16Array?: typeof Float32Array }).Float16Array

const arrays = [
  new Int8Array([-128, 0, 127]),
  new Uint8Array([0, 255]),
  new Uint8ClampedArray([1, 2]),
  new Int16Array([-32768, 32767]),
  new Uint16Array([65535]),
  new Int32Array([-(2 ** 31), 2 ** 31 - 1]),
  new Uint32Array([2 ** 32 - 1]),
  new Float32Array([0.5, Number.NaN, -0]),
  new Float64Array([Math.PI, Infinity]),
  new BigInt64Array([-(2n ** 63n), 1n]),
  new BigUint64Array([2n ** 64n - 1n]),
  ...(float16 === undefined ? [] : [new float16([0.5, -0, 65504])]),
]

for (const array of arrays) {
  const { name } = array.constructor
  test(`a ${name} comes back as one, empty, unaligned, or behind other values`, () => {
    assert.deepStrictEqual(roundTrip(array), array)
    const empty = roundTrip(array.subarray(0, 0)) as typeof array
    assert.deepEqual([empty.constructor, empty.length], [array.constructor, 0])
    for (let before = 0; before < 9; before += 1) {
      const value = ['x'.repeat(before), array, { inner: array }]
      assert.deepStrictEqual(roundTrip(value), value)
    }
    const back = roundTrip(array) as typeof array
    assert.equal(back.buffer.byteLength, array.byteLength, 'the buffer behind it is exactly its bytes')
  })
}

test('a view of a part of a larger buffer travels as just that part', () => {
  const whole = new Uint8Array(100).map((_, index) => index)
  const odd = new Uint8Array(whole.buffer, 3, 7)
  const words = new Uint16Array(whole.buffer, 10, 4)
  assert.deepStrictEqual(roundTrip([odd, words]), [odd, words])
  assert.deepStrictEqual(roundTrip(new DataView(whole.buffer).buffer === whole.buffer ? [odd] : []), [odd])
})

test('a Buffer stays a Buffer, also when it comes out of the pool of small ones', () => {
  const value = [Buffer.from('text'), Buffer.alloc(0), Buffer.from('é'.repeat(5000))]
  const back = roundTrip(value) as Buffer[]
  assert.deepStrictEqual(back, value)
  assert.ok(back.every(Buffer.isBuffer))
})

test('what comes back shares nothing with the message', () => {
  const message = Uint8Array.from(encode({ bytes: new Uint8Array([1, 2, 3]), numbers: range(100) }, 'value'))
  const value = decode(message) as { bytes: Uint8Array; numbers: number[] }
  message.fill(0)
  assert.deepEqual([...value.bytes], [1, 2, 3])
  assert.deepEqual(value.numbers, range(100))
})

test('a message is read from wherever it lies in a larger memory', () => {
  const bytes = Uint8Array.from(encode([range(40, 0.5), new Float64Array([1, 2]), 'é'.repeat(60)], 'value'))
  for (let offset = 0; offset < 17; offset += 1) {
    const memory = new Uint8Array(bytes.length + 40).fill(0xee)
    memory.set(bytes, offset)
    assert.deepStrictEqual(decode(memory, offset, bytes.length), [range(40, 0.5), new Float64Array([1, 2]), 'é'.repeat(60)])
  }
})

test('a value much larger than the scratch memory comes back, and the scratch memory does not stay', () => {
  const value = { many: Array.from({ length: 200_000 }, (_, index) => `item ${index}`), bytes: new Uint8Array(9_000_000).fill(7) }
  assert.deepStrictEqual(roundTrip(value), value)
  assert.ok(encode(1, 'value').buffer.byteLength <= 64 * 1024)
})

test('a getter that has something encoded itself disturbs neither value', () => {
  let inner: unknown
  const value = {
    before: 'b'.repeat(100),
    get middle(): number {
      inner = roundTrip({ other: range(50) })
      assert.throws(() => encode(Symbol('s'), 'inner'), /inner: Symbol\(s\) is known/)
      return 5
    },
    after: range(30),
  }
  assert.deepStrictEqual(roundTrip(value), { before: 'b'.repeat(100), middle: 5, after: range(30) })
  assert.deepStrictEqual(inner, { other: range(50) })
})

test('a getter that throws is heard, and the next value is encoded as ever', () => {
  const broken = {
    get x(): never {
      throw new URIError('from the getter')
    },
  }
  assert.throws(() => encode([broken], 'value'), URIError)
  assert.deepStrictEqual(roundTrip([1, 'a']), [1, 'a'])
})

test('a value nested as deep as is allowed comes back', () => {
  let value: unknown = 'bottom'
  for (let depth = 0; depth < 1000; depth += 1) value = depth % 2 === 0 ? [value] : { inner: value }
  let back = roundTrip(value)
  for (let depth = 0; depth < 1000; depth += 1) back = Array.isArray(back) ? back[0] : (back as { inner: unknown }).inner
  assert.equal(back, 'bottom')
})

function range(length: number, from = 0): number[] {
  return Array.from({ length }, (_, index) => from + index)
}

/** An array with these places filled and holes everywhere else. */
function sparse(length: number, ...filled: [place: number, item: unknown][]): unknown[] {
  const items: unknown[] = new Array(length)
  for (const [place, item] of filled) items[place] = item
  return items
}

test('equal values are equal bytes, whatever was encoded before them', () => {
  const values = [
    ['a', new Uint8Array([1, 2, 3]), ['ab', new Float64Array(2)]],
    { numbers: Array.from({ length: 20 }, (_, index) => index), halves: Array.from({ length: 20 }, (_, index) => index / 2) },
    [new DataView(new ArrayBuffer(3)), new ArrayBuffer(5), Buffer.from('x')],
  ]
  for (const value of values) {
    const pictures = [0x00, 0xff, 0x55].map(noise => {
      encode(Buffer.alloc(4096, noise), 'noise')
      return Buffer.from(encode(value, 'value')).toString('hex')
    })
    assert.deepEqual(new Set(pictures).size, 1)
  }
})
