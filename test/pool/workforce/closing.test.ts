import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WorkerDiedError } from '../../../src/base/errors.ts'
import { Pool } from '../../../src/pool/pool.ts'
import * as trials from '../../fixtures/trials/tasks.ts'
import * as work from '../../fixtures/pool/work.ts'
import { countChildren } from '../../helpers/resources.ts'

async function* later<T>(items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) {
    await new Promise(setImmediate)
    yield item
  }
}

test('a map whose input comes asynchronously is finished although the pool is closed and has nothing else to do', async () => {
  const pool = new Pool(2)
  const numbers = Array.from({ length: 300 }, (_, index) => index)
  const mapped = pool.map(work.square, later(numbers), { chunkSize: 1 })
  pool.close()
  assert.deepEqual(
    await mapped,
    numbers.map(x => x * x),
  )
  assert.equal(await pool.join({ timeout: 10_000 }), true)
  assert.equal(countChildren(), 0)
})

test('a closed pool whose last task is its worker’s end starts no other worker', async () => {
  for (const processes of [1, 2]) {
    const pool = new Pool(processes)
    const mapped = pool.map(work.killSelf, ['SIGKILL', 'SIGKILL', 'SIGKILL', 'SIGKILL', 'SIGKILL'], { chunkSize: 1 })
    pool.close()
    await assert.rejects(mapped, WorkerDiedError)
    assert.equal(await pool.join({ timeout: 10_000 }), true)
    assert.equal(countChildren(), 0)
    await new Promise(resolve => setTimeout(resolve, 50)) // Nothing tells that nothing happens.
    assert.equal(countChildren(), 0)
  }
})

test('a closed pool goes on with streams that are read, and ends with them', async () => {
  const pool = new Pool(1)
  const stream = pool.stream(trials.throwAt, [40], { maxPending: 2 })
  const squares = pool.imap(work.square, [1, 2, 3], { maxPending: 1 })
  pool.close()
  const values: number[] = []
  await assert.rejects(async () => {
    for await (const value of stream) values.push(value)
  }, /no 40/)
  assert.equal(values.length, 40)
  for await (const value of squares) values.push(value)
  assert.deepEqual(values.slice(40), [1, 4, 9])
  assert.equal(await pool.join(), true)
})
