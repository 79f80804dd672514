import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runInNewContext } from 'node:vm'
import { encode } from '../../../src/wire/values/encoder.ts'
import { assertSameGraph } from './same-graph.ts'
import { roundTrip } from './test-capability.ts'

const lastIndex = /a/g
lastIndex.lastIndex = 7

const same: readonly (readonly [string, readonly unknown[]])[] = [
  [
    'Maps',
    [
      new Map(),
      new Map<unknown, unknown>([
        ['k', 1],
        [{ a: 1 }, [2]],
        [Number.NaN, -0],
        [new Map([[1, 2]]), undefined],
      ]),
    ],
  ],
  ['Sets', [new Set(), new Set([1, 'a', { b: 1 }, new Set([[]])])]],
  ['dates', [new Date(0), new Date(-1), new Date(8.64e15), new Date(Number.NaN)]],
  ['regular expressions', [/a+b/, /[/\]\n]ä/dgimsuy, lastIndex, /(?:)/, /a\/b/]],
  ['URLs', [new URL('https://user:pass@example.org:8080/p/a?q=1&r=é#frag'), new URL('data:text/plain,a')]],
  ['URL parameters', [new URLSearchParams(), new URLSearchParams('a=1&b=2&a=3&é=%20')]],
  ['boxed primitives', [Object(1), Object(-0), Object('text'), Object(''), Object(true), Object(1n), Object(Symbol.for('boxed'))]],
  ['buffers of bytes', [new ArrayBuffer(0), Uint8Array.of(1, 2, 3).buffer, new DataView(Uint8Array.of(1, 2, 3, 4).buffer)]],
  ['symbols', [Symbol.for('a key'), Symbol.for(''), Symbol.iterator, Symbol.asyncIterator, Symbol.hasInstance]],
  ['matches', [/(?<a>b)(?:(c)|d)/.exec('abd'), /b(?<n>c)?/d.exec('abc'), [...'a1b2'.matchAll(/[a-z](\d)/g)]]],
]

for (const [name, values] of same) {
  test(`${name} come back as they were, alone, and shared with others`, () => {
    for (const value of values) {
      assertSameGraph(roundTrip(value), value)
      assertSameGraph(roundTrip([value, { again: value }, 'end']), [value, { again: value }, 'end'])
    }
  })
}

test('a view of a part of a buffer travels as that part', () => {
  const memory = new Uint8Array(100).map((_, index) => index).buffer
  const view = roundTrip(new DataView(memory, 3, 5)) as DataView
  assert.deepEqual([view.byteLength, view.buffer.byteLength, view.getUint8(0)], [5, 5, 3])
})

test('a buffer that can be resized comes back with its bytes and a fixed length', () => {
  const Resizable = ArrayBuffer as unknown as new (length: number, options: { maxByteLength: number }) => ArrayBuffer
  const buffer = new Resizable(4, { maxByteLength: 100 })
  new Uint8Array(buffer).set([1, 2, 3, 4])
  const back = roundTrip([buffer, new Uint8Array(buffer, 1, 2)]) as [ArrayBuffer & { resizable?: boolean }, Uint8Array]
  assert.deepEqual([...new Uint8Array(back[0])], [1, 2, 3, 4])
  assert.notEqual(back[0].resizable, true)
  assert.deepEqual([...back[1]], [2, 3])
})

test('memory that was transferred is refused with the path to it', () => {
  const buffer = new ArrayBuffer(8)
  const gone = [buffer, new Uint8Array(buffer), new Float64Array(buffer), new DataView(buffer), Buffer.from(buffer)]
  structuredClone(buffer, { transfer: [buffer] })
  for (const value of gone) {
    assert.throws(() => encode({ list: [value] }, 'args'), {
      code: 'ERR_NOT_SERIALIZABLE',
      message: 'args.list[0]: its memory was transferred and is somewhere else now',
    })
  }
})

test('the bytes of a Buffer out of a pool are its own and no others', () => {
  const value = Buffer.from('some text')
  assert.ok(value.buffer.byteLength > value.length, 'it is a part of a pool')
  const back = roundTrip([value, value.subarray(2, 4)]) as [Buffer, Buffer]
  assert.deepEqual(back, [value, value.subarray(2, 4)])
  assert.ok(back.every(each => each.buffer.byteLength === each.length))
})

test('a Proxy of plain data travels as a copy of what it shows', () => {
  const shown = new Proxy({ a: 1, hidden: 2 }, { ownKeys: () => ['a'], get: (target, key) => [Reflect.get(target, key)] })
  assert.deepStrictEqual(roundTrip([shown, new Proxy([1, 2], {})]), [{ a: [1] }, [1, 2]])
})

test('objects of another realm are taken for what they are', () => {
  const foreign =
    runInNewContext(`({ list: [1, , { a: 2 }], map: new Map([['k', new Set([1])]]), date: new Date(5), error: new TypeError('why'),
    bytes: new Uint8Array([1, 2]), match: /b/.exec('abc') })`) as Record<string, unknown>
  const back = roundTrip(foreign) as Record<string, unknown>
  const { error, ...rest } = back
  // biome-ignore lint/suspicious/noSparseArray: the hole is what is tested.
  const list = [1, , { a: 2 }]
  const match = /b/.exec('abc')
  assert.deepStrictEqual(rest, { list, map: new Map([['k', new Set([1])]]), date: new Date(5), bytes: Uint8Array.of(1, 2), match })
  assert.ok(error instanceof TypeError)
  assert.equal(error.message, 'why')
})

test('a Map that is changed while it is written is written as it was', () => {
  const map = new Map<unknown, unknown>()
  const value = {
    get grow(): number {
      map.set('late', 1)
      return 1
    },
  }
  map.set('a', value).set('b', 2)
  assert.deepEqual([...(roundTrip(map) as Map<string, unknown>).keys()], ['a', 'b'])
})
