import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BrokenPoolError, ClosedError, MultiprocessingError } from '../../src/base/errors.ts'
import { Pool } from '../../src/pool/pool.ts'
import { WaitWord } from '../../src/sync/waiting/wait-word.ts'
import * as work from '../fixtures/pool/work.ts'
import { assertNoGrowth, countChildren, resources } from '../helpers/resources.ts'

test('close lets the tasks end that there are, takes no more, and join waits for the workers', async () => {
  const pool = new Pool(2)
  const results = Promise.all(Array.from({ length: 100 }, (_, value) => pool.apply(work.squareLater, [value])))
  pool.close()
  pool.close()
  await assert.rejects(pool.apply(work.square, [1]), ClosedError)
  await assert.rejects(pool.map(work.square, [1]), { name: 'ClosedError', message: 'The pool is closed: it takes no more tasks' })
  assert.throws(() => pool.imap(work.square, [1]), ClosedError)
  assert.equal(await pool.join(), true)
  assert.equal(countChildren(), 0)
  assert.equal((await results).length, 100)
  assert.equal(await pool.join(), true, 'a second time at once')
})

test('a stream and a map begun before close are finished, however long their input lasts', async () => {
  const pool = new Pool(2)
  const numbers = Array.from({ length: 300 }, (_, index) => index)
  const squares = numbers.map(x => x * x)
  async function* slowly(): AsyncGenerator<number> {
    for (const number of numbers) {
      if (number % 50 === 0) await new Promise(setImmediate)
      yield number
    }
  }
  const stream = pool.imap(work.square, numbers, { maxPending: 4 })
  const mapped = pool.map(work.square, slowly())
  pool.close()
  const collected: number[] = []
  for await (const value of stream) collected.push(value)
  assert.deepEqual(collected, squares)
  assert.deepEqual(await mapped, squares)
  await pool.join()
})

test('a stream that is given up does not keep a closed pool', async () => {
  const pool = new Pool(1)
  const stream = pool.imapUnordered(work.square, endless())
  await stream.next()
  pool.close()
  await stream.return()
  assert.equal(await pool.join(), true)
})

test('terminate ends busy workers at once, and their tasks and all others reject', async () => {
  const pool = new Pool(2)
  const arrived = WaitWord.create()
  const tasks = [pool.apply(work.passGate, [arrived.reference, arrived.reference]), pool.apply(work.spin), pool.apply(work.square, [1])]
  const stream = pool.imap(work.square, endless())
  const settled = Promise.allSettled([...tasks, stream.next(), pool.map(work.square, [1])])
  pool.terminate()
  pool.terminate()
  pool.close()
  for (const result of await settled) {
    assert.ok(result.status === 'rejected' && result.reason instanceof BrokenPoolError, 'every task rejects')
  }
  await assert.rejects(pool.apply(work.square, [1]), ClosedError)
  assert.equal(await pool.join(), true)
  assert.equal(countChildren(), 0)
  await stream.return()
  arrived.free()
})

test('a worker that ignores SIGTERM is killed', async () => {
  const pool = new Pool(1)
  assert.equal(await pool.apply(work.ignoreTermination), true)
  pool.terminate()
  const start = performance.now()
  assert.equal(await pool.join(), true)
  assert.ok(performance.now() - start < 5000)
})

test('join before close is an error, with a timeout it gives up in time', async () => {
  const pool = new Pool(1)
  const [arrived, gate] = [WaitWord.create(), WaitWord.create()]
  try {
    await assert.rejects(
      pool.join(),
      error => error instanceof MultiprocessingError && /call close\(\) or terminate\(\) first/.test(error.message),
    )
    const task = pool.apply(work.passGate, [arrived.reference, gate.reference])
    pool.close()
    assert.equal(await pool.join({ timeout: 0 }), false)
    assert.equal(await pool.join({ timeout: 20 }), false)
    await assert.rejects(pool.join({ timeout: 'x' as unknown as number }), TypeError)
    gate.set(1)
    assert.equal(await pool.join({ timeout: 2 ** 32 }), true)
    assert.ok((await task) > 0)
  } finally {
    await pool[Symbol.asyncDispose]()
    for (const word of [arrived, gate]) word.free()
  }
})

test('disposal terminates and joins, also a pool that was closed, broken or disposed before', async () => {
  const pool = new Pool(2)
  const task = pool.apply(work.spin)
  const rejected = assert.rejects(task, BrokenPoolError)
  await pool[Symbol.asyncDispose]()
  await rejected
  assert.equal(countChildren(), 0)
  await pool[Symbol.asyncDispose]()
  const closed = new Pool(1)
  closed.close()
  await closed[Symbol.asyncDispose]()
  assert.equal(countChildren(), 0)
})

test('a pool that is closed or terminated before its workers are up ends all the same', async () => {
  for (const method of ['close', 'terminate'] as const) {
    const pool = new Pool(3)
    pool[method]()
    assert.equal(await pool.join(), true)
    assert.equal(countChildren(), 0)
  }
})

const bad: readonly (readonly [unknown, typeof TypeError | typeof RangeError, RegExp])[] = [
  [0, RangeError, /Expected `processes` to be an integer from 1 to 4000, got 0/],
  [-1, RangeError, /got -1/],
  [1.5, RangeError, /got 1\.5/],
  [5000, RangeError, /got 5000/],
  ['4', TypeError, /Expected `options` to be an object, got '4'/],
  [null, TypeError, /Expected `options` to be an object, got null/],
  [{ processes: '4' }, TypeError, /Expected `processes` to be an integer from 1 to 4000, got '4'/],
  [{ workers: 4 }, TypeError, /Unknown option `workers`; expected `processes`, `minProcesses`, .*`env`, `execArgv`/],
  [{ execArgv: '--expose-gc' }, TypeError, /Expected `execArgv` to be an array, got '--expose-gc'/],
  [{ execArgv: [5] }, TypeError, /Expected `execArgv\[0\]` to be a string, got 5/],
  [{ env: 'A=1' }, TypeError, /Expected `env` to be an object, got 'A=1'/],
  [{ env: { A: 1 } }, TypeError, /Expected `env\.A` to be a string, got 1/],
]

for (const [options, constructor, message] of bad) {
  test(`new Pool(${JSON.stringify(options)}) is a ${constructor.name} and starts nothing`, () => {
    assert.throws(
      () => new Pool(options as number),
      error => error instanceof constructor && message.test((error as Error).message),
    )
    assert.equal(countChildren(), 0)
  })
}

test('sixty pools made and disposed one after the other leave no descriptor, thread, child or mapping', async () => {
  await cycle()
  await cycle()
  const before = resources()
  for (let round = 0; round < 60; round += 1) await cycle()
  await assertNoGrowth(before)
})

async function cycle(): Promise<void> {
  const pool = new Pool(2)
  assert.equal(await pool.apply(work.square, [3]), 9)
  await pool[Symbol.asyncDispose]()
}

function* endless(): Generator<number> {
  for (let index = 0; ; index += 1) yield index
}

test('a pool at the top level of a module that workers import starts workers there when it is used, and not before', async () => {
  const { countOwnChildren, nested, pool } = await import('../fixtures/pool/module-pool.ts')
  try {
    assert.deepEqual(await pool.map((_item: number) => countOwnChildren(), [1, 2, 3, 4]), [0, 0, 0, 0])
    assert.equal(await pool.apply(nested, [9]), 3)
  } finally {
    await pool[Symbol.asyncDispose]()
  }
})
