import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { BrokenPoolError, WorkerDiedError } from '../../src/base/errors.ts'
import { Pool } from '../../src/pool/pool.ts'
import { WaitWord } from '../../src/sync/waiting/wait-word.ts'
import { reference } from '../../src/wire/function-reference.ts'
import * as work from '../fixtures/pool/work.ts'
import { isRunning, readLines, until } from '../helpers/conditions.ts'
import { runProgram } from '../helpers/programs.ts'
import { childrenOf, countChildren } from '../helpers/resources.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const folder = temporaryFolder()

async function withPool(processes: number, body: (pool: Pool) => Promise<void>): Promise<void> {
  const pool = new Pool(processes)
  try {
    await body(pool)
  } finally {
    await pool[Symbol.asyncDispose]()
  }
  assert.equal(countChildren(), 0)
}

test('a worker that is killed fails its own task alone, and no task runs twice', () =>
  withPool(2, async pool => {
    const file = join(folder, 'killed')
    const bad = 137
    const results = await Promise.allSettled(Array.from({ length: 500 }, (_, value) => pool.apply(work.noteAndDieAt, [[file, value, bad]])))
    for (const [value, result] of results.entries()) {
      if (value !== bad) assert.deepEqual(result, { status: 'fulfilled', value })
    }
    const failed = results[bad] as PromiseRejectedResult
    assert.ok(failed.reason instanceof WorkerDiedError)
    assert.equal(failed.reason.signal, 'SIGKILL')
    assert.equal(failed.reason.exitCode, null)
    assert.ok(failed.reason.pid > 0 && !isRunning(failed.reason.pid))
    assert.match(failed.reason.message, /^PoolWorker-\d+ \(process \d+\) ended with signal SIGKILL before its task did$/)
    const lines = readLines(file)
    assert.equal(lines.length, 500)
    assert.equal(new Set(lines).size, 500)
  }))

test('process.exit in a task fails the task with the exit code, and the worker is replaced', () =>
  withPool(1, async pool => {
    for (const code of [0, 7]) {
      await assert.rejects(
        pool.apply(work.exit, [code]),
        error => error instanceof WorkerDiedError && error.exitCode === code && error.signal === null,
      )
    }
    assert.equal(await pool.apply(work.square, [3]), 9)
  }))

test('a worker killed in map fails the map; one killed in a stream fails the item it was at, and nothing else of its chunk', () =>
  withPool(2, async pool => {
    const file = join(folder, 'chunks')
    const items = Array.from({ length: 20 }, (_, value) => [file, value, 5] as const)
    await assert.rejects(pool.map(work.noteAndDieAt, items, { chunkSize: 2 }), WorkerDiedError)
    const stream = pool.imap(work.noteAndDieAt, items, { chunkSize: 2 })
    const seen: unknown[] = []
    for (let index = 0; index < 20; index += 1) {
      seen.push(
        await stream.next().then(
          result => result.value,
          error => (error as Error).name,
        ),
      )
    }
    assert.deepEqual(seen, [0, 1, 2, 3, 4, 'WorkerDiedError', ...Array.from({ length: 14 }, (_, index) => index + 6)])
  }))

test('a worker that is killed while it has nothing to do is replaced without a word', () =>
  withPool(2, async pool => {
    for (let round = 0; round < 3; round += 1) {
      const pid = await pool.apply(work.pid)
      process.kill(pid, 'SIGKILL')
      await until(() => !isRunning(pid), 'the worker is gone')
      assert.deepEqual(await pool.map(work.square, [1, 2, 3]), [1, 4, 9])
    }
  }))

test('all workers killed at once fail their tasks, and new ones do the rest', () =>
  withPool(3, async pool => {
    const [arrived, gate] = [WaitWord.create(), WaitWord.create()]
    const held = Array.from({ length: 3 }, () => pool.apply(work.passGate, [arrived.reference, gate.reference]))
    const waiting = Array.from({ length: 50 }, (_, value) => pool.apply(work.square, [value]))
    await until(() => arrived.value === 3, 'each worker has a task in hand')
    for (const pid of childrenOf(process.pid)) process.kill(pid, 'SIGKILL')
    const results = await Promise.allSettled(held)
    assert.ok(results.every(result => result.status === 'rejected' && result.reason instanceof WorkerDiedError))
    assert.deepEqual(
      await Promise.all(waiting),
      Array.from({ length: 50 }, (_, value) => value * value),
    )
    for (const word of [arrived, gate]) word.free()
  }))

test('a module that throws while it is imported rejects each call, and no worker ends of it', () =>
  withPool(2, async pool => {
    const before = await pidsOf(pool)
    const unreachable = reference<() => void>(new URL('../fixtures/pool/throws-at-import.js', import.meta.url), 'unreachable')
    for (let round = 0; round < 5; round += 1) {
      await assert.rejects(pool.apply(unreachable), { name: 'SyntaxError', message: 'this module throws while it is imported' })
    }
    await assert.rejects(pool.map(unreachable, [1, 2, 3]), /throws while it is imported/)
    assert.deepEqual(await pidsOf(pool), before)
  }))

test('workers that cannot start break the pool, with the cause, after a few attempts', async () => {
  const pool = new Pool({ processes: 2, execArgv: ['--no-such-flag'] })
  await assert.rejects(pool.apply(work.square, [1]), error => {
    assert.ok(error instanceof BrokenPoolError)
    assert.ok(error.cause instanceof WorkerDiedError)
    assert.equal(error.cause.exitCode, 9) // What node says to a flag that it does not know.
    return true
  })
  await assert.rejects(pool.map(work.square, [1]), BrokenPoolError)
  pool.terminate()
  assert.equal(await pool.join(), true)
  assert.equal(countChildren(), 0)
})

test('a pool of many workers that cannot start breaks once and lets all go', async () => {
  const pool = new Pool({ processes: 12, execArgv: ['--no-such-flag'] })
  const [first, second] = await Promise.allSettled([pool.apply(work.square, [1]), pool.apply(work.square, [2])])
  assert.equal(first?.status, 'rejected')
  assert.equal((first as PromiseRejectedResult).reason, (second as PromiseRejectedResult).reason)
  await pool[Symbol.asyncDispose]()
  assert.equal(countChildren(), 0)
})

test('a pool makes do with the workers that the system grants, and its constructor throws when there are none', async () => {
  // Each worker takes a few descriptors of its parent; and a child of the tests' build opens a hundred modules at once.
  const { stdout, stderr } = await runProgram(new URL('../fixtures/failing-pools/refused-program.js', import.meta.url), [], {
    shell: 'ulimit -n 150',
  })
  assert.deepEqual([stdout, stderr], ['true\n0\nfull\nEMFILE\n0\n[ 16 ]\n0\n', ''])
})

test('a call that finds no memory rejects, and the pool goes on', async () => {
  // In units of 1024 bytes: the arena's first segment fits, and a second one.
  const { stdout, stderr } = await runProgram(new URL('../fixtures/failing-pools/full-program.js', import.meta.url), [], {
    shell: 'ulimit -f 33000',
  })
  assert.deepEqual([stdout, stderr], ['3\nEFBIG\n6\n[ 1500 ] EFBIG\ntrue\n', ''])
})

for (const [how, printed] of [
  ['close', 'true\n'],
  ['terminate', 'BrokenPoolError\ntrue\n'],
  ['terminate-sync', 'BrokenPoolError\ntrue\n'],
] as const) {
  test(`a pool whose template never comes up can be ended (${how})`, async () => {
    const { stdout, stderr } = await runProgram(new URL('../fixtures/failing-pools/hanging-template-program.js', import.meta.url), [how])
    assert.deepEqual([stdout, stderr], [printed, ''])
  })
}

/** The pids of all workers of a pool of two that has nothing else to do. */
async function pidsOf(pool: Pool): Promise<number[]> {
  const pids = new Set<number>()
  while (pids.size < 2) for (const pid of await Promise.all([pool.apply(work.pid), pool.apply(work.pid)])) pids.add(pid)
  return [...pids].sort((a, b) => a - b)
}
