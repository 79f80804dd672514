import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  BrokenPoolError,
  CancelledError,
  type ProcessPoolExecutor,
  ThreadPoolExecutor,
  TimeoutError,
  WorkerDiedError,
} from '../../src/futures.ts'
import { ClosedError } from '../../src/base/errors.ts'
import * as work from '../fixtures/pool/work.ts'
import { until } from '../helpers/conditions.ts'
import { ALL, perMethod } from '../process/methods.ts'
import { Held, openExecutor, withExecutor } from './executors.ts'

const numbers = Array.from({ length: 200 }, (_, index) => index)
const squares = numbers.map(x => x * x)

function withThreads(body: (executor: ProcessPoolExecutor) => Promise<void>, maxWorkers = 1): Promise<void> {
  return withExecutor(new ThreadPoolExecutor({ maxWorkers }), body)
}

async function toArray<T>(results: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const result of results) all.push(result)
  return all
}

perMethod(ALL, 'map gives the results in the order of the items, with chunks and buffers of any size', context =>
  withExecutor(openExecutor(context, { maxWorkers: 2 }), async executor => {
    assert.deepEqual(await toArray(executor.map(work.square, numbers)), squares)
    for (const chunkSize of [1, 7, 400]) assert.deepEqual(await toArray(executor.map(work.squareLater, numbers, { chunkSize })), squares)
    for (const bufferSize of [1, 2, 200, 400]) assert.deepEqual(await toArray(executor.map(work.square, numbers, { bufferSize })), squares)
    assert.deepEqual(await toArray(executor.starmap(work.join, [['a', 'b'], ['c']] as const)), ['a b', 'c'])
    assert.deepEqual(await toArray(executor.map(work.square, [])), [])
  }),
)

test('a failure comes at its place, and the results behind it can be had', () =>
  withThreads(async executor => {
    const results = executor.map(work.failOnThree, [1, 2, 3, 4])
    const seen: unknown[] = []
    for (let index = 0; index < 4; index += 1)
      seen.push(
        await results.next().then(
          ({ value }) => value,
          error => error.message,
        ),
      )
    assert.deepEqual(seen, [1, 2, 'no 3', 4])
    assert.equal((await results.next()).done, true)
  }))

test('all items are worked on whether anybody reads the results or not', () =>
  withThreads(async executor => {
    const held = new Held()
    held.letGo()
    executor.map(
      work.passGateWith,
      numbers.map(value => held.item(value)),
    )
    await until(() => held.count === numbers.length, 'all items have been worked on')
  }))

test('shutdown lets a map be finished that nobody reads', async () => {
  const executor = new ThreadPoolExecutor({ maxWorkers: 2 })
  const results = executor.map(work.square, numbers)
  await executor.shutdown()
  assert.deepEqual(await toArray(results), squares)
})

test('with bufferSize only so many items are read ahead of the reader, also of an endless input', () =>
  withThreads(async executor => {
    let read = 0
    function* endless(): Generator<number> {
      for (;;) {
        read += 1
        yield read
      }
    }
    const results = executor.map(work.square, endless(), { bufferSize: 3 })
    assert.equal((await results.next()).value, 1)
    assert.equal((await results.next()).value, 4)
    await executor.submit(work.square, 1)
    assert.ok(read <= 5, `${read} were read`)
    await results.return()
    assert.equal((await results.next()).done, true)
  }))

test('shutdown ends a buffered map: what was read is done, and the reader hears that there was more', async () => {
  const executor = new ThreadPoolExecutor({ maxWorkers: 1 })
  const results = executor.map(work.square, numbers, { bufferSize: 2, chunkSize: 1 })
  assert.equal((await results.next()).value, 0)
  await executor.shutdown()
  const seen: unknown[] = []
  await assert.rejects(async () => {
    for await (const value of results) seen.push(value)
  }, ClosedError)
  assert.deepEqual(seen, squares.slice(1, 1 + seen.length))
  assert.ok(seen.length <= 2)
})

test('the time of a map counts from the call: what has come can be read, then next rejects, and what waited is cancelled', () =>
  withThreads(async executor => {
    const held = new Held()
    const items = [executor.submit(work.square, 3), held.submit(executor)]
    await items[0]
    await held.arrived(1)
    const waiting = executor.map(work.square, [1, 2, 3], { timeout: 20 })
    await assert.rejects(waiting.next(), { name: 'TimeoutError', message: 'The result did not come within 20 ms of the call' })
    assert.equal((await waiting.next()).done, true)
    held.letGo()
    await items[1]
  }))

test('a task that throws a TimeoutError itself is no end of the iteration', () =>
  withThreads(async executor => {
    const results = executor.map(throwTimeout, [1, 2], { timeout: 60_000 })
    await assert.rejects(results.next(), { message: 'of task 1' })
    await assert.rejects(results.next(), { message: 'of task 2' })
    assert.equal((await results.next()).done, true)
  }))

function throwTimeout(value: number): never {
  throw new TimeoutError(`of task ${value}`)
}

test('ending the iteration cancels what no worker has, and lets finish what runs', () =>
  withThreads(async executor => {
    const held = new Held()
    const results = executor.map(
      work.passGateWith,
      numbers.map(value => held.item(value)),
      { chunkSize: 1 },
    )
    await held.arrived(1)
    await results.return()
    held.letGo()
    assert.equal(await executor.submit(work.square, 3), 9)
    assert.equal(held.count, 1)
  }))

test('an abort ends the iteration with its reason and stops what runs', () =>
  withThreads(async executor => {
    const held = new Held()
    const controller = new AbortController()
    const results = executor.map(work.passGateWith, [held.item(1), held.item(2)], { signal: controller.signal })
    await held.arrived(1)
    controller.abort(new Error('enough'))
    await assert.rejects(results.next(), { message: 'enough' })
    assert.throws(() => executor.map(work.square, [1], { signal: controller.signal }), { message: 'enough' })
    assert.equal(await executor.submit(work.square, 3), 9)
  }))

test('shutdown with cancelFutures cancels the items that no worker has', async () => {
  const executor = new ThreadPoolExecutor({ maxWorkers: 1 })
  const held = new Held()
  const results = executor.map(
    work.passGateWith,
    [1, 2, 3].map(value => held.item(value)),
    { chunkSize: 1 },
  )
  await held.arrived(1)
  const over = executor.shutdown({ cancelFutures: true })
  held.letGo()
  assert.equal((await results.next()).value, 1)
  for (let index = 0; index < 2; index += 1) await assert.rejects(results.next(), CancelledError)
  await over
  assert.equal(held.count, 1)
})

test('the end of the workers fails the item that runs, and cancels the others', async () => {
  const executor = new ThreadPoolExecutor({ maxWorkers: 1 })
  const held = new Held()
  const results = executor.map(
    work.passGateWith,
    [1, 2].map(value => held.item(value)),
    { chunkSize: 1 },
  )
  await held.arrived(1)
  executor.killWorkers()
  await assert.rejects(results.next(), BrokenPoolError)
  await assert.rejects(results.next(), CancelledError)
  assert.equal((await results.next()).done, true)
  await executor.shutdown()
})

test('a worker that dies in a map fails the item it was at, and the executor goes on', () =>
  withThreads(async executor => {
    const results = executor.map((value: number) => (value === 1 ? process.exit(3) : value), [0, 1, 2], { chunkSize: 3 })
    assert.equal((await results.next()).value, 0)
    await assert.rejects(results.next(), WorkerDiedError)
    assert.equal((await results.next()).value, 2)
  }))

test('wrong options of a map are refused with what was expected', () =>
  withThreads(async executor => {
    const wrong: [object, RegExp][] = [
      [{ bufferSize: 0 }, /`bufferSize` to be an integer of at least 1, got 0/],
      [{ bufferSize: 'foo' }, /`bufferSize`/],
      [{ bufferSize: 2.5 }, /`bufferSize`/],
      [{ chunkSize: -1 }, /`chunkSize`/],
      [{ timeout: 'soon' }, /`timeout`/],
      [{ signal: {} }, /`signal` to be an AbortSignal/],
      [{ maxPending: 3 }, /maxPending/],
    ]
    for (const [options, message] of wrong) assert.throws(() => executor.map(work.square, [1], options), { message })
    assert.throws(() => executor.map(work.square, 5 as never), /`items` to be an iterable/)
  }))
