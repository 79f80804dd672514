// What happens to a worker happens under each start method, and a task that needs it settles with the cause.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { BrokenPoolError, TimeoutError, WorkerDiedError } from '../../../src/base/errors.ts'
import { getContext } from '../../../src/context.ts'
import type { Pool } from '../../../src/pool/pool.ts'
import * as trials from '../../fixtures/trials/tasks.ts'
import { echo, exit, pid, square } from '../../fixtures/pool/work.ts'
import { assertNoGrowth, countChildren, isTemplate, resources } from '../../helpers/resources.ts'
import { reached, withWords } from '../../helpers/wait-words.ts'

const methods = ['fork', 'forkserver', 'spawn', 'thread'] as const

for (const method of methods) {
  const { Pool: BoundPool } = getContext(method)
  const isThread = method === 'thread'

  async function withPool(processes: number, body: (pool: Pool) => Promise<void>): Promise<void> {
    const pool = new BoundPool(processes)
    try {
      await body(pool)
      assert.equal(await pool.apply(square, [3]), 9, 'the pool goes on')
    } finally {
      await pool[Symbol.asyncDispose]()
    }
    assert.equal(countChildren(), 0)
  }

  test(`${method}: a worker that exits fails its task with the exit code`, () =>
    withPool(2, async pool => {
      await assert.rejects(pool.apply(exit, [3]), error => error instanceof WorkerDiedError && error.exitCode === 3)
      await assert.rejects(pool.map(exit, [0]), error => error instanceof WorkerDiedError && error.exitCode === 0)
    }))

  test(`${method}: an error out of a timer ends the worker, and its task says so`, () =>
    withPool(1, async pool => {
      await assert.rejects(pool.apply(trials.throwLater), error => {
        assert.ok(error instanceof WorkerDiedError)
        assert.match(error.stderrTail, /out of a timer/)
        return true
      })
    }))

  test(`${method}: a task that computes for ever is timed out, and one that never settles`, () =>
    withWords(arrived =>
      withPool(2, async pool => {
        for (const fn of [trials.spinFrom, trials.neverFrom])
          await assert.rejects(pool.apply(fn, [arrived.reference], { timeout: 80 }), TimeoutError)
      }),
    ))

  test(`${method}: terminate ends tasks that compute for ever`, () =>
    withWords(async arrived => {
      const pool = new BoundPool(2)
      const tasks = [pool.apply(trials.spinFrom, [arrived.reference]), pool.apply(trials.neverFrom, [arrived.reference])]
      const settled = Promise.allSettled(tasks)
      await reached(arrived, 2)
      pool.terminate()
      for (const outcome of await settled) assert.ok(outcome.status === 'rejected' && outcome.reason instanceof BrokenPoolError)
      assert.equal(await pool.join({ timeout: 5000 }), true)
      assert.equal(countChildren(), 0)
    }))

  test(`${method}: retries and streams get over a death`, () =>
    withPool(2, async pool => {
      const values: number[] = []
      await assert.rejects(async () => {
        for await (const value of pool.stream(isThread ? trials.exitAt : trials.dieAt, [4])) values.push(value)
      }, WorkerDiedError)
      assert.deepEqual(values, [0, 1, 2, 3])
    }))

  test(`${method}: pools in workers of a pool`, () =>
    withPool(2, async pool => {
      assert.deepEqual(await Promise.all([pool.apply(trials.nestedSum, [10]), pool.apply(trials.nestedSum, [5])]), [285, 30])
    }))

  test(`${method}: pools come and go and leave nothing`, async () => {
    const cycle = async (): Promise<void> => {
      await using pool = new BoundPool({ processes: 2, maxTasksPerChild: 2 })
      assert.deepEqual(await pool.map(square, [1, 2, 3, 4, 5, 6], { chunkSize: 1 }), [1, 4, 9, 16, 25, 36])
      await assert.rejects(pool.apply(exit, [1]), WorkerDiedError)
      // Node does not close the file of a module that a thread is loading when it is terminated.
      if (isThread) await close(pool)
    }
    await cycle()
    await cycle()
    const before = resources()
    for (let round = 0; round < 6; round += 1) await cycle()
    await assertNoGrowth(before)
  })
}

test('forkserver: the template may be killed between tasks', async () => {
  const { Pool: BoundPool } = getContext('forkserver')
  await using pool = new BoundPool(2)
  const before = await pool.apply(pid)
  assert.ok(before > 0)
  for (let round = 0; round < 3; round += 1) {
    for (const entry of readdirSync('/proc/self/task').flatMap(childrenIn).filter(isTemplate)) process.kill(entry, 'SIGKILL')
    await assert.rejects(pool.apply(exit, [1]), WorkerDiedError)
    assert.deepEqual(await pool.map(echo, [1, 2, 3, 4], { chunkSize: 1 }), [1, 2, 3, 4])
  }
})

async function close(pool: Pool): Promise<void> {
  pool.close()
  await pool.join()
}

function childrenIn(task: string): number[] {
  return readFileSync(`/proc/self/task/${task}/children`, 'latin1').split(' ').filter(Boolean).map(Number)
}
