import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { TimeoutError } from '../../../src/base/errors.ts'
import { Pool } from '../../../src/pool/pool.ts'
import * as trials from '../../fixtures/trials/tasks.ts'
import { pid, square } from '../../fixtures/pool/work.ts'
import { isRunning, readLines, until } from '../../helpers/conditions.ts'
import { countChildren } from '../../helpers/resources.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { reached, withWords } from '../../helpers/wait-words.ts'

const folder = temporaryFolder()
const timedOut = { name: 'TimeoutError', message: 'The task did not end within 60 ms of its start' }

for (const [name, fn] of [
  ['computes for ever', trials.spinFrom],
  ['never settles', trials.neverFrom],
] as const) {
  test(`a task that ${name} fails when its time is up, and its worker is replaced`, () =>
    withWords(async arrived => {
      await using pool = new Pool(1)
      const worker = await pool.apply(pid)
      await assert.rejects(pool.apply(fn, [arrived.reference], { timeout: 60 }), timedOut)
      assert.notEqual(await pool.apply(pid), worker)
      assert.equal(isRunning(worker), false)
    }))
}

for (const fn of [trials.heed, trials.heedInLoop]) {
  test(`a task that heeds its signal (${fn.name}) fails when its time is up, and its worker lives on`, () =>
    withWords(async arrived => {
      const file = join(folder, fn.name)
      await using pool = new Pool(1)
      const worker = await pool.apply(pid)
      await assert.rejects(pool.apply<[number, string], unknown>(fn, [arrived.reference, file], { timeout: 60 }), timedOut)
      assert.equal(await pool.apply(pid), worker)
      assert.deepEqual(readLines(file), ['TimeoutError'])
    }))
}

test('a task that asks for its signal and does not heed it has a second, and then its worker is stopped', () =>
  withWords(async arrived => {
    await using pool = new Pool(1)
    const worker = await pool.apply(pid)
    const start = performance.now()
    await assert.rejects(pool.apply(trials.askAndStay, [arrived.reference], { timeout: 60 }), timedOut)
    assert.ok(performance.now() - start < 900)
    assert.equal(isRunning(worker), true)
    assert.notEqual(await pool.apply(pid), worker)
    assert.ok(performance.now() - start > 1000)
  }))

test('time counts from the start: what waits for a worker, or for one to come up, is not late', () =>
  withWords(async (arrived, gate) => {
    await using pool = new Pool({ processes: 1, initializer: trials.waitFor, initArgs: [300] })
    const first = pool.apply(trials.block, [arrived.reference, gate.reference])
    const behind = pool.apply(square, [3], { timeout: 280 })
    await reached(arrived, 1)
    await trials.waitFor(300)
    gate.set(1)
    assert.equal(await behind, 9)
    await first
  }))

test('each item of a map and of a stream has its own time, and a late one fails alone', async () => {
  await using pool = new Pool(2)
  const times = [1, 1, 5000, 1, 1, 1]
  await assert.rejects(pool.map(trials.spinFor, times, { timeout: 200 }), TimeoutError)
  const outcomes: unknown[] = []
  const stream = pool.imap(trials.waitFor, times, { timeout: 800 })
  for (let index = 0; index < times.length; index += 1) outcomes.push(await stream.next().catch((error: unknown) => error))
  assert.deepEqual(
    outcomes.map(outcome => outcome instanceof TimeoutError),
    [false, false, true, false, false, false],
  )
})

test('of a stream of chunks the item that was late fails, and those behind it are done', async () => {
  await using pool = new Pool(1)
  const stream = pool.imap(trials.spinFor, [1, 1, 5000, 1, 1, 1], { timeout: 400, chunkSize: 6 })
  const outcomes: unknown[] = []
  for (let index = 0; index < 6; index += 1) outcomes.push(await stream.next().catch((error: unknown) => error))
  assert.deepEqual(
    outcomes.map(outcome => outcome instanceof TimeoutError),
    [false, false, true, false, false, false],
  )
})

test('tasks that end at the very moment at which their time is up take no neighbour along', async () => {
  await using pool = new Pool(2)
  await pool.map(trials.spinFor, [1, 1, 1, 1])
  const late = Array.from({ length: 400 }, (_, index) => pool.apply(trials.spinFor, [4.6 + (index % 16) * 0.05], { timeout: 5 }))
  const others = Array.from({ length: 2000 }, (_, index) => pool.apply(square, [index]))
  const more = late.map(task => task.catch((error: unknown) => error).then(() => pool.map(square, [1, 2, 3, 4], { chunkSize: 1 })))
  for (const outcome of await Promise.allSettled(late)) {
    if (outcome.status === 'rejected') assert.ok(outcome.reason instanceof TimeoutError, String(outcome.reason))
  }
  await Promise.all(others)
  await Promise.all(more)
})

test('with several tasks in a worker one that never settles is left behind, and the others end', () =>
  withWords(async (arrived, inside, gate) => {
    await using pool = new Pool({ processes: 1, concurrency: 3 })
    const worker = await pool.apply(pid)
    const others = [1, 2].map(() => pool.apply(trials.together, [inside.reference, gate.reference]))
    await reached(inside, 2)
    await assert.rejects(pool.apply(trials.neverFrom, [arrived.reference], { timeout: 60 }), timedOut)
    assert.notEqual(await pool.apply(pid), worker, 'another worker takes the tasks')
    gate.set(1)
    assert.deepEqual((await Promise.all(others)).length, 2)
    await until(() => !isRunning(worker), 'the worker has ended')
  }))

test('with several tasks in a worker one that blocks its event loop ends them, too', () =>
  withWords(async (arrived, inside, gate) => {
    await using pool = new Pool({ processes: 1, concurrency: 3 })
    const other = pool.apply(trials.together, [inside.reference, gate.reference])
    other.catch(() => {})
    await reached(inside, 1)
    await assert.rejects(pool.apply(trials.spinFrom, [arrived.reference], { timeout: 60 }), timedOut)
    await assert.rejects(other, { name: 'WorkerDiedError' })
    assert.equal(await pool.apply(square, [3]), 9)
  }))

test('a worker that answered once and blocks its event loop later is stopped all the same', () =>
  withWords(async (arrived, inside, gate) => {
    await using pool = new Pool({ processes: 1, concurrency: 3 })
    const worker = await pool.apply(pid)
    const first = pool.apply(trials.spinAfter, [inside.reference, gate.reference], { timeout: 1500 })
    const last = pool.apply(trials.together, [inside.reference, arrived.reference])
    last.catch(() => {})
    await reached(inside, 2)
    await assert.rejects(pool.apply(trials.neverFrom, [inside.reference], { timeout: 60 }), timedOut)
    await pool.apply(pid) // The first worker has answered by now.
    gate.set(1)
    await assert.rejects(first, TimeoutError)
    await until(() => !isRunning(worker), 'the worker has ended', 5000)
    await assert.rejects(last, { name: 'WorkerDiedError' })
  }))

test('no alarm of a task that ended in time keeps the process', async () => {
  const pool = new Pool(1)
  assert.equal(await pool.apply(square, [3], { timeout: 1e9 }), 9)
  assert.equal(await pool.apply(square, [3], { timeout: Infinity }), 9)
  pool.close()
  assert.equal(await pool.join(), true)
  assert.equal(countChildren(), 0)
})
