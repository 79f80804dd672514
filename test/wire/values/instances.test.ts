import assert, { AssertionError } from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { isNativeError } from 'node:util/types'
import { rebuild, reduce, registerClass } from '../../../src/wire/classes.ts'
import { decode } from '../../../src/wire/values/decoder.ts'
import { encode } from '../../../src/wire/values/encoder.ts'
import { assertSameGraph } from './same-graph.ts'
import { roundTrip, TestCapability } from './test-capability.ts'

class Point {
  x = 1
  readonly y: number
  constructor(y: number) {
    if (y === undefined) throw new Error('The constructor must not be called')
    this.y = y
  }
  get sum(): number {
    return this.x + this.y
  }
}
class Point3 extends Point {
  z = [3]
}
class List extends Array<unknown> {
  label = 'list'
}
class Table extends Map<unknown, unknown> {
  label = 'table'
  override set(): this {
    throw new Error('The method must not be called')
  }
}
class Bag extends Set<unknown> {
  label = { of: 'bag' }
}
class Day extends Date {
  label = 'day'
}
class Pattern extends RegExp {
  label = 'pattern'
}
class Floats extends Float64Array {
  label = 'floats'
}
class Octets extends Uint8Array {}
class Memory extends ArrayBuffer {
  label = 'memory'
}
class Count extends Number {
  label = 'count'
}
class Link extends URL {
  label = 'link'
}
class HttpError extends TypeError {
  readonly status: number
  constructor(status: number, options?: ErrorOptions) {
    super(`status ${status}`, options)
    this.status = status
    this.name = 'HttpError'
  }
}
class Many extends AggregateError {}
function OldStyle(this: { a: number }): void {
  this.a = 1
}
OldStyle.prototype.twice = function twice(this: { a: number }): number {
  return this.a * 2
}
class Emitter extends EventEmitter {
  own = 1
}

const make = OldStyle as unknown as new () => object
const instances: readonly (readonly [string, () => object])[] = [
  ['a class', () => new Point(2)],
  ['a class that extends another', () => new Point3(2)],
  ['a class that extends Array', () => List.from([1, { a: 2 }, 'c'])],
  ['a class that extends Array, with numbers', () => List.from(Array.from({ length: 50 }, (_, index) => index))],
  ['a class that extends Array, with holes', () => Object.assign(new List(4), { 2: 'x' })],
  ['a class that extends Map', () => Map.prototype.set.call(new Table(), 'k', { v: 1 })],
  ['a class that extends Set', () => new Bag([1, {}])],
  ['a class that extends Date', () => new Day(5)],
  ['a class that extends RegExp', () => new Pattern('a+', 'gi')],
  ['a class that extends a typed array', () => new Floats([1, 2.5])],
  ['a class that extends Uint8Array', () => new Octets([1, 2])],
  ['a class that extends ArrayBuffer', () => new Memory(5)],
  ['a class that extends Number', () => new Count(5)],
  ['a class that extends URL', () => new Link('http://a.b/c')],
  ['a class of errors', () => new HttpError(404, { cause: new HttpError(500) })],
  ['a class of many errors', () => new Many([new HttpError(1)], 'many')],
  ['a constructor of the old style', () => new make()],
  ['a class that extends EventEmitter', () => new Emitter()],
]

for (const [name, makeOne] of instances) {
  test(`an instance of ${name} is one again, without its constructor being called, alone and shared`, () => {
    const instance = makeOne()
    const value = [instance, { again: instance }, makeOne()]
    assertSameGraph(roundTrip(value, new TestCapability()), value)
  })
}

test('an error of a class of Node and an object with the prototype of a function come back', () => {
  const error = new AssertionError({ actual: 1, expected: { a: 2 }, operator: 'is' })
  const namespace = Object.assign(Object.create(Function.prototype) as object, { default: 5 })
  assertSameGraph(roundTrip([error, namespace], new TestCapability()), [error, namespace])
})

test('errors of own classes are errors inside', () => {
  const back = roundTrip(new HttpError(404), new TestCapability()) as HttpError
  assert.ok(isNativeError(back) && back instanceof HttpError && back instanceof TypeError)
  assert.deepEqual([back.status, back.message, back.name], [404, 'status 404', 'HttpError'])
})

test('an instance that contains itself, and one that is a part of its own class, come back', () => {
  const capability = new TestCapability()
  const point = Object.assign(new Point(1), { self: null as unknown })
  point.self = [point]
  assertSameGraph(roundTrip(point, capability), point)
  for (const value of [new Point(3), new List(), Map.prototype.set.call(new Table(), 1, 2), new HttpError(5)]) {
    // As if a variable or a static property of the class held the instance.
    capability.captured.set(value.constructor as never, { instance: value })
    const back = roundTrip(value, capability)
    const { instance } = capability.captured.get(value.constructor as never) as { instance: object }
    assert.ok(instance === back, value.constructor.name)
  }
})

test('setters and frozen properties of the class are not touched', () => {
  class Guarded {
    set own(_: number) {
      throw new Error('The setter must not be called')
    }
  }
  const value = Object.defineProperty(new Guarded(), 'own', { value: 5, enumerable: true, writable: true, configurable: true })
  assert.equal(Object.getOwnPropertyDescriptor(roundTrip(value, new TestCapability()), 'own')?.value, 5)
})

test('what a class makes of the names of its base is not asked for', () => {
  class Sized extends Map<unknown, unknown> {
    override get size(): number {
      return 99
    }
    override forEach(): void {}
  }
  class Bagged extends Set<unknown> {
    override get size(): number {
      return 99
    }
    override forEach(): void {}
  }
  class Timeless extends Date {
    override getTime(): number {
      return Number.NaN
    }
  }
  class Secretive extends RegExp {
    override get source(): string {
      return '('
    }
    override get flags(): string {
      return 'none'
    }
  }
  const value = [new Sized([[1, 2]]), new Bagged([3]), new Timeless(5), new Secretive('a', 'g')]
  const [map, set, date, pattern] = roundTrip(value, new TestCapability()) as [Sized, Bagged, Timeless, Secretive]
  assert.deepEqual([[...map], [...set], date.valueOf()], [[[1, 2]], [3], 5])
  assert.ok(pattern instanceof Secretive && pattern.global && 'bab'.search(pattern) === 1)
})

class Money {
  readonly #cents: number
  constructor(cents: number) {
    this.#cents = cents
  }
  get cents(): number {
    return this.#cents
  }
  [reduce](): unknown {
    return { cents: this.#cents }
  }
  static [rebuild](data: { cents: number }): Money {
    return new this(data.cents)
  }
}
class Euro extends Money {}

test('hooks that are members of the class are used, also by a class that extends it', () => {
  const money = new Money(5)
  const back = roundTrip([money, money, new Euro(7)], new TestCapability()) as Money[]
  assert.ok(back[0] instanceof Money && back[0] === back[1] && back[2] instanceof Euro)
  assert.deepEqual(
    back.map(each => each.cents),
    [5, 5, 7],
  )
})

test('hooks that are registered without a name travel with the class', () => {
  class Secret {
    readonly key: string
    constructor(key: string) {
      this.key = key
    }
  }
  registerClass(Secret, { reduce: secret => secret.key.split(''), rebuild: data => new Secret(data.join('')) })
  const capability = new TestCapability()
  assert.deepEqual(roundTrip({ secret: new Secret('abc') }, capability), { secret: new Secret('abc') })
  assert.equal(capability.functions.length, 2, 'the class and the rebuild hook')
})

test('a registered name is all that is needed where no code travels', () => {
  class Plain {
    a = [1]
  }
  class Hooked {
    readonly text: string
    constructor(text: string) {
      this.text = text
    }
  }
  class Failed extends RangeError {}
  registerClass(Plain, { name: 'test.Plain' })
  registerClass(Hooked, { name: 'test.Hooked', reduce: hooked => hooked.text, rebuild: text => new Hooked(text) })
  registerClass(Failed, { name: 'test.Failed' })
  const value = [new Plain(), new Hooked('x'), new Failed('why')]
  assertSameGraph(roundTrip(value), value)
  assertSameGraph(roundTrip(value, new TestCapability()), value)
})

test("the receiver's own class of a registered name is taken, and a name that it does not know is named", () => {
  class Here {
    a = 1
  }
  class There {
    a = 1
  }
  registerClass(Here, { name: 'test.Two' })
  const message = Uint8Array.from(encode(new Here(), 'value'))
  registerClass(There, { name: 'test.Two' })
  assert.ok(decode(message) instanceof There)
  const unknown = Buffer.from(Buffer.from(message).toString('latin1').replace('test.Two', 'test.No1'), 'latin1')
  assert.throws(() => decode(unknown), { code: 'ERR_BAD_MESSAGE', message: /no class named test\.No1.*registerClass/ })
})

test('a class with a rebuild hook is never made without it', () => {
  class Strict {
    a = 1
  }
  registerClass(Strict, { name: 'test.Strict' })
  const message = Uint8Array.from(encode(new Strict(), 'value'))
  registerClass(Strict, { name: 'test.Strict', reduce: () => 1, rebuild: () => new Strict() })
  assert.throws(() => decode(message), { code: 'ERR_BAD_MESSAGE', message: /rebuild hook/ })
})

for (const made of ['text', undefined, null, () => 1, Symbol.for('made')]) {
  test(`a rebuild hook may give ${String(made)}, which is then wherever the instance was`, () => {
    class Replaced {}
    registerClass(Replaced, { reduce: () => ({ list: [1] }), rebuild: () => made })
    const value = new Replaced()
    const shared = { a: 1 }
    assert.deepStrictEqual(roundTrip([shared, value, { again: value }, shared], new TestCapability()), [
      shared,
      made,
      { again: made },
      shared,
    ])
  })
}

test('hooks that give promises are refused, where they stand', () => {
  class Late {}
  registerClass(Late, { name: 'test.Late', reduce: async () => 1, rebuild: () => new Late() })
  assert.throws(() => encode([new Late()], 'args'), {
    code: 'ERR_NOT_SERIALIZABLE',
    message: /^args\[0\] .*a Promise cannot travel: await/,
  })
  registerClass(Late, { name: 'test.Late', reduce: () => 1, rebuild: async () => new Late() })
  const message = Uint8Array.from(encode([new Late()], 'args'))
  assert.throws(() => decode(message), { code: 'ERR_BAD_MESSAGE', message: /rebuild hook of Late gave a promise/ })
})

test('what hooks throw, and what they give that cannot travel, is said with the path or the name of the class', () => {
  class Failing {}
  const failure = new Error('no data today')
  const fail = (): never => {
    throw failure
  }
  registerClass(Failing, { name: 'test.Failing', reduce: fail, rebuild: fail })
  assert.throws(() => encode([new Failing()], 'args'), failure)
  registerClass(Failing, { name: 'test.Failing', reduce: () => [{ key: Symbol('s') }], rebuild: fail })
  assert.throws(() => encode([new Failing()], 'args'), { path: 'args[0] ‹what its reduce hook gave›[0].key' })
  registerClass(Failing, { name: 'test.Failing', reduce: given => given, rebuild: fail })
  assert.throws(() => encode([new Failing()], 'args'), { message: /cannot be a part of its own data/ })
  registerClass(Failing, { name: 'test.Failing', reduce: () => 1, rebuild: fail })
  const message = Uint8Array.from(encode([new Failing()], 'args'))
  assert.throws(() => decode(message), {
    code: 'ERR_BAD_MESSAGE',
    message: /rebuild hook of Failing threw Error: no data today/,
    cause: failure,
  })
})

test('a class that extends a registered one is not registered by that', () => {
  class Base {
    a = 1
  }
  class Derived extends Base {
    b = 2
  }
  registerClass(Base, { name: 'test.Base', reduce: () => 5, rebuild: () => new Base() })
  assertSameGraph(roundTrip(new Derived(), new TestCapability()), new Derived())
  assert.throws(() => encode(new Derived(), 'value'), /an instance of Derived cannot travel on this channel/)
})

test('a hook may encode and decode values itself', () => {
  class Nested {
    [reduce](): unknown {
      return Array.from(encode({ inner: [1, 2] }, 'inner'))
    }
    static [rebuild](data: number[]): unknown {
      return { nested: decode(Uint8Array.from(data)) }
    }
  }
  assert.deepEqual(roundTrip([1, new Nested(), { after: 2 }], new TestCapability()), [1, { nested: { inner: [1, 2] } }, { after: 2 }])
})

test('registering what is no class, or hooks that are no functions, is refused', () => {
  assert.throws(() => registerClass((() => {}) as never), { name: 'TypeError', message: /^Expected `cls` to be a class/ })
  assert.throws(() => registerClass(Point, { name: 5 as never }), /Expected `name` to be a string/)
  assert.throws(() => registerClass(Point, { reduce: 'x' as never }), /Expected `reduce` to be a function/)
})
