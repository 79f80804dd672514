import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { TimeoutError, WorkerDiedError } from '../../../src/base/errors.ts'
import { Pool } from '../../../src/pool/pool.ts'
import { Lock } from '../../../src/sync/lock.ts'
import { SharedArray } from '../../../src/value/shared-array.ts'
import * as trials from '../../fixtures/trials/tasks.ts'
import { killSelf, square } from '../../fixtures/pool/work.ts'
import { readLines } from '../../helpers/conditions.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

const folder = temporaryFolder()
let files = 0
function newFile(): string {
  files += 1
  return join(folder, `file-${files}`)
}
const timesOf = (file: string): number => readLines(file).join('').length

type Failed = Error

function triesOf(error: Error): readonly unknown[] | undefined {
  return (error as { readonly tries?: readonly unknown[] }).tries
}

for (const how of ['kill', 'exit', 'spin']) {
  test(`a task is tried again after ${how}, with the arguments as they were`, async () => {
    await using pool = new Pool(1)
    const file = newFile()
    const list = [1, 2]
    const bytes = new Float64Array([1.5, 2.5])
    const large = new Uint8Array(300_000).fill(7)
    const task = pool.apply(trials.failTimes, [file, 2, how, list, bytes, large], { retries: 2, timeout: how === 'spin' ? 500 : 20_000 })
    list.push(3)
    bytes.fill(0)
    large.fill(0)
    const [sameList, sameBytes, sameLarge] = (await task) as [number[], Float64Array, Uint8Array]
    assert.deepEqual([sameList, sameBytes], [[1, 2], new Float64Array([1.5, 2.5])])
    assert.ok(sameLarge.length === 300_000 && sameLarge.every(byte => byte === 7))
    assert.equal(timesOf(file), 3)
  })
}

test('shared objects come to each try', async () => {
  await using pool = new Pool(1)
  const lock = new Lock()
  const array = new SharedArray('i32', [1, 2])
  const [back, same] = await pool.apply(trials.failTimes, [newFile(), 1, 'kill', lock, array], { retries: 1 })
  assert.ok(back instanceof Lock)
  array.set([5, 6])
  assert.deepEqual([...(same as Int32Array)], [5, 6])
  lock.close()
})

test('the last error says what became of each try', async () => {
  await using pool = new Pool(1)
  const file = newFile()
  await assert.rejects(pool.apply(trials.failTimes, [file, 9, 'kill'], { retries: 2 }), (error: Failed) => {
    assert.ok(error instanceof WorkerDiedError)
    assert.equal(triesOf(error)?.length, 3)
    assert.equal(triesOf(error)?.[2], error)
    assert.ok(triesOf(error)?.every(each => each instanceof WorkerDiedError))
    assert.equal(new Set(triesOf(error)?.map(each => (each as WorkerDiedError).pid)).size, 3)
    return true
  })
  await assert.rejects(pool.apply(killSelf, ['SIGKILL']), (error: Failed) => triesOf(error) === undefined)
  assert.equal(timesOf(file), 3)
})

test('what a task throws is tried again only if retryIf accepts it, and nothing without it', async () => {
  await using pool = new Pool(1)
  const [accepted, refused, without] = [newFile(), newFile(), newFile()]
  const seen: unknown[] = []
  const retryIf = (error: unknown): boolean => seen.push(error) < 3
  assert.deepEqual(await pool.apply(trials.failTimes, [accepted, 2, 'throw', 'x'], { retries: 5, retryIf }), ['x'])
  assert.deepEqual(
    seen.map(error => (error as Error).message),
    ['try 1', 'try 2'],
  )
  await assert.rejects(pool.apply(trials.failTimes, [refused, 9, 'throw'], { retries: 5, retryIf }), (error: Failed) => {
    assert.deepEqual([error.message, triesOf(error)], ['try 1', undefined])
    return true
  })
  await assert.rejects(pool.apply(trials.failTimes, [without, 9, 'throw'], { retries: 5 }), /try 1/)
  assert.deepEqual([accepted, refused, without].map(timesOf), [3, 1, 1])
})

test('a retryIf that throws rejects with that, and one that ends the task or the pool is heeded', async () => {
  const pool = new Pool(1)
  const problem = new Error('from retryIf')
  const retryIf = (): boolean => {
    throw problem
  }
  await assert.rejects(pool.apply(trials.failTimes, [newFile(), 9, 'throw'], { retries: 5, retryIf }), error => error === problem)
  const controller = new AbortController()
  for (const answer of [true, false]) {
    const abort = (): boolean => {
      controller.abort(problem)
      return answer
    }
    const options = { retries: 5, retryIf: abort, signal: answer ? controller.signal : new AbortController().signal }
    await assert.rejects(pool.apply(trials.failTimes, [newFile(), 9, 'throw'], options))
  }
  const aborting = new AbortController()
  const both = { signal: aborting.signal, retries: 5, retryIf: () => aborting.abort(problem) === null }
  await assert.rejects(pool.apply(trials.failTimes, [newFile(), 9, 'throw'], both), error => error === problem)
  assert.equal(await pool.apply(square, [3]), 9)
  const terminate = (): boolean => {
    pool.terminate()
    return true
  }
  await assert.rejects(pool.apply(trials.failTimes, [newFile(), 9, 'throw'], { retries: 5, retryIf: terminate }))
  assert.equal(await pool.join({ timeout: 5000 }), true)
})

for (const method of ['map', 'imap', 'imapUnordered'] as const) {
  test(`items of ${method} are tried again each by itself`, async () => {
    await using pool = new Pool(2)
    const collect = async (fn: (item: readonly [string, number, number, number]) => unknown, file: string): Promise<unknown[]> => {
      const items = [0, 1, 2, 3, 4].map(value => [file, value, 2, 2] as const)
      const options = { retries: 2, retryIf: (error: unknown) => error instanceof RangeError }
      if (method === 'map') return pool.map(fn, items, options)
      const values: unknown[] = []
      for await (const value of pool[method](fn, items, options)) values.push(value)
      return values.sort()
    }
    for (const fn of [trials.failItem, trials.dieAtItem]) {
      const file = newFile()
      assert.deepEqual(await collect(fn, file), [0, 1, 2, 3, 4])
      assert.deepEqual(readLines(file).sort(), ['0', '1', '2', '2', '2', '3', '4'])
    }
  })
}

test('a stream with retries and chunks tries its items again, and gives an item that fails for good its own failure', async () => {
  await using pool = new Pool(2)
  const file = newFile()
  const items = [0, 1, 2, 3, 4].map(value => [file, value, 2, 9] as const)
  const stream = pool.imap(trials.failItem, items, { chunkSize: 5, retries: 1, retryIf: () => true })
  const outcomes: unknown[] = []
  for (let index = 0; index < 5; index += 1)
    outcomes.push(
      await stream.next().then(
        ({ value }) => value,
        (error: Failed) => triesOf(error)?.length,
      ),
    )
  assert.deepEqual(outcomes, [0, 1, 2, 3, 4])
  assert.equal(readLines(file).filter(line => line === '2').length, 2)
})

test('each try has the whole time, and a task that throws a TimeoutError of its own is not tried again', async () => {
  await using pool = new Pool(1)
  const file = newFile()
  const start = performance.now()
  await assert.rejects(pool.apply(trials.failTimes, [file, 9, 'spin'], { timeout: 120, retries: 1 }), (error: Failed) => {
    assert.ok(error instanceof TimeoutError)
    assert.equal(triesOf(error)?.length, 2)
    return true
  })
  assert.ok(performance.now() - start >= 240)
  assert.equal(timesOf(file), 2)
})
