import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NotSerializableError, RemoteError, TimeoutError, WorkerDiedError } from '../../src/base/errors.ts'
import { decode } from '../../src/wire/values/decoder.ts'
import { encode } from '../../src/wire/values/encoder.ts'
import { describeThrown, rebuildThrown, type ThrownDescription } from '../../src/wire/remote-error.ts'

function send(thrown: unknown): unknown {
  const message = Uint8Array.from(encode(describeThrown(thrown, null), 'error'))
  return rebuildThrown(decode(message) as ThrownDescription, 'PoolWorker-1, process 42')
}

for (const constructor of [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError]) {
  test(`a ${constructor.name} stays one`, () => {
    const back = send(new constructor('why')) as Error
    assert.equal(Object.getPrototypeOf(back), constructor.prototype)
    assert.equal(back.message, 'why')
    assert.equal(back.name, constructor.name)
    assert.ok(!Object.keys(back).includes('message'))
  })
}

test('the stack is the far one, with the place of the far process at its end', () => {
  const thrown = new TypeError('why')
  const back = send(thrown) as Error
  assert.ok(thrown.stack?.startsWith(String(back.stack).replace(/\n.*$/, '')))
  assert.match(String(back.stack), /at TestContext.*remote-error\.test/)
  assert.ok(back.stack?.endsWith('\n    at (in PoolWorker-1, process 42)'))
})

test('a code and other own properties come along, what cannot travel is left out', () => {
  const back = send(Object.assign(new Error('why'), { code: 'E_MINE', detail: { list: [1] }, onData: () => {} })) as Error &
    Record<string, unknown>
  assert.deepEqual(Object.entries(back), [
    ['code', 'E_MINE'],
    ['detail', { list: [1] }],
  ])
})

test('causes come along, errors or not, and a circle of them ends', () => {
  const back = send(new Error('outer', { cause: new TypeError('inner', { cause: 'text' }) })) as Error
  const inner = back.cause as Error
  assert.ok(inner instanceof TypeError)
  assert.equal(inner.cause, 'text')
  assert.ok(!('cause' in (send(new Error('none')) as Error)))
  const circle = new Error('again')
  circle.cause = circle
  assert.equal(((send(circle) as Error).cause as Error).message, 'again')
})

test('an error of a class that only the far side has is a RemoteError with its text and stack', () => {
  class HttpError extends Error {
    readonly status = 404
    override name = 'HttpError'
  }
  const thrown = new HttpError('not found')
  const back = send(thrown) as RemoteError & { status: number }
  assert.ok(back instanceof RemoteError)
  assert.equal(back.message, 'HttpError: not found')
  assert.equal(back.code, 'ERR_REMOTE')
  assert.equal(back.status, 404)
  assert.equal(back.remoteStack, thrown.stack)
  assert.match(String(back.stack), /^RemoteError: HttpError: not found\n {4}at .*remote-error\.test/)
})

test('a class of the same name as one of the language or the library is not taken for it', () => {
  const impostors = [class TypeError extends Error {}, class TimeoutError extends Error {}]
  for (const Impostor of impostors) assert.ok(send(new Impostor('x')) instanceof RemoteError)
})

test('errors of the library stay what they are', () => {
  const unsendable = send(new NotSerializableError('args[0].f', 'no')) as NotSerializableError
  assert.ok(unsendable instanceof NotSerializableError)
  assert.deepEqual(
    [unsendable.path, unsendable.code, unsendable.message, unsendable.name],
    ['args[0].f', 'ERR_NOT_SERIALIZABLE', 'args[0].f: no', 'NotSerializableError'],
  )
  const late = send(new TimeoutError()) as TimeoutError
  assert.ok(late instanceof TimeoutError)
  assert.equal(late.code, 'ERR_TIMEOUT')
  const died = send(new WorkerDiedError('gone', { pid: 5, exitCode: 3, signal: null, stderrTail: '' })) as WorkerDiedError
  assert.ok(died instanceof WorkerDiedError)
  assert.deepEqual([died.pid, died.exitCode, died.signal], [5, 3, null])
})

for (const value of [undefined, null, 5, 'text', { plain: [1] }, -0]) {
  test(`a thrown ${typeof value} that is no error arrives as it is`, () => {
    assert.deepStrictEqual(send(value), value)
  })
}

test('a thrown value that cannot travel arrives as its text', () => {
  assert.equal(send(Symbol('s')), 'Symbol(s)')
  assert.equal(send(new WeakMap()), '[object WeakMap]')
  assert.match(String(send(function named() {})), /function named/)
})

const hostile: readonly (readonly [string, unknown])[] = [
  ['has no way to become text', Object.assign(Object.create(null), { call: () => {} })],
  ['has a getter that throws', Object.defineProperty(new Error('x'), 'bad', { enumerable: true, get: () => raise() })],
  ['has a message that throws', Object.defineProperty(new Error('x'), 'message', { get: () => raise() })],
  ['is a proxy that refuses everything', new Proxy({}, { get: () => raise(), getPrototypeOf: () => raise(), ownKeys: () => raise() })],
  ['throws while it becomes text', { toString: () => raise() }],
]

for (const [name, thrown] of hostile) {
  test(`describing never throws, even when what was thrown ${name}`, () => {
    const back = send(thrown) as Error
    assert.ok(back instanceof Error)
    assert.match(back.message, /cannot be described/)
  })
}

test('an own property __proto__ of an error changes no prototype', () => {
  const thrown = Object.defineProperty(new Error('x'), '__proto__', { value: { evil: 1 }, enumerable: true })
  const back = send(thrown) as Error & { evil?: number }
  assert.equal(Object.getPrototypeOf(back), Error.prototype)
  assert.equal(back.evil, undefined)
})

function raise(): never {
  throw new Error('hostile')
}
