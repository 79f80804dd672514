// What blocks the thread for a pool, whichever start method brings its workers to life.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MultiprocessingError, NotSerializableError, TimeoutError } from '../../../src/base/errors.ts'
import { Pool } from '../../../src/pool/pool.ts'
import { WaitWord } from '../../../src/sync/waiting/wait-word.ts'
import { failTimes, nestSync } from '../../fixtures/pool/sync.ts'
import * as work from '../../fixtures/pool/work.ts'
import { assertNoGrowth, resources } from '../../helpers/resources.ts'
import { ALL, perMethod } from '../../process/methods.ts'

const numbers = Array.from({ length: 1000 }, (_, index) => index)
const squares = numbers.map(x => x * x)

perMethod(ALL, 'a pool that was made in the same turn of the event loop works for a thread that blocks', async context => {
  const pool = new context.Pool(2)
  const factor = 3
  assert.equal(
    pool.applySync(x => x * factor, [4]),
    12,
  )
  assert.deepEqual(pool.mapSync(work.square, numbers), squares)
  assert.deepEqual(pool.mapSync(work.squareLater, new Set(numbers)), squares)
  assert.deepEqual(
    pool.starmapSync(
      (a: number, b: number) => a - b,
      numbers.map(x => [x, 1] as const),
      { chunkSize: 7 },
    ),
    numbers.map(x => x - 1),
  )
  assert.deepEqual([...pool.imapSync(work.square, numbers)], squares)
  assert.deepEqual(
    [...pool.imapUnorderedSync(work.square, numbers, { chunkSize: 3 })].sort((a, b) => a - b),
    squares,
  )
  assert.throws(() => pool.joinSync(), { name: 'MultiprocessingError', message: /^joinSync\(\) waits for the end of the workers: call/ })
  pool.close()
  assert.equal(pool.joinSync(), true)
  assert.equal(pool.joinSync({ timeout: 0 }), true)
  await forgetThreads()
})

perMethod(ALL, 'a worker blocks for a pool of its own', async (context, method) => {
  const pool = new context.Pool(1)
  assert.deepEqual(pool.applySync(nestSync, [method, 50]), squares.slice(0, 50))
  pool.terminate()
  assert.equal(pool.joinSync(), true)
  await forgetThreads()
})

perMethod(ALL, 'promises of the pool settle after a block as if there had been none', async context => {
  const pool = new context.Pool(2)
  const before = numbers.slice(0, 100).map(x => pool.apply(work.square, [x]))
  assert.equal(pool.applySync(work.square, [3]), 9)
  const mapped = pool.map(work.square, numbers)
  assert.equal(pool.applySync(work.square, [4]), 16)
  assert.deepEqual(await Promise.all(before), squares.slice(0, 100))
  assert.deepEqual(await mapped, squares)
  await pool[Symbol.asyncDispose]()
})

perMethod(ALL, 'timeouts and retries work while the thread blocks', async context => {
  const pool = new context.Pool(1)
  const tries = WaitWord.create()
  const seen: string[] = []
  const retryIf = (error: unknown): boolean => seen.push((error as Error).message) > 0
  assert.throws(() => pool.applySync(work.spin, [], { timeout: 50 }), TimeoutError)
  assert.equal(pool.applySync(failTimes, [tries.reference, 2], { retries: 5, retryIf }), 3)
  assert.deepEqual(seen, ['try 1', 'try 2'])
  assert.throws(() => pool.mapSync(work.failOnThree, [1, 2, 3, 4]), { name: 'RangeError', message: 'no 3' })
  assert.equal(pool.applySync(work.square, [5]), 25)
  await pool[Symbol.asyncDispose]()
  tries.free()
})

test('what blocks takes no signal, no async iterable and nothing that cannot be sent, and says what does', async () => {
  const pool = new Pool(1)
  async function* later(): AsyncGenerator<number> {
    yield await Promise.resolve(1)
  }
  const items = later() as unknown as Iterable<number>
  assert.throws(() => pool.mapSync(work.square, items), { name: 'TypeError', message: /stands still meanwhile; use map\(\)/ })
  assert.throws(() => pool.starmapSync(work.square, items as never), { name: 'TypeError', message: /use starmap\(\)/ })
  assert.throws(() => pool.imapSync(work.square, items), { name: 'TypeError', message: /use imap\(\)/ })
  assert.throws(() => pool.imapUnorderedSync(work.square, items), { name: 'TypeError', message: /use imapUnordered\(\)/ })
  assert.throws(() => pool.mapSync(work.square, 3 as never), TypeError)
  assert.throws(() => pool.applySync(work.square, [1], { signal: AbortSignal.abort() } as never), /Unknown option `signal`/)
  assert.throws(() => pool.mapSync(work.square, [1], { signal: AbortSignal.abort() } as never), /Unknown option `signal`/)
  assert.throws(() => pool.applySync(work.echo, [new WeakMap()]), NotSerializableError)
  assert.throws(() => pool.mapSync(work.echo, [1, new WeakMap()]), NotSerializableError)
  assert.throws(() => pool.applySync(7 as never), TypeError)
  await pool[Symbol.asyncDispose]()
  assert.throws(() => pool.applySync(work.square, [1]), { name: 'ClosedError' })
  assert.throws(() => pool.mapSync(work.square, [1]), MultiprocessingError)
})

test('an error of a blocking call has the far stack and where it was called', async () => {
  const pool = new Pool(1)
  const isWhole = (error: unknown): boolean =>
    /at failOn .*work\.[jt]s[\s\S]*\n {4}at \(in PoolWorker-\d+, process \d+\)\n {4}at .*calls\.test\.js/.test(
      String((error as Error).stack),
    )
  assert.throws(() => pool.applySync(work.failOn, [3, 3]), isWhole)
  assert.throws(() => pool.mapSync(work.failOnThree, [3]), isWhole)
  assert.throws(() => pool.imapSync(work.failOnThree, [3]).next(), isWhole)
  await pool[Symbol.asyncDispose]()
})

test('large arguments and results come through, more than the rings have room for', async () => {
  const pool = new Pool(2)
  const sizes = [100, 16_300, 300_000, 20_000_000]
  const results = pool.mapSync(work.makeBytes, [...sizes, ...numbers.map(() => 9000)], { chunkSize: 1 })
  assert.deepEqual(
    results.map(({ length }) => length),
    [...sizes, ...numbers.map(() => 9000)],
  )
  assert.equal(pool.applySync(work.sum, [new Uint8Array(20_000_000).fill(1)]), 20_000_000)
  await pool[Symbol.asyncDispose]()
})

test('blocking calls leave nothing behind', async () => {
  const once = async (): Promise<void> => {
    const pool = new Pool(2)
    pool.mapSync(work.square, numbers)
    for (const value of pool.imapSync(work.square, numbers)) if (value > 100) break
    assert.throws(() => pool.applySync(work.exit, [1]))
    pool.terminate()
    assert.equal(pool.joinSync(), true)
    await new Promise(setImmediate)
  }
  await once()
  const before = resources()
  for (let round = 0; round < 3; round += 1) await once()
  await assertNoGrowth(before)
})

/** Node has heard of the ends of threads: a child that is forked before that is told of them instead. */
async function forgetThreads(): Promise<void> {
  for (let turns = 0; turns < 3; turns += 1) await new Promise(setImmediate)
}
