import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { Pool } from '../../../src/pool/pool.ts'
import * as trials from '../../fixtures/trials/tasks.ts'
import { killSelf, pid, square } from '../../fixtures/pool/work.ts'
import { readLines, until } from '../../helpers/conditions.ts'
import { countChildren } from '../../helpers/resources.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { reached, withWords } from '../../helpers/wait-words.ts'

const folder = temporaryFolder()

test('a pool that keeps no worker starts none, grows with its tasks, shrinks when they are done, and grows again', () =>
  withWords(async (arrived, gate) => {
    await using pool = new Pool({ processes: 3, minProcesses: 0, idleTimeout: 60 })
    assert.equal(countChildren(), 0)
    for (let round = 0; round < 2; round += 1) {
      for (const word of [arrived, gate]) word.set(0)
      const tasks = Array.from({ length: 6 }, () => pool.apply(trials.together, [arrived.reference, gate.reference]))
      await reached(arrived, 3)
      assert.equal(countChildren(), 3)
      gate.set(1)
      await Promise.all(tasks)
      await until(() => countChildren() === 0, 'all are given back')
    }
    assert.equal(await pool.apply(square, [3]), 9)
  }))

test('tasks that come one after the other need one worker', async () => {
  await using pool = new Pool({ processes: 4, minProcesses: 0, idleTimeout: 10_000 })
  const pids = new Set<number>()
  for (let index = 0; index < 60; index += 1) pids.add(await pool.apply(pid))
  assert.equal(pids.size, 1)
  assert.equal(countChildren(), 1)
})

test('an idle worker is kept for the whole idle timeout', async () => {
  await using pool = new Pool({ processes: 2, minProcesses: 0, idleTimeout: 300 })
  for (let round = 0; round < 3; round += 1) {
    await pool.apply(square, [1])
    const idle = performance.now()
    await until(() => countChildren() === 0, 'it is given back')
    assert.ok(performance.now() - idle >= 300, `${performance.now() - idle} ms`)
  }
})

test('minProcesses are kept, whatever there is to do', async () => {
  await using pool = new Pool({ processes: 3, minProcesses: 1, idleTimeout: 20 })
  const [first] = await Promise.all([pool.apply(pid), pool.apply(trials.waitFor, [100]), pool.apply(trials.waitFor, [100])])
  await until(() => countChildren() === 1, 'the others are given back')
  await trials.waitFor(100) // Nothing tells that nothing happens.
  assert.equal(countChildren(), 1)
  assert.ok(first > 0)
})

test('no task is lost or late at the moment at which its worker is given back', async () => {
  await using pool = new Pool({ processes: 3, minProcesses: 0, idleTimeout: 4 })
  const file = join(folder, 'retirement')
  let most = 0
  for (let index = 0; index < 300; index += 1) {
    const start = performance.now()
    await Promise.all([pool.apply(trials.note, [file, index]), ...(index % 3 === 0 ? [pool.apply(square, [1])] : [])])
    most = Math.max(most, performance.now() - start)
    await trials.waitFor(index % 8)
  }
  assert.equal(readLines(file).length, 300)
  assert.ok(most < 5000, `${most} ms`)
})

test('a worker with a task that waits is not idle, however many more it could have', () =>
  withWords(async (arrived, gate) => {
    await using pool = new Pool({ processes: 1, minProcesses: 0, idleTimeout: 20, concurrency: 4 })
    const task = pool.apply(trials.together, [arrived.reference, gate.reference])
    await reached(arrived, 1)
    await trials.waitFor(120) // Nothing tells that nothing happens.
    const [worker] = pool.stats.workers
    assert.equal(await pool.apply(pid), worker?.pid)
    gate.set(1)
    await task
  }))

test('a task that is tried again finds a worker in a pool that keeps none', async () => {
  await using pool = new Pool({ processes: 2, minProcesses: 0, idleTimeout: 10 })
  const file = join(folder, 'retry')
  assert.deepEqual(await pool.apply(trials.failTimes, [file, 2, 'kill', 5], { retries: 2 }), [5])
  await assert.rejects(pool.apply(killSelf, ['SIGKILL']))
  assert.equal(await pool.apply(square, [3]), 9)
})

test('maps and streams grow a pool, too', async () => {
  await using pool = new Pool({ processes: 2, minProcesses: 0 })
  const pids = new Set(
    await pool.map(
      trials.spinFor,
      Array.from({ length: 80 }, () => 10),
      { chunkSize: 1 },
    ),
  )
  assert.equal(pids.size, 2)
})
