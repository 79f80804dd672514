// CPython: ExecutorTest (executor.py), AsCompletedTests, WaitTests and the initializers of test_concurrent_futures, and ThreadPoolExecutorTest.
import { BrokenPoolError, type Future, ProcessPoolExecutor, TimeoutError, waitFutures, asCompleted } from '../../../src/futures.ts'
import { fail, invert, power, remember, remembered, same, throwIt } from '../../fixtures/conformance/executors.ts'
import { playRows, row } from '../row.ts'
import { Holding, withExecutor } from './executors.ts'

async function toArray<T>(results: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const result of results) all.push(result)
  return all
}

row('ExecutorTest', 'test_submit', 'a future has what its task returns', async scene => {
  await withExecutor(scene, {}, async executor => scene.check.equal(await executor.submit(power, 2, 8).result(), 256))
})

row('ExecutorTest', 'test_submit_keyword', 'an object of options goes through as it is', async scene => {
  await withExecutor(scene, { maxWorkers: 1 }, async executor => {
    const options = { self: 1, fn: 2 }
    scene.check.equal(await executor.submit(same, options), options)
    scene.check.throws(() => (executor.submit as () => unknown).call(executor), TypeError)
  })
})

row('ExecutorTest', 'test_map', 'map gives what a map of the array gives, in chunks of any size', async scene => {
  await withExecutor(scene, { maxWorkers: 2 }, async executor => {
    const items = Array.from({ length: 10 }, (_, index): [number, number] => [index, 2])
    const expected = items.map(([base, exponent]) => base ** exponent)
    scene.check.equal(await toArray(executor.starmap(power, items)), expected)
    scene.check.equal(await toArray(executor.starmap(power, items, { chunkSize: 3 })), expected)
  })
})

row('ExecutorTest', 'test_map_exception', 'a failure comes at its place, and the iteration can go on', async scene => {
  await withExecutor(scene, { maxWorkers: 2 }, async executor => {
    for (const chunkSize of [1, 2]) {
      const results = executor.map(invert, [1, 1, 0, 1], { chunkSize })
      scene.check.equal([(await results.next()).value, (await results.next()).value], [1n, 1n])
      await scene.check.rejects(() => results.next(), RangeError)
      scene.check.equal((await results.next()).value, 1n)
      scene.check.equal((await results.next()).done, true)
    }
  })
})

row('ExecutorTest', 'test_map_timeout_from_callable', 'a TimeoutError of a task is not that of the map', async scene => {
  await withExecutor(scene, { maxWorkers: 1 }, async executor => {
    const results = executor.map(throwIt, [new TimeoutError('of the task'), 'other'], { timeout: 60_000 })
    await scene.check.rejects(() => results.next(), { name: 'TimeoutError', message: 'of the task' })
    await scene.check.rejects(
      () => results.next(),
      (error: unknown) => error === 'other',
    )
  })
})

row('ExecutorTest', 'test_map_timeout', 'when the time is over next() says so, and nothing comes then', async scene => {
  const holding = new Holding(scene)
  await withExecutor(scene, { maxWorkers: 1 }, async executor => {
    await holding.running(executor, 1)
    const results = executor.map(same, [1, 2], { timeout: 20 })
    await scene.check.rejects(() => results.next(), TimeoutError)
    scene.check.equal((await results.next()).done, true)
    holding.letGo()
  })
})

row('ExecutorTest', 'test_map_close', 'closing the iteration cancels the rest', async scene => {
  const holding = new Holding(scene)
  await withExecutor(scene, { maxWorkers: 1 }, async executor => {
    await holding.running(executor, 1)
    const results = executor.map(same, [1, 2, 3])
    await results.return()
    scene.check.equal((await results.next()).done, true)
    holding.letGo()
  })
})

row('ExecutorTest', 'test_map_buffersize_type_validation', 'a bufferSize is an integer', async scene => {
  await withExecutor(scene, {}, async executor => {
    for (const bufferSize of ['foo', null])
      scene.check.throws(() => executor.map(same, [1], { bufferSize: bufferSize as never }), TypeError)
    scene.check.throws(() => executor.map(same, [1], { bufferSize: 2.5 }), RangeError)
  })
})

row('ExecutorTest', 'test_map_buffersize_value_validation', 'a bufferSize is at least 1', async scene => {
  await withExecutor(scene, {}, async executor => {
    for (const bufferSize of [0, -1]) scene.check.throws(() => executor.map(same, [1], { bufferSize }), RangeError)
  })
})

row('ExecutorTest', 'test_map_buffersize', 'buffers of any size give the same', async scene => {
  await withExecutor(scene, { maxWorkers: 2 }, async executor => {
    const items = [0, 1, 2, 3]
    for (const bufferSize of [1, 2, 4, 8]) scene.check.equal(await toArray(executor.map(same, items, { bufferSize })), items)
  })
})

for (const [name, sentence] of [
  ['test_map_buffersize_on_infinite_iterable', 'an endless input can be used'],
  ['test_map_buffersize_when_buffer_is_full', 'no more is read than there is room for'],
] as const) {
  row('ExecutorTest', name, `with a bufferSize ${sentence}`, async scene => {
    await withExecutor(scene, { maxWorkers: 1 }, async executor => {
      let read = 0
      function* endless(): Generator<number> {
        for (;;) {
          read += 1
          yield read
        }
      }
      const results = executor.map(same, endless(), { bufferSize: 2, chunkSize: 1 })
      scene.check.equal([(await results.next()).value, (await results.next()).value], [1, 2])
      await executor.submit(same, 1)
      scene.check.ok(read <= 4)
      await results.return()
    })
  })
}

row('ExecutorTest', 'test_map_buffersize_on_multiple_iterables', 'several inputs are one of lists', async scene => {
  await withExecutor(scene, { maxWorkers: 1 }, async executor => {
    const items: [number, number][] = [
      [1, 2],
      [2, 2],
      [3, 2],
    ]
    scene.check.equal(await toArray(executor.starmap(power, items, { bufferSize: 2 })), [1, 4, 9])
  })
})

row('ExecutorTest', 'test_map_buffersize_on_empty_iterable', 'of nothing comes nothing', async scene => {
  await withExecutor(scene, {}, async executor => scene.check.equal(await toArray(executor.map(same, [], { bufferSize: 2 })), []))
})

row('ExecutorTest', 'test_shutdown_race_issue12456', 'a map and an immediate shutdown are no hang', async scene => {
  await withExecutor(scene, { maxWorkers: 2 }, async executor => {
    const results = executor.map(
      same,
      Array.from({ length: 60 }, (_, index) => index),
    )
    await executor.shutdown()
    scene.check.equal((await toArray(results)).length, 60)
  })
})

row('ExecutorTest', 'test_max_workers_negative', 'there is at least one worker', scene => {
  for (const maxWorkers of [0, -1]) scene.check.throws(() => new ProcessPoolExecutor({ maxWorkers, context: scene.ctx }), RangeError)
})

row('ExecutorTest', 'test_swallows_falsey_exceptions', 'whatever is thrown is thrown here, also what is false', async scene => {
  await withExecutor(scene, { maxWorkers: 1 }, async executor => {
    for (const thrown of [0, '', null, undefined, false]) {
      scene.check.equal(await Promise.allSettled([executor.submit(throwIt, thrown)]), [{ status: 'rejected', reason: thrown }])
    }
  })
})

row('AsCompletedTests', 'test_no_timeout', 'all come, however they ended', async scene => {
  const holding = new Holding(scene)
  await withExecutor(scene, { maxWorkers: 1 }, async executor => {
    const [running] = (await holding.running(executor, 1)) as [Future<string>]
    const cancelled = holding.submit(executor)
    cancelled.cancel()
    holding.letGo()
    const failed: Future<string> = executor.submit(fail, 'expected')
    const statuses = new Map<Future<string>, string>()
    for await (const { future, status } of asCompleted([running, cancelled, failed])) statuses.set(future, status)
    scene.check.equal([statuses.get(running), statuses.get(cancelled), statuses.get(failed)], ['fulfilled', 'rejected', 'rejected'])
  })
})

for (const [name, timeout] of [
  ['test_future_times_out', 0],
  ['test_correct_timeout_exception_msg', 20],
] as const) {
  row('AsCompletedTests', name, 'those that have ended come, and then how many have not', async scene => {
    const holding = new Holding(scene)
    await withExecutor(scene, { maxWorkers: 2 }, async executor => {
      const ended = [executor.submit(power, 2, 2), executor.submit(power, 2, 3)]
      await waitFutures(ended)
      const running = await holding.running(executor, 2)
      const outcomes = asCompleted<unknown>([...ended, ...running], { timeout })
      scene.check.equal([(await outcomes.next()).value.future, (await outcomes.next()).value.future], ended)
      await scene.check.rejects(() => outcomes.next(), { name: 'TimeoutError', message: '2 (of 4) futures unfinished' })
      holding.letGo()
    })
  })
}

row('AsCompletedTests', 'test_duplicate_futures', 'each comes once, of any iterable', async scene => {
  await withExecutor(scene, { maxWorkers: 1 }, async executor => {
    const future = executor.submit(power, 2, 3)
    for (const futures of [[future, future], new Set([future]), [future].values()]) {
      scene.check.equal((await toArray(asCompleted(futures))).length, 1)
    }
  })
})

row('WaitTests', 'test_20369', 'futures that are there twice are waited for once', async scene => {
  await withExecutor(scene, { maxWorkers: 1 }, async executor => {
    const future = executor.submit(power, 2, 3)
    const { done, notDone } = await waitFutures([future, future], { returnWhen: 'ALL_COMPLETED' })
    scene.check.equal([done, notDone], [new Set([future]), new Set()])
  })
})

for (const [name, returnWhen, isFailure, isFirst] of [
  ['test_first_completed', 'FIRST_COMPLETED', false, false],
  ['test_first_completed_some_already_completed', 'FIRST_COMPLETED', false, true],
  ['test_first_exception', 'FIRST_EXCEPTION', true, false],
  ['test_first_exception_some_already_complete', 'FIRST_EXCEPTION', true, false],
  ['test_first_exception_one_already_failed', 'FIRST_EXCEPTION', true, true],
] as const) {
  row('WaitTests', name, 'the wait is over when the first is there that is wanted', async scene => {
    const holding = new Holding(scene)
    await withExecutor(scene, { maxWorkers: 2 }, async executor => {
      const [running] = (await holding.running(executor, 1)) as [Future<unknown>]
      const well: Future<unknown> = executor.submit(power, 2, 3)
      const wanted: Future<unknown> = isFailure ? executor.submit(fail, 'expected') : well
      if (isFirst) await wanted.exception()
      const { done, notDone } = await waitFutures([running, well, wanted], { returnWhen })
      scene.check.ok(done.has(wanted))
      scene.check.ok(notDone.has(running))
      holding.letGo()
    })
  })
}

row('WaitTests', 'test_all_completed', 'the wait is over when all have ended, however they did', async scene => {
  await withExecutor(scene, { maxWorkers: 2 }, async executor => {
    const futures: Future<unknown>[] = [executor.submit(power, 2, 3), executor.submit(fail, 'expected'), executor.submit(same, 1)]
    futures[2]?.cancel()
    scene.check.equal(await waitFutures(futures), { done: new Set(futures), notDone: new Set() })
  })
})

row('WaitTests', 'test_timeout', 'when the time is over it is said which have ended', async scene => {
  const holding = new Holding(scene)
  await withExecutor(scene, { maxWorkers: 2 }, async executor => {
    const well: Future<unknown> = executor.submit(power, 2, 3)
    await well
    const [running] = (await holding.running(executor, 1)) as [Future<unknown>]
    scene.check.equal(await waitFutures([well, running], { timeout: 20 }), { done: new Set([well]), notDone: new Set([running]) })
    holding.letGo()
  })
})

row('InitializerMixin', 'test_initializer', 'the initializer has run in each worker before its first task', async scene => {
  await withExecutor(scene, { maxWorkers: 2, initializer: remember, initArgs: ['initialized'] }, async executor => {
    const all = await Promise.all(Array.from({ length: 6 }, () => executor.submit(remembered)))
    scene.check.equal(new Set(all), new Set(['initialized']))
  })
})

row(
  'FailingInitializerMixin',
  'test_initializer',
  'an initializer that throws fails the futures, and what is submitted later',
  async scene => {
    await withExecutor(scene, { maxWorkers: 2, initializer: fail, initArgs: ['expected'] }, async executor => {
      await scene.check.rejects(() => executor.submit(remembered).result(), BrokenPoolError)
      scene.check.throws(() => executor.submit(remembered), BrokenPoolError)
    })
  },
)

row('ThreadPoolExecutorTest', 'test_map_submits_without_iteration', 'map works on its items though nobody reads', async scene => {
  await withExecutor(scene, { maxWorkers: 1 }, async executor => {
    const { ctx, own, check } = scene
    const done = own(new ctx.Semaphore(0))
    executor.map(each => each.release(), [done, done, done])
    for (let index = 0; index < 3; index += 1) check.ok(await done.acquire({ timeout: 30_000 }))
  })
})

playRows({ crew: 1 })
