import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isNativeError } from 'node:util/types'
import {
  BrokenPoolError,
  ClosedError,
  InterruptedError,
  MultiprocessingError,
  NotSerializableError,
  NotSupportedError,
  RemoteError,
  TimeoutError,
  WorkerDiedError,
} from '../../../src/base/errors.ts'
import { decode } from '../../../src/wire/values/decoder.ts'
import { encode } from '../../../src/wire/values/encoder.ts'
import { assertSameGraph } from './same-graph.ts'
import { roundTrip, TestCapability } from './test-capability.ts'

const errors: readonly Error[] = [
  ...[Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map(constructor => new constructor('why')),
  Reflect.construct(Error, []) as Error,
  new Error('no cause', { cause: undefined }),
  new Error('outer', { cause: new TypeError('inner', { cause: 'text' }) }),
  new AggregateError([new Error('a'), 5], 'many', { cause: null }),
  Object.assign(new Error('with more'), { code: 'E_MINE', detail: { list: [1] }, name: 'Mine', 'a b': 1 }),
  new MultiprocessingError('m', { code: 'ERR_OTHER' }),
  new BrokenPoolError('b', { cause: new ClosedError() }),
  new InterruptedError(),
  new NotSerializableError('args[0]', 'no'),
  new NotSupportedError('n'),
  new RemoteError('r', 'far stack'),
  new TimeoutError(),
  new WorkerDiedError('gone', { pid: 5, exitCode: null, signal: 'SIGKILL', stderrTail: 'x' }),
]

for (const error of errors) {
  test(`${error.constructor.name} "${error.message}" comes back with its class, message, stack, cause and properties`, () => {
    const back = roundTrip(error) as Error
    assertSameGraph(back, error)
    assert.equal(back.stack, error.stack)
    assert.ok(isNativeError(back))
  })
}

test('an own cause that is undefined is told from none', () => {
  assert.ok(Object.hasOwn(roundTrip(new Error('a', { cause: undefined })) as Error, 'cause'))
  assert.ok(!Object.hasOwn(roundTrip(new Error('a')) as Error, 'cause'))
})

test('a DOMException comes back with its name, code and stack', () => {
  const error = new DOMException('why', 'AbortError')
  const back = roundTrip(error) as DOMException
  assert.ok(back instanceof DOMException)
  assert.deepEqual([back.name, back.message, back.code, back.stack], [error.name, error.message, error.code, error.stack])
})

test('an own property __proto__ of an error changes no prototype', () => {
  const error = Object.defineProperty(new Error('x'), '__proto__', { value: { evil: 1 }, enumerable: true })
  const back = roundTrip(error) as Error & { evil?: number }
  assert.equal(Object.getPrototypeOf(back), Error.prototype)
  assert.equal(back.evil, undefined)
})

test('causes may go round in a circle, through lists of errors and properties', () => {
  const first = new Error('first')
  const second = new TypeError('second', { cause: first })
  const many = new AggregateError([first, second], 'many', { cause: second })
  first.cause = Object.assign(many, { both: [first, many] })
  const back = roundTrip([second, first]) as [Error, Error]
  assertSameGraph(back, [second, first])
  assert.equal((back[0].cause as Error).cause, (back[1] as Error).cause)
})

test('an error that cannot be made leaves the limit of stacks as it was', () => {
  const { stackTraceLimit } = Error
  const capability = new TestCapability()
  class Failed extends Error {}
  const message = Uint8Array.from(encode(new Failed('x'), 'value', { capability }))
  capability.functions[0] = () => 'no class'
  assert.throws(() => decode(message, 0, message.length, capability), { code: 'ERR_BAD_MESSAGE', message: /no prototype/ })
  assert.equal(Error.stackTraceLimit, stackTraceLimit)
})

test('reading an error leaves the limit of stacks as it was', () => {
  const { stackTraceLimit } = Error
  roundTrip([new Error('a'), new TypeError('b')])
  assert.equal(Error.stackTraceLimit, stackTraceLimit)
})
