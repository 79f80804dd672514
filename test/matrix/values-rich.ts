// Rows: binary data, collections, dates, errors, and instances of classes.
// biome-ignore-all lint/suspicious/useErrorMessage: an error may have none.
import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import { Exported, ExportedError } from '../fixtures/matrix/exporting.ts'
import { echo, failureOf, type Row, scene, used, value } from './rows.ts'

const binary = [
  ...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array].map(kind =>
    value(`a ${kind.name}`, () => [new kind([1, 2, 255]), new kind(0), new kind(9)]),
  ),
  value('arrays of 64-bit integers', () => [new BigInt64Array([-1n, 2n ** 62n]), new BigUint64Array([2n ** 64n - 1n])]),
  value('NaN, -0 and Infinity in a Float64Array', () => new Float64Array([Number.NaN, -0, Infinity, 0.1])),
  value('a Buffer', () => Buffer.from('žluť')),
  value('an empty Buffer', () => Buffer.alloc(0)),
  value('a part of a Buffer', () => Buffer.from('0123456789').subarray(3, 7)),
  value('a part of a typed array that begins at an odd place', () => new Uint8Array([0, 1, 2, 3, 4]).subarray(1, 4)),
  value('a DataView', () => new DataView(new ArrayBuffer(16), 4, 8)),
  value('an ArrayBuffer', () => new Uint8Array([1, 2, 3]).buffer),
  value('binary data among other things', () => ({ a: 1, b: new Uint8Array(3), c: ['x', new Float64Array([1.5]), Buffer.from('q')] })),
  value('a megabyte of numbers', () => Float64Array.from({ length: 131_072 }, (_, index) => index / 3)),
  value('a large Buffer', () => Buffer.alloc(300_000, 'polyprocess')),
  value('several large arrays, one of them twice', () => {
    const shared = new Uint32Array(50_000).fill(7)
    return [shared, new Uint8Array(200_000).fill(9), { again: shared }]
  }),
  scene('only the bytes of a part travel', async there => {
    const part = Buffer.alloc(100_000).subarray(10, 20)
    assert.equal(await there.run((given: Buffer) => given.buffer.byteLength < 100_000, [part]), true)
  }),
  scene('a large array that arrived can be written, and the sender’s stays as it was', async there => {
    const sent = new Float64Array(100_000).fill(1)
    const back = await there.run((given: Float64Array) => given.fill(2), [sent])
    assert.deepEqual([sent[0], sent[99_999], back[0], back[99_999]], [1, 1, 2, 2])
    back.fill(3)
    assert.equal(back[50_000], 3)
  }),
]

/** The flag that the compiler does not know yet. */
const newest = 'v'

const collections = [
  value('an empty Map and an empty Set', () => [new Map(), new Set()]),
  value(
    'a Map in its order',
    () =>
      new Map<unknown, unknown>([
        ['z', 1],
        [2, 'two'],
        [{}, []],
        [Number.NaN, null],
        [undefined, undefined],
      ]),
  ),
  value('a Map of Maps', () => new Map([[new Map([[1, 2]]), new Map([[3, new Set([4])]])]])),
  value('a Set in its order', () => new Set<unknown>(['z', 1, {}, [], Number.NaN, undefined, null])),
  value('a Map of 5000 entries', () => new Map(Array.from({ length: 5000 }, (_, index) => [`k${index}`, index]))),
  value('dates', () => [new Date(0), new Date(-1), new Date(8.64e15), new Date(Number.NaN)]),
  value('regular expressions', () => [/a/, /a\/b/giu, /(?<year>\d{4})/dmsy, new RegExp('^[[a-z]--b]$', newest), /(?:)/, /é\n/]),
  value('lastIndex of a regular expression', () => Object.assign(/a/g, { lastIndex: 5 })),
  value('URLs', () => [new URL('https://user:pw@example.org:8080/a%20b?q=1#h'), new URLSearchParams('a=1&a=2&b=%C3%A9')]),
  value('boxed primitives', () => [Object(1), Object(-0), Object('é'), Object(false), Object(1n), Object(Symbol.for('boxed'))]),
]

function caught(act: () => unknown): unknown {
  try {
    return act()
  } catch (error) {
    return error
  }
}

const errors = [
  ...[Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map(kind =>
    value(`${kind.name === 'Error' || kind.name === 'EvalError' ? 'an' : 'a'} ${kind.name}`, () => new kind(`of ${kind.name}`)),
  ),
  value('an AggregateError', () => new AggregateError([new TypeError('one'), 'two', { three: 3 }], 'all of them')),
  value('an error without a message', () => new Error()),
  value('a cause', () => new Error('outer', { cause: new TypeError('inner', { cause: { code: 5 } }) })),
  value('a cause that is undefined', () => [new Error('a', { cause: undefined }), new Error('a')]),
  value('an error that is its own cause', () => {
    const error = new Error('circular')
    error.cause = error
    return error
  }),
  value('own properties of an error', () => Object.assign(new Error('coded'), { code: 'ERR_MATRIX', details: { list: [1] }, errno: -2 })),
  value('an error with another name', () => Object.assign(new TypeError('renamed'), { name: 'SpecialError' })),
  value('an error of the system', () => caught(() => readFileSync('/nowhere/at/all'))),
  value('an error of JSON.parse', () => caught(() => JSON.parse('{'))),
  value('errors in a structure', () => ({
    results: [{ status: 'rejected', reason: new RangeError('far') }],
    map: new Map([['e', new Error('e')]]),
  })),
  scene('a DOMException', async there => {
    const back = await there.run(echo, [new DOMException('cancelled', 'AbortError')])
    assert.ok(back instanceof DOMException)
    assert.deepEqual([back.name, back.message, back.code], ['AbortError', 'cancelled', 20])
  }),
  scene('errors of the library', async there => {
    const { TimeoutError, NotSerializableError } = there.library
    const [late, refusal] = await there.run(echo, [[new TimeoutError('too late'), new NotSerializableError('a.b', 'no')]])
    assert.ok(late instanceof TimeoutError && refusal instanceof NotSerializableError)
    assert.deepEqual([late.code, late.message, refusal.path, refusal.message], ['ERR_TIMEOUT', 'too late', 'a.b', 'a.b: no'])
  }),
]

class Point {
  x: number
  y: number
  constructor(x: number, y: number) {
    this.x = x
    this.y = y
  }
  get norm(): number {
    return Math.hypot(this.x, this.y)
  }
  plus(other: Point): Point {
    return new Point(this.x + other.x, this.y + other.y)
  }
}

class Labelled extends Point {
  label = 'none'
  override get norm(): number {
    return super.norm + 1
  }
}

class Stack extends Array<number> {
  top(): number | undefined {
    return this.at(-1)
  }
}

class Defaults extends Map<string, number> {
  fallback = 0
  override get(key: string): number {
    return super.get(key) ?? this.fallback
  }
}

class Names extends Set<string> {}
class Moment extends Date {}
class Octets extends Uint8Array {}

class HttpError extends Error {
  status: number
  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options)
    this.status = status
  }
  override get name(): string {
    return 'HttpError'
  }
}

class Celsius {
  readonly #degrees: number
  constructor(degrees: number) {
    this.#degrees = degrees
  }
  get fahrenheit(): number {
    return this.#degrees * 1.8 + 32
  }
  [Symbol.for('polyprocess.reduce')](): number {
    return this.#degrees
  }
  static [Symbol.for('polyprocess.rebuild')](degrees: number): Celsius {
    return new Celsius(degrees)
  }
}

class Registered {
  readonly #inner: string
  constructor(inner: string) {
    this.#inner = inner
  }
  get inner(): string {
    return this.#inner
  }
}

class Named extends Registered {}

class Node {
  readonly children: Node[] = []
  parent: Node | null = null
  add(child: Node): this {
    child.parent = this
    this.children.push(child)
    return this
  }
}

const instances = [
  value('an instance of a class of this module', () => new Point(3, 4)),
  value('instances of two classes, one derived from the other', () => [new Labelled(1, 2), new Point(1, 2)]),
  value('an instance of a class that another module exports', () => new Exported('e')),
  value('an instance with further properties', () => Object.assign(new Point(1, 2), { extra: [new Point(0, 0)] })),
  value('instances that know each other', () => new Node().add(new Node()).add(new Node().add(new Node()))),
  value('one instance in two places', () => {
    const point = new Point(1, 1)
    return { point, map: new Map([[point, [point]]]) }
  }),
  value('an instance of a class derived from Array', () => Stack.from([1, 2, 3])),
  value('an instance of a class derived from Map', () => Object.assign(new Defaults([['a', 1]]), { fallback: 9 })),
  value('instances of classes derived from Set, Date and Uint8Array', () => [new Names(['a']), new Moment(5), Octets.of(1, 2)]),
  value('an instance of an error class of this module', () => new HttpError(404, 'gone', { cause: new ExportedError('deep', 7) })),
  value('an instance of an error class that another module exports', () => new ExportedError('exported', 5)),
  used(
    'methods and accessors of an instance work',
    () => new Labelled(3, 4),
    made => [made.norm, made.plus(new Point(1, 1)).x],
    [6, 4],
  ),
  used(
    'methods of an instance of a derived Map work',
    () => new Defaults([['a', 1]]),
    made => [made.get('a'), made.get('b'), made.size],
    [1, 0, 1],
  ),
  used(
    'an instance with private fields is rebuilt by its hooks',
    () => new Celsius(100),
    made => made.fahrenheit,
    212,
  ),
  used(
    'an instance with private fields in two places',
    () => [new Celsius(0)].flatMap(one => [one, one]),
    made => made[0] === made[1],
    true,
  ),
  scene('an instance is made without a call of its constructor', async there => {
    class Counting {
      static made = 0
      id = 0
      constructor() {
        Counting.made += 1
      }
    }
    const one = new Counting()
    assert.equal(await there.run((given: Counting) => (given.constructor as typeof Counting).made, [one]), 1)
  }),
  scene('instanceof knows an instance there, and here again', async there => {
    assert.equal(await there.run((given: unknown) => given instanceof Point && given instanceof Labelled, [new Labelled(1, 2)]), true)
    assert.ok((await there.run(() => new Labelled(1, 2))) instanceof Labelled)
    assert.ok((await there.run((given: unknown) => given, [new Exported('x')])) instanceof Exported)
  }),
  scene('a registered class travels as its functions say', async there => {
    there.library.registerClass(Registered, { reduce: one => one.inner, rebuild: inner => new Registered(`${inner}!`) })
    const seen = await there.run((given: Registered) => [given instanceof Registered, given.inner], [new Registered('a')])
    assert.deepEqual(seen, [true, 'a!'])
  }),
  scene('a class that both sides register travels in both directions', async there => {
    type Register = typeof there.library.registerClass
    const register = (registerClass: Register, cls: typeof Named): void =>
      registerClass(cls, { name: 'matrix.Named', reduce: one => one.inner, rebuild: inner => new cls(`${inner}!`) })
    register(there.library.registerClass, Named)
    await there.run(register, [there.library.registerClass, Named])
    const back = await there.run((given: Named) => [given.inner, given], [new Named('a')])
    assert.deepEqual([back[0], back[1] instanceof Named, back[1].inner], ['a!', true, 'a!!'])
  }),

  scene('a class of a module of Node that is extended keeps what is inherited', async there => {
    class Ticker extends EventEmitter {
      tick(): number {
        let heard = 0
        this.on('tick', (by: number) => {
          heard += by
        })
        this.emit('tick', 3)
        return heard
      }
    }
    assert.equal(await there.run(() => new Ticker().tick()), 3)
  }),
  scene('an instance with private fields and without hooks is refused', async there => {
    class Secret {
      readonly #inside = 1
      get inside(): number {
        return this.#inside
      }
    }
    const error = (await failureOf(() => there.run(echo, [{ secret: new Secret() }]))) as Error
    assert.match(error.message, /^args\[0\]\.secret: .*Secret.*(reduce|registerClass)/)
  }),
]

export const richRows: readonly Row[] = [...binary, ...collections, ...errors, ...instances]
