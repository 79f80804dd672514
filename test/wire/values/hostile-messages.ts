// Messages that no encoder wrote: random bytes, and valid messages that were damaged. Everything follows from a seed.
import assert from 'node:assert/strict'
import { MultiprocessingError } from '../../../src/base/errors.ts'
import { registerClass } from '../../../src/wire/classes.ts'
import { decode } from '../../../src/wire/values/decoder.ts'
import { encode } from '../../../src/wire/values/encoder.ts'

/** Larger than any message here can pay for: none of them is longer than some hundred bytes. */
const MUCH_MEMORY = 64 * 1024 * 1024

class Named {
  a = 1
  list = [1]
}
class Hooked {
  readonly data: unknown
  constructor(data: unknown) {
    this.data = data
  }
}
registerClass(Named, { name: 'hostile.Named' })
registerClass(Hooked, { name: 'hostile.Hooked', reduce: hooked => hooked.data, rebuild: data => new Hooked(data) })

/** One message of each kind of value. */
export function validMessages(): Uint8Array[] {
  const shared = { a: [1], name: 'shared' }
  const cyclic: Record<string, unknown> = { list: [] }
  cyclic.self = [cyclic]
  const sparse: unknown[] = [1]
  sparse[1_000_000] = shared
  const values: unknown[] = [
    [1, -5, 0.5, 'text', 'é', '日本', true, null, undefined, 1n, 10n ** 30n, 2 ** 40, Symbol.for('k'), Symbol.iterator],
    { id: 1, name: 'a name', args: [1, 2, 'x'], ok: true, nested: { id: 2, name: 'b' } },
    [shared, shared, { id: 1 }, { id: 2 }],
    cyclic,
    sparse,
    [
      new Map<unknown, unknown>([['k', shared]]),
      new Set([shared, 1]),
      new Date(5),
      /a+/gi,
      new URL('http://a.b/?c'),
      new URLSearchParams('a=1'),
    ],
    [Object(1), Object('s'), Object(1n), Object(Symbol.for('k')), /b(?<n>c)?/d.exec('abc')],
    [new TypeError('why', { cause: shared }), new AggregateError([new Error('x')], 'many'), new DOMException('m', 'AbortError')],
    [new Float64Array([1, 2]), Buffer.from('abc'), new DataView(new ArrayBuffer(3)), new ArrayBuffer(9), new BigInt64Array(2)],
    [Array.from({ length: 30 }, (_, index) => index), Array.from({ length: 30 }, (_, index) => index / 2)],
    Object.fromEntries(Array.from({ length: 70 }, (_, index) => [`key${index}`, index])),
    JSON.parse('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}'),
    Object.assign(Object.create(null) as object, { a: 1, b: shared }),
    [new Named(), new Hooked([new Named()])],
  ]
  return values.map(value => Uint8Array.from(encode(value, 'value')))
}

/** Integers from 0 on, the same for the same seed (xorshift of G. Marsaglia). */
export function generator(seed: number): () => number {
  let state = seed | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 1
  }
}

/** Cut short, with bytes changed, with a part put elsewhere, or joined with another. */
export function damaged(bytes: Uint8Array, other: Uint8Array, random: () => number): Uint8Array {
  const copy = Uint8Array.from(bytes)
  switch (random() % 4) {
    case 0:
      return copy.subarray(0, random() % copy.length)
    case 1:
      for (let count = 1 + (random() % 4); count > 0; count -= 1) copy[random() % copy.length] = random() & 255
      return copy
    case 2:
      copy.copyWithin(random() % copy.length, random() % copy.length)
      return copy
    default:
      return Buffer.concat([copy.subarray(0, random() % copy.length), other.subarray(random() % other.length)])
  }
}

/** Random bytes, most of them tags: plain noise seldom gets far. */
export function noise(random: () => number): Uint8Array {
  return Uint8Array.from({ length: 1 + (random() % 120) }, () => (random() % 3 === 0 ? random() & 255 : random() % 48))
}

/** How a message ended: its value, or the error that it should be. Any other error is thrown on. */
export function attempt(bytes: Uint8Array): 'value' | 'error' {
  try {
    decode(bytes)
    return 'value'
  } catch (error) {
    if (error instanceof MultiprocessingError && error.code === 'ERR_BAD_MESSAGE') return 'error'
    throw new Error(`Decoding ${Buffer.from(bytes).toString('hex')} threw another error`, { cause: error })
  }
}

/** Runs `work` and checks that nothing global is another afterwards. */
export function withGlobalsWatched(work: () => void): void {
  const before = picture()
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0 // Stacks are nine tenths of the time that the errors take.
  const memory = process.memoryUsage()
  try {
    work()
    assert.equal(Error.stackTraceLimit, 0, 'the limit of stacks is as it was')
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
  assert.ok(process.memoryUsage().arrayBuffers - memory.arrayBuffers < MUCH_MEMORY, 'no memory was taken that no message paid for')
  assert.deepEqual(picture(), before)
}

/** What pollution would change. */
function picture(): unknown[] {
  const watched = [Object, Array, Map, Set, Error, Function, String, Number, Date, RegExp, Promise, Symbol, Uint8Array, Named, Hooked]
  return [
    Object.getOwnPropertyNames(globalThis),
    ...watched.map(each => [Reflect.ownKeys(each), Reflect.ownKeys(each.prototype as object), Object.getPrototypeOf(each.prototype)]),
  ]
}
