import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { getContext } from '../../../src/context.ts'
import { Pool } from '../../../src/pool/pool.ts'
import * as trials from '../../fixtures/trials/tasks.ts'
import { echo, pid } from '../../fixtures/pool/work.ts'
import { isRunning, readLines, until } from '../../helpers/conditions.ts'
import { countChildren } from '../../helpers/resources.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { reached, withWords } from '../../helpers/wait-words.ts'

const folder = temporaryFolder()
let files = 0
function newFile(): string {
  files += 1
  return join(folder, `file-${files}`)
}

/** How many tasks each process did. */
function countsOf(pids: readonly number[]): number[] {
  const counts = new Map<number, number>()
  for (const each of pids) counts.set(each, (counts.get(each) ?? 0) + 1)
  return [...counts.values()]
}

for (const concurrency of [1, 3]) {
  test(`each worker does exactly maxTasksPerChild tasks, none is lost, with ${concurrency} at once`, async () => {
    await using pool = new Pool({ processes: 2, maxTasksPerChild: 5, concurrency })
    for (const fn of [async () => process.pid, () => trials.waitFor(1), () => trials.spinFor(0)] as (() => Promise<number>)[]) {
      const pids = await Promise.all(Array.from({ length: 100 }, () => pool.apply(fn)))
      const counts = countsOf(pids)
      assert.ok(
        counts.every(count => count <= 5),
        counts.join(),
      )
      assert.ok(counts.filter(count => count < 5).length <= 4, counts.join())
    }
  })
}

test('a chunk of a map is one task, and so is a generator', async () => {
  await using pool = new Pool({ processes: 1, maxTasksPerChild: 2 })
  const pids = await pool.map(
    pid as (item: number) => number,
    Array.from({ length: 40 }, (_, index) => index),
    { chunkSize: 5 },
  )
  assert.deepEqual(countsOf(pids), [10, 10, 10, 10])
  const before = await pool.apply(pid)
  for await (const value of pool.stream(trials.throwAt, [9], { maxPending: 2 })) if (value === 8) break
  assert.notEqual(await pool.apply(pid), before)
})

test('a worker that has done enough is replaced after its task and not during it', () =>
  withWords(async (arrived, gate) => {
    await using pool = new Pool({ processes: 1, maxTasksPerChild: 1 })
    const first = pool.apply(trials.together, [arrived.reference, gate.reference])
    await reached(arrived, 1)
    const second = pool.apply(trials.together, [arrived.reference, gate.reference])
    await trials.waitFor(100) // Nothing tells that nothing happens.
    assert.deepEqual([arrived.value, countChildren()], [1, 1])
    gate.set(1)
    assert.deepEqual(await Promise.all([first, second]), [1, 1])
  }))

test('priorities, retries and timeouts go on through the changes of workers', async () => {
  await using pool = new Pool({ processes: 2, maxTasksPerChild: 2 })
  const file = newFile()
  const tasks = Array.from({ length: 60 }, (_, index) =>
    pool.apply(trials.note, [file, index], { priority: index % 3, retries: 1, timeout: 10_000 }),
  )
  await Promise.all(tasks)
  assert.deepEqual([readLines(file).length, new Set(readLines(file)).size], [60, 60])
})

for (const method of ['fork', 'forkserver', 'spawn', 'thread'] as const) {
  test(`a worker that keeps too much memory is replaced after its task: ${method}`, async () => {
    await using pool = new (getContext(method).Pool)({ processes: 1, maxMemoryPerChild: method === 'thread' ? 40e6 : 160e6 })
    const small = await pool.apply(echo, [1])
    assert.equal(small, 1)
    const name = (): unknown => (globalThis as { mark?: number }).mark
    const mark = (): void => {
      Object.assign(globalThis, { mark: 1 })
    }
    await pool.apply(mark)
    assert.equal(await pool.apply(name), 1, 'the same worker')
    await pool.apply(trials.waitFor, [30]) // The next look at its memory is due.
    await pool.apply(trials.keep, [80e6])
    assert.equal(await pool.apply(name), undefined, 'another one')
  })
}

test('so many asynchronous tasks run at once as the option says, in each worker, and never more', () =>
  withWords(async (inside, gate) => {
    await using pool = new Pool({ processes: 2, concurrency: 3 })
    const tasks = Array.from({ length: 40 }, () => pool.apply(trials.together, [inside.reference, gate.reference]))
    await reached(inside, 6)
    assert.equal(inside.value, 6)
    gate.set(1)
    const seen = await Promise.all(tasks)
    assert.ok(Math.max(...seen) <= 6, `${Math.max(...seen)}`)
  }))

test('each of several tasks in a worker has a signal of its own', () =>
  withWords(async arrived => {
    await using pool = new Pool({ processes: 1, concurrency: 3 })
    const files = [newFile(), newFile(), newFile()]
    const controllers = files.map(() => new AbortController())
    const tasks = files.map((file, index) =>
      pool.apply(trials.heed, [arrived.reference, file], { signal: (controllers[index] as AbortController).signal }),
    )
    const settled = Promise.allSettled(tasks)
    await reached(arrived, 3)
    controllers[1]?.abort()
    await until(() => readLines(files[1] as string).length === 1, 'the second has heard')
    assert.deepEqual(
      files.map(file => readLines(file).length),
      [0, 1, 0],
    )
    for (const controller of controllers) controller.abort()
    await settled
    await until(() => files.every(file => readLines(file).length === 1), 'all have heard')
    assert.equal(countChildren(), 1)
  }))

test('a death fails the tasks that the worker has in hand and nothing else', () =>
  withWords(async (inside, gate) => {
    await using pool = new Pool({ processes: 2, concurrency: 3 })
    const tasks = Array.from({ length: 20 }, () => pool.apply(trials.togetherThere, [inside.reference, gate.reference]))
    const settled = Promise.allSettled(tasks)
    await reached(inside, 6)
    const victim = pool.stats.workers.find(({ running }) => running === 3)
    assert.ok(victim !== undefined)
    process.kill(victim.pid, 'SIGKILL')
    await until(() => !isRunning(victim.pid), 'it is gone')
    await reached(inside, 9)
    gate.set(1)
    const outcomes = await settled
    const failed = outcomes.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[]
    assert.deepEqual(
      failed.map(({ reason }) => (reason as { pid: number }).pid),
      [victim.pid, victim.pid, victim.pid],
    )
  }))

test('a task that was called off and cleans up is not cut short because its worker has done enough', () =>
  withWords(async arrived => {
    await using pool = new Pool({ processes: 1, concurrency: 2, maxTasksPerChild: 2 })
    const file = newFile()
    const controller = new AbortController()
    const slow = pool.apply(trials.cleanUp, [arrived.reference, file, 200], { signal: controller.signal })
    await reached(arrived, 1)
    controller.abort()
    await assert.rejects(slow)
    await pool.apply(echo, [1])
    await until(() => readLines(file).length === 1, 'it has cleaned up', 3000)
  }))
