import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { BrokenPoolError, ClosedError, MultiprocessingError, NotSerializableError, TimeoutError } from '../../../src/base/errors.ts'
import { AsyncResult } from '../../../src/pool/calls/async-result.ts'
import { Pool } from '../../../src/pool/pool.ts'
import { WaitWord } from '../../../src/sync/waiting/wait-word.ts'
import * as work from '../../fixtures/pool/work.ts'

const pool = new Pool(2)
after(() => pool[Symbol.asyncDispose]())

/** A result that is there when the word is. */
function gated(): { result: AsyncResult<number>; open: () => void } {
  const [arrived, gate] = [WaitWord.create(), WaitWord.create()]
  const result = pool.applyAsync(work.passGateWith, [[arrived.reference, gate.reference, 7]])
  return { result, open: () => gate.set(1) }
}

test('a result can be awaited, asked for, blocked for and looked at, before its end and after', async () => {
  const { result, open } = gated()
  assert.ok(result instanceof AsyncResult)
  assert.equal(result.ready, false)
  assert.throws(() => result.successful, MultiprocessingError)
  assert.equal(result.tryGet(), undefined)
  assert.equal(result.tryGet('none'), 'none')
  assert.equal(await result.wait({ timeout: 5 }), false)
  assert.equal(result.waitSync({ timeout: 5 }), false)
  await assert.rejects(result.get({ timeout: 5 }), TimeoutError)
  assert.throws(() => result.getSync({ timeout: 5 }), TimeoutError)
  await assert.rejects(result.get({ signal: AbortSignal.timeout(5) }), { name: 'TimeoutError' })
  const early = result.get()
  open()
  assert.equal(result.getSync(), 7)
  assert.deepEqual([result.ready, result.successful, result.tryGet(), result.waitSync({ timeout: 0 })], [true, true, 7, true])
  assert.deepEqual([await early, await result, await result.get(), await result.wait()], [7, 7, 7, true])
  assert.equal(await result.then(value => value + 1), 8)
  let finished = 0
  assert.equal(
    await result.finally(() => {
      finished += 1
    }),
    7,
  )
  assert.equal(finished, 1)
})

test('ready turns true for who asks in a loop and never gives the event loop a turn', () => {
  pool.applySync(work.square, [1])
  const result = pool.applyAsync(work.square, [6])
  while (!result.ready);
  assert.equal(result.tryGet(), 36)
})

test('a failure is thrown by each form that asks for the value, and by none that does not', async () => {
  const result = pool.applyAsync(work.failOn, [3, 3])
  assert.equal(await result.wait(), true)
  assert.equal(result.successful, false)
  const isIt = { name: 'RangeError', message: 'no 3' }
  assert.throws(() => result.getSync(), isIt)
  assert.throws(() => result.tryGet(), isIt)
  await assert.rejects(result.get(), isIt)
  await assert.rejects(Promise.resolve(result), isIt)
  assert.equal(await result.catch(error => (error as Error).message), 'no 3')
})

test('mapAsync and starmapAsync give the whole list, of async iterables, too', async () => {
  async function* later(): AsyncGenerator<number> {
    for (const number of [1, 2, 3]) yield await Promise.resolve(number)
  }
  assert.deepEqual(pool.mapAsync(work.square, [1, 2, 3]).getSync(), [1, 4, 9])
  assert.deepEqual(await pool.mapAsync(work.square, later()), [1, 4, 9])
  assert.deepEqual(pool.starmapAsync((a: number, b: number) => a + b, [[1, 2] as const]).getSync(), [3])
  assert.throws(() => pool.mapAsync(work.square, later()).getSync(), { name: 'MultiprocessingError', message: /await the promise form/ })
})

test('callbacks are called once, in this thread, when the result is there; while it blocks, too', async () => {
  const calls: unknown[] = []
  const callback = (value: unknown): void => void calls.push(value)
  const errorCallback = (error: unknown): void => void calls.push((error as Error).message)
  const first = pool.applyAsync(work.square, [2], { callback, errorCallback })
  const second = pool.applyAsync(work.failOn, [3, 3], { callback, errorCallback })
  second.waitSync()
  first.waitSync()
  assert.deepEqual([...calls].sort(), [4, 'no 3'])
  assert.deepEqual(await pool.mapAsync(work.square, [1, 2], { callback }), [1, 4])
  await turn()
  assert.deepEqual(calls.slice(2), [[1, 4]])
})

test('a callback may block for the pool, and call for more', async () => {
  const seen: number[] = []
  const result = pool.applyAsync(work.square, [2], {
    callback: value => {
      seen.push(pool.applySync(work.square, [value]))
      pool.applyAsync(work.square, [3], { callback: again => void seen.push(again, ...pool.mapSync(work.square, [again])) })
    },
  })
  assert.equal(result.getSync(), 4)
  pool.applySync(work.square, [1])
  while (seen.length < 3) await turn()
  assert.deepEqual(seen, [16, 9, 81])
})

test('what a callback throws, or rejects with, goes to the error event and disturbs nobody', async () => {
  const errors: unknown[] = []
  const listener = (error: unknown): void => void errors.push((error as Error).message)
  pool.on('error', listener)
  const thrower = (): never => {
    throw new Error('from the callback')
  }
  assert.equal(await pool.applyAsync(work.square, [2], { callback: thrower }), 4)
  const rejecter = async (): Promise<never> => thrower()
  assert.equal(pool.applyAsync(work.square, [2], { callback: rejecter }).getSync(), 4)
  pool.applyAsync(work.failOn, [3, 3], { errorCallback: thrower }).waitSync()
  while (errors.length < 3) await turn()
  assert.deepEqual(errors, Array(3).fill('from the callback'))
  pool.off('error', listener)
})

test('terminate in a callback ends a blocking call with BrokenPoolError', () => {
  const other = new Pool(2)
  const result = other.applyAsync(work.square, [2], { callback: () => other.terminate() })
  assert.throws(() => other.applySync(work.spin), BrokenPoolError)
  assert.equal(result.getSync(), 4)
  assert.equal(other.joinSync(), true)
})

test('a failure that nobody observes goes to the error event; one that somebody asks for later does not', async () => {
  const other = new Pool(1)
  const errors: string[] = []
  other.on('error', error => void errors.push((error as Error).message))
  const late = other.applyAsync(work.failOn, [1, 1])
  const handled = other.applyAsync(work.failOn, [2, 2], { errorCallback: () => {} })
  other.applyAsync(work.failOn, [3, 3])
  other.close()
  assert.equal(await other.join(), true)
  assert.throws(() => late.getSync(), { message: 'no 1' })
  while (errors.length === 0) await new Promise(resolve => setTimeout(resolve, 20))
  assert.deepEqual(errors, ['no 3'])
  assert.equal(handled.ready, true)
})

test('without a listener it is a process warning', async () => {
  pool.applyAsync(work.failOn, [4, 4])
  const keepRunning = setInterval(() => {}, 1000)
  const [warning] = (await once(process, 'warning')) as [Error & { detail: string }]
  clearInterval(keepRunning)
  assert.equal(warning.name, 'PoolWarning')
  assert.match(warning.detail, /RangeError: no 4/)
})

test('mistakes of the call are thrown at once; what cannot be sent is a failure of the result', async () => {
  assert.throws(() => pool.applyAsync(3 as never), TypeError)
  assert.throws(() => pool.applyAsync(work.square, [1], { callback: 3 as never }), { message: /^Expected `callback` to be a function/ })
  assert.throws(() => pool.mapAsync(work.square, 3 as never), TypeError)
  assert.throws(() => pool.applyAsync(work.square, [1], { errorcallback: () => {} } as never), /Unknown option/)
  assert.throws(() => pool.applyAsync(work.echo, [new WeakMap()]).getSync(), NotSerializableError)
  await assert.rejects(pool.mapAsync(work.echo, [new WeakMap()]).get(), NotSerializableError)
  await assert.rejects(pool.apply(work.echo, [pool.applyAsync(work.square, [1])]), /an AsyncResult/)
  await assert.rejects(pool.applyAsync(work.square, [1], { signal: AbortSignal.abort(new Error('off')) }).get(), { message: 'off' })
  const closed = new Pool(1)
  closed.close()
  assert.throws(() => closed.applyAsync(work.square, [1]), ClosedError)
  assert.throws(() => closed.mapAsync(work.square, [1]), ClosedError)
  await closed.join()
})

test('an abort ends a running task that has a result', async () => {
  const abort = new AbortController()
  const result = pool.applyAsync(work.spin, [], { signal: abort.signal })
  await pool.apply(work.square, [1])
  abort.abort(new Error('enough'))
  await assert.rejects(result.get(), { message: 'enough' })
})
