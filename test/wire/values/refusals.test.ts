import assert from 'node:assert/strict'
import { createHash, createSecretKey } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { open } from 'node:fs/promises'
import { createServer, Socket } from 'node:net'
import { PassThrough, Transform } from 'node:stream'
import { test } from 'node:test'
import { MessageChannel } from 'node:worker_threads'
import { NotSerializableError } from '../../../src/base/errors.ts'
import { rebuild, reduce } from '../../../src/wire/classes.ts'
import type { Capability } from '../../../src/wire/values/capability.ts'
import { decode } from '../../../src/wire/values/decoder.ts'
import { encode } from '../../../src/wire/values/encoder.ts'
import { TestCapability } from './test-capability.ts'

class Point {
  x = 1
}
class Upper extends Transform {}
class HalfHooked {
  [reduce](): number {
    return 1
  }
}
class Circular {
  [reduce](): unknown {
    return { again: [this] }
  }
  static [rebuild](): unknown {
    return {}
  }
}

const onData = (): void => {}
const timer = setTimeout(onData, 0)
clearTimeout(timer)
const { port1, port2 } = new MessageChannel()
port1.close()
port2.close()
const unique = Symbol('s')

const refused: readonly (readonly [string, unknown, string])[] = [
  ['a symbol of this process', { a: unique }, 'args.a: Symbol(s) is known in this process only'],
  ['a Promise', [Promise.resolve()], 'args[0]: a Promise cannot travel: await it first'],
  ['a generator', [(function* () {})()], 'args[0]: a generator that runs'],
  ['an iterator of a Map', [new Map().keys()], 'args[0]: an iterator cannot travel'],
  ['an iterator of an array', [[][Symbol.iterator]()], 'args[0]: an object whose prototype belongs to no class'],
  ['a WeakMap', [new WeakMap()], 'args[0]: a WeakMap cannot travel: nobody can list what it holds. Send a Map'],
  ['a WeakSet', [new WeakSet()], 'args[0]: a WeakSet'],
  ['a WeakRef', [new WeakRef({})], 'args[0]: a WeakRef'],
  ['shared memory', { memory: new SharedArrayBuffer(8) }, 'args.memory: a SharedArrayBuffer cannot leave its process'],
  ['a view of shared memory', [new Int32Array(new SharedArrayBuffer(8))], 'args[0]: a view of a SharedArrayBuffer cannot leave'],
  ['a proxy of an instance', [new Proxy(new Point(), {})], 'args[0]: a Proxy cannot travel'],
  ['a proxy of a Map', [new Proxy(new Map(), {})], 'args[0]: a Proxy cannot travel'],
  ['a socket', { 'the socket': new Socket() }, 'args["the socket"]: a stream cannot travel'],
  ['a stream', [new PassThrough()], 'args[0]: a stream cannot travel'],
  ['a stream of an own class', [new Upper()], 'args[0]: a stream cannot travel'],
  ['a server', [createServer()], 'args[0]: a server cannot travel'],
  ['an EventEmitter', [new EventEmitter()], 'args[0]: an EventEmitter cannot travel'],
  ['an AbortSignal', [new AbortController().signal], 'args[0]: an AbortSignal cannot travel'],
  ['a timer', [timer], 'args[0]: a timer cannot travel'],
  ['a port', [port1], 'args[0]: a MessagePort cannot travel'],
  ['a key', [createSecretKey(Buffer.from('key'))], 'args[0]: a KeyObject cannot travel'],
  ['a hash', [createHash('sha256')], 'args[0]: a '],
  ['a Blob', [new Blob([])], 'args[0]: a Blob cannot travel: send its bytes'],
  ['a TextDecoder', [new TextDecoder()], "args[0]: an instance of TextDecoder, a class of Node's own, cannot travel"],
  ['a formatter', [new Intl.NumberFormat()], "args[0]: an instance of NumberFormat, a class of the language's own, cannot travel"],
  ['an object with an object as its prototype', [Object.create({ a: 1 })], 'args[0]: an object whose prototype belongs to no class'],
  ['an object that only looks like a Map', [Object.create(Map.prototype)], 'args[0]: an object with the prototype of Map, which it is not'],
  [
    'an instance with half of the hooks',
    [new HalfHooked()],
    'args[0]: an instance of HalfHooked cannot travel: the class has a reduce hook but',
  ],
  [
    'an instance whose data contains it',
    [new Circular()],
    'args[0] ‹what its reduce hook gave›.again[0]: an instance whose class has a reduce hook cannot be',
  ],
  ['a value in a Map', [new Map([['a key', [unique]]])], 'args[0] ‹value of "a key"›[0]: Symbol(s)'],
  [
    'a key of a Map',
    [
      new Map<unknown, unknown>([
        [1, 2],
        [[unique], 1],
      ]),
    ],
    'args[0] ‹key 1›[0]: Symbol(s)',
  ],
  ['a value of a Map under an object', [new Map([[{}, unique]])], 'args[0] ‹value 0›: Symbol(s)'],
  ['an item of a Set', [new Set([1, unique])], 'args[0] ‹item 1›: Symbol(s)'],
  ['a property of an error', [Object.assign(new Error('x'), { part: { s: unique } })], 'args[0].part.s: Symbol(s)'],
  ['a property of an instance', [Object.assign(new Point(), { x: unique })], 'args[0].x: Symbol(s)'],
  ['an item behind holes', [Object.assign(new Array(9), { 7: unique })], 'args[0][7]: Symbol(s)'],
]

for (const [name, value, message] of refused) {
  test(`${name} is refused with the path to it and a reason`, () => {
    const capability = new TestCapability()
    for (let round = 0; round < 2; round += 1) {
      assert.throws(() => encode(value, 'args', { capability }), isRefusal(message))
      assert.deepEqual(decode(encode([1, 'a'], 'args')), [1, 'a'], 'the next value is encoded as ever')
    }
  })
}

test('an open file is refused with the path to it', async () => {
  const file = await open(process.execPath)
  try {
    assert.throws(() => encode({ file }, 'args', { capability: new TestCapability() }), isRefusal('args.file: a FileHandle cannot travel'))
  } finally {
    await file.close()
  }
})

const code: readonly (readonly [string, unknown, string])[] = [
  ['a function', [{ options: { onData } }], 'args[0].options.onData: a function cannot travel on this channel'],
  ['a class', { Point }, 'args.Point: a function cannot travel on this channel'],
  ['an instance', [[new Point()]], 'args[0][0]: an instance of Point cannot travel on this channel'],
  [
    'an instance of a class without a name',
    [new (class {})()],
    'args[0]: an instance of a class without a name cannot travel on this channel',
  ],
]

for (const [name, value, message] of code) {
  test(`without a capability ${name} is refused, with one it is not`, () => {
    assert.throws(() => encode(value, 'args'), isRefusal(message))
    encode(value, 'args', { capability: new TestCapability() })
  })
}

test('what a capability refuses is named by the path to it', () => {
  const capability: Capability = Object.assign(new TestCapability(), {
    checkInstance: (writer: { refuse(reason: string): never }) => writer.refuse('has private fields'),
  })
  assert.throws(() => encode([{ a: new Point() }], 'args', { capability }), isRefusal('args[0].a: has private fields'))
})

test('a value nested too deep is refused instead of overflowing the stack', () => {
  const wrappers: readonly ((inner: unknown) => unknown)[] = [inner => [inner], inner => ({ inner }), inner => new Map([[1, inner]])]
  for (const wrap of wrappers) {
    let value: unknown = 1
    for (let depth = 0; depth < 100_000; depth += 1) value = wrap(value)
    assert.throws(
      () => encode([0, value], 'args'),
      error =>
        isRefusal('args[1]')(error) &&
        /nested (more than 1000 levels|too deep)/.test(String(error)) &&
        (error as NotSerializableError).path.length < 300,
    )
  }
})

function isRefusal(message: string): (error: unknown) => boolean {
  return error => {
    assert.ok(error instanceof NotSerializableError, String(error))
    assert.ok(error.message.startsWith(message), `${error.message} does not start with ${message}`)
    assert.ok(error.message.startsWith(`${error.path}: `))
    return true
  }
}
