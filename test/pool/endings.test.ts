import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { BrokenPoolError } from '../../src/base/errors.ts'
import { Pool } from '../../src/pool/pool.ts'
import { startTimer, timesFired } from '../fixtures/pool/timer.ts'
import * as work from '../fixtures/pool/work.ts'
import { nestPool } from '../fixtures/pool/nested.ts'
import { until } from '../helpers/conditions.ts'

/** Items that come when they are asked for, and one that never does. */
async function* endless(): AsyncGenerator<number> {
  yield 1
  await new Promise(() => {})
}

test('the end of the pool ends maps and streams that wait for their input', async () => {
  const pool = new Pool(1)
  const map = pool.map(work.square, endless())
  const stream = pool.imap(work.square, endless())
  assert.deepEqual(await stream.next(), { value: 1, done: false })
  const next = stream.next()
  pool.terminate()
  await assert.rejects(map, BrokenPoolError)
  await assert.rejects(next, BrokenPoolError)
  assert.deepEqual(await stream.next(), { value: undefined, done: true })
  assert.equal(await pool.join(), true)
})

test('items that cannot be iterated after all do not keep a closed pool open', async () => {
  const pool = new Pool(1)
  const items = {
    [Symbol.iterator]: (): Iterator<number> => {
      throw new RangeError('not today')
    },
  }
  assert.throws(() => pool.imap(work.square, items), RangeError)
  pool.close()
  assert.equal(await pool.join(), true)
})

test('results that were sent are kept when several workers end at once', async () => {
  const pool = new Pool(2)
  const pids = new Set<number>()
  while (pids.size < 2) pids.add(await pool.apply(work.pid))
  const results = Array.from({ length: 6 }, () => pool.apply(work.makeBytes, [100_000]))
  // Nothing of this is read before both have ended, since the event loop does not turn.
  for (const pid of pids) waitUntilAsleep(pid)
  for (const pid of pids) process.kill(pid, 'SIGKILL')
  for (const pid of pids) waitUntilEnded(pid)
  for (const result of await Promise.allSettled(results)) {
    if (result.status === 'fulfilled') assert.equal(result.value.length, 100_000)
    else assert.equal((result.reason as Error).name, 'WorkerDiedError')
  }
  const settled = await Promise.allSettled(results)
  assert.ok(settled.some(result => result.status === 'fulfilled'))
  await pool[Symbol.asyncDispose]()
})

test('the event loop of a worker turns between tasks, whatever their kind', async () => {
  const pool = new Pool(1)
  await pool.apply(startTimer)
  const times = Array.from({ length: 40 }, () => 5)
  for await (const time of pool.imap(work.busy, times, { maxPending: 40 })) assert.equal(time, 5)
  assert.ok((await pool.apply(timesFired)) >= 5)
  await pool[Symbol.asyncDispose]()
})

test('a worker that is killed takes the workers of its own pool along', async () => {
  const pool = new Pool(1)
  const nested = await pool.apply(nestPool)
  const worker = await pool.apply(work.pid)
  assert.ok(nested.every(isRunning))
  process.kill(worker, 'SIGKILL')
  await until(() => !isRunning(worker), 'the worker is gone')
  assert.equal(await pool.apply(work.square, [3]), 9)
  assert.ok(!nested.some(isRunning))
  await pool[Symbol.asyncDispose]()
})

function isRunning(pid: number): boolean {
  return stateOf(pid) !== null && stateOf(pid) !== 'Z'
}

/** As /proc tells it; null: there is no such process. */
function stateOf(pid: number): string | null {
  if (!readdirSync('/proc').includes(String(pid))) return null
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0] ?? null
  } catch {
    return null
  }
}

function waitUntilAsleep(pid: number): void {
  while (stateOf(pid) !== 'S');
}

function waitUntilEnded(pid: number): void {
  while (isRunning(pid));
}
