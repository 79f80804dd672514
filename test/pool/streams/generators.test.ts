import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { WorkerDiedError } from '../../../src/base/errors.ts'
import { Pool } from '../../../src/pool/pool.ts'
import { arena } from '../../../src/memory/arena.ts'
import { checkArena } from '../../../src/memory/check.ts'
import type { ResultStream } from '../../../src/pool/streams/result-stream.ts'
import * as trials from '../../fixtures/trials/tasks.ts'
import { pid, square } from '../../fixtures/pool/work.ts'
import { isRunning, readLines, until } from '../../helpers/conditions.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { reached, withWords } from '../../helpers/wait-words.ts'

const folder = temporaryFolder()
let files = 0
function newFile(): string {
  files += 1
  return join(folder, `file-${files}`)
}

async function valuesOf<R>(stream: ResultStream<R>): Promise<R[]> {
  const values: R[] = []
  for await (const value of stream) values.push(value)
  return values
}

for (const fn of [trials.countUp, trials.countUpLater]) {
  test(`${fn.name}: all that a generator yields comes, in its order, and never more than maxPending of it ahead`, () =>
    withWords(async made => {
      await using pool = new Pool(1)
      for (const maxPending of [1, 3, 16]) {
        made.set(0)
        const stream = pool.stream(fn, [100, made.reference, ''], { maxPending })
        let most = 0
        for (let taken = 0; taken < 100; taken += 1) {
          await reached(made, Math.min(100, taken + maxPending))
          most = Math.max(most, made.value - taken)
          assert.deepEqual(await stream.next(), { value: taken, done: false })
        }
        assert.deepEqual(await stream.next(), { value: undefined, done: true })
        assert.ok(most <= maxPending, `${most} of ${maxPending}`)
      }
    }))
}

test('one stream behind the other in the same worker: what was read of the first does not let the second run ahead', () =>
  withWords(async (first, second) => {
    await using pool = new Pool(1)
    await pool.apply(square, [1])
    for (let round = 0; round < 20; round += 1) {
      for (const word of [first, second]) word.set(0)
      const one = pool.stream(trials.countUp, [12, first.reference, ''], { maxPending: 16 })
      const other = pool.stream(trials.countUp, [100, second.reference, ''], { maxPending: 2 })
      await reached(second, 1)
      // The first has ended in its worker; its items are taken one by one while the pool hears of its end.
      assert.equal((await valuesOf(one)).length, 12)
      for (let taken = 1; taken <= 5; taken += 1) {
        await other.next()
        assert.ok(second.value <= taken + 2, `${second.value} were made of ${taken + 2}`)
      }
      await other.return()
    }
  }))

test('a break runs the finally of the generator in its worker, which lives on', () =>
  withWords(async made => {
    await using pool = new Pool(1)
    const worker = await pool.apply(pid)
    for (const fn of [trials.countUp, trials.countUpLater]) {
      const file = newFile()
      for await (const value of pool.stream(fn, [1e9, made.reference, file], { maxPending: 5 })) if (value === 20) break
      assert.equal(await pool.apply(pid), worker)
      assert.deepEqual(readLines(file), ['ended'])
    }
  }))

test('a stream that nobody begins to read stays within its bounds, and ends when it is given up', () =>
  withWords(async made => {
    await using pool = new Pool(1)
    const file = newFile()
    const stream = pool.stream(trials.countUp, [1e9, made.reference, file])
    await reached(made, 16)
    await stream.return()
    assert.equal(await pool.apply(square, [3]), 9)
    assert.ok(made.value <= 17)
    assert.deepEqual(readLines(file), ['ended'])
  }))

test('what a generator throws comes in its turn', async () => {
  await using pool = new Pool(1)
  const stream = pool.stream(trials.throwAt, [3])
  const outcomes: unknown[] = []
  for (let index = 0; index < 5; index += 1) outcomes.push(await stream.next().catch((error: Error) => error.message))
  const done = { value: undefined, done: true }
  assert.deepEqual(outcomes, [{ value: 0, done: false }, { value: 1, done: false }, { value: 2, done: false }, 'no 3', done])
})

test('a function that gives nothing to iterate, throws, or gives a promise of a list', async () => {
  await using pool = new Pool(1)
  await assert.rejects(
    pool.stream(square as unknown as () => number[], [3] as unknown as []).next(),
    /has to return an iterable or an async iterable, got 9/,
  )
  await assert.rejects(pool.stream(trials.failToInitialize as () => number[]).next(), /no worker today/)
  assert.deepEqual(await valuesOf(pool.stream(async () => [1, 2, 3])), [1, 2, 3])
  assert.deepEqual(await valuesOf(pool.stream(() => new Set(['a', 'b']))), ['a', 'b'])
  assert.deepEqual(await valuesOf(pool.stream(() => [])), [])
})

test('an item that cannot travel rejects in its turn and the stream goes on', async () => {
  await using pool = new Pool(1)
  const stream = pool.stream(function* () {
    yield 1
    yield new WeakMap() as unknown as number
    yield 3
  })
  assert.equal((await stream.next()).value, 1)
  await assert.rejects(stream.next(), { name: 'NotSerializableError' })
  assert.equal((await stream.next()).value, 3)
  assert.equal((await stream.next()).done, true)
})

test('a worker that dies in the middle of a stream fails it after its items, and the pool goes on', async () => {
  await using pool = new Pool(1)
  for (const maxPending of [1, 4, 100]) {
    const stream = pool.stream(trials.dieAt, [7], { maxPending })
    const values: number[] = []
    await assert.rejects(async () => {
      for await (const value of stream) values.push(value)
    }, WorkerDiedError)
    assert.deepEqual(values, [0, 1, 2, 3, 4, 5, 6])
  }
  assert.equal(await pool.apply(square, [3]), 9)
})

test('a stream that waits for ever is stopped when its reader leaves', () =>
  withWords(async stuck => {
    await using pool = new Pool(1)
    const worker = await pool.apply(pid)
    const stream = pool.stream(trials.stickAt, [3, stuck.reference])
    await reached(stuck, 1)
    assert.equal((await stream.next()).value, 0)
    await stream.return()
    assert.notEqual(await pool.apply(pid), worker)
    await until(() => !isRunning(worker), 'the worker has ended')
  }))

test('terminate in the middle of a stream rejects its reader, and nothing is left', () =>
  withWords(async made => {
    const pool = new Pool(2)
    const stream = pool.stream(trials.countUp, [1e9, made.reference, ''])
    assert.equal((await stream.next()).value, 0)
    pool.terminate()
    await assert.rejects(
      async () => {
        for await (const value of stream) assert.ok(value < 50)
      },
      { name: 'BrokenPoolError' },
    )
    assert.equal(await pool.join({ timeout: 5000 }), true)
  }))

test('large items come one by one, and their memory goes back', async () => {
  const pool = new Pool(1)
  let count = 0
  for await (const item of pool.stream(trials.large, [40, 3_000_000], { maxPending: 2 })) {
    assert.deepEqual([item.length, item[0], item.at(-1)], [3_000_000, count, count])
    count += 1
  }
  assert.equal(count, 40)
  await pool[Symbol.asyncDispose]()
  assert.deepEqual(checkArena(arena()).problems, [])
})

test('many streams at once, in workers that have several tasks, keep their items apart', () =>
  withWords(async made => {
    await using pool = new Pool({ processes: 2, concurrency: 3 })
    const streams = Array.from({ length: 12 }, (_, index) =>
      valuesOf(pool.stream(trials.countUpLater, [50 + index, made.reference, ''], { maxPending: 1 + index })),
    )
    for (const [index, values] of (await Promise.all(streams)).entries())
      assert.deepEqual(
        values,
        Array.from({ length: 50 + index }, (_, value) => value),
      )
  }))

const bad: readonly (readonly [object, RegExp])[] = [
  [{ maxPending: 0 }, /Expected `maxPending` to be an integer of at least 1, got 0/],
  [{ maxPending: 1.5 }, /`maxPending`.*got 1\.5/],
  [{ maxPending: '4' }, /`maxPending`.*got '4'/],
  [{ chunkSize: 4 }, /Unknown option `chunkSize`/],
]

for (const [options, message] of bad) {
  test(`pool.stream with ${JSON.stringify(options)} is refused`, async () => {
    await using pool = new Pool(1)
    assert.throws(() => pool.stream(trials.throwAt, [1], options), message)
  })
}
