import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { test } from 'node:test'
import {
  AuthenticationError,
  BrokenPoolError,
  ClosedError,
  InterruptedError,
  MultiprocessingError,
  NotSerializableError,
  NotSupportedError,
  RemoteError,
  TimeoutError,
  WorkerDiedError,
} from '../../src/base/errors.ts'

const end = { pid: 7, exitCode: null, signal: 'SIGKILL', stderrTail: 'last words' } as const
const cause = new Error('the cause')
const errors = [
  [new TimeoutError('m', { cause }), 'TimeoutError', 'ERR_TIMEOUT'],
  [new ClosedError('m', { cause }), 'ClosedError', 'ERR_CLOSED'],
  [new AuthenticationError('m', { cause }), 'AuthenticationError', 'ERR_AUTHENTICATION'],
  [new InterruptedError('m', { cause }), 'InterruptedError', 'ERR_INTERRUPTED'],
  [new NotSupportedError('m', { cause }), 'NotSupportedError', 'ERR_NOT_SUPPORTED'],
  [new NotSerializableError('args[0]', 'm', { cause }), 'NotSerializableError', 'ERR_NOT_SERIALIZABLE'],
  [new RemoteError('m', 'far stack', { cause }), 'RemoteError', 'ERR_REMOTE'],
  [new WorkerDiedError('m', end, { cause }), 'WorkerDiedError', 'ERR_WORKER_DIED'],
  [new BrokenPoolError('m', { cause }), 'BrokenPoolError', 'ERR_BROKEN_POOL'],
  [new MultiprocessingError('m', { cause }), 'MultiprocessingError', 'ERR_MULTIPROCESSING'],
] as const

for (const [error, name, code] of errors) {
  test(`${name} has its name, its code and its cause, and is a MultiprocessingError`, () => {
    assert.ok(error instanceof MultiprocessingError)
    assert.equal(error.name, name)
    assert.equal(error.code, code)
    assert.equal(error.cause, cause)
    assert.match(String(error), new RegExp(`^${name}: .*m$`))
    assert.match(String(error.stack), new RegExp(`^${name}: `))
    assert.ok(!Object.hasOwn(error, 'name'), 'the name is not repeated among own properties')
    assert.match(inspect(error), new RegExp(`code: '${code}'`))
  })
}

test('an error without a cause has no property of that name', () => {
  assert.ok(!('cause' in new MultiprocessingError('m')))
  assert.ok('cause' in new MultiprocessingError('m', { cause: undefined }))
})

test('NotSerializableError, RemoteError and WorkerDiedError carry what they are about', () => {
  assert.equal(new NotSerializableError('args[0].f', 'no').message, 'args[0].f: no')
  assert.equal(new NotSerializableError('args[0].f', 'no').path, 'args[0].f')
  assert.equal(new RemoteError('m', 'far').remoteStack, 'far')
  const { pid, exitCode, signal, stderrTail } = new WorkerDiedError('m', end)
  assert.deepEqual({ pid, exitCode, signal, stderrTail }, end)
})
