// CPython: FutureTests of test_future.py and the shutdown tests of test_shutdown.py. Futures are made by executors here, and not by hand.
import { CancelledError, type Future, ProcessPoolExecutor, TimeoutError } from '../../../src/futures.ts'
import { inspect } from 'node:util'
import { fail, power, same } from '../../fixtures/conformance/executors.ts'
import { playRows, row } from '../row.ts'
import type { Scene } from '../scene.ts'
import { Holding, withExecutor } from './executors.ts'

interface Futures {
  readonly executor: ProcessPoolExecutor
  readonly running: Future<unknown>
  readonly waiting: Future<unknown>
  readonly cancelled: Future<unknown>
  readonly well: Future<unknown>
  readonly failed: Future<unknown>
  letGo(): void
}

/** One future in each state. */
async function withFutures(scene: Scene, body: (futures: Futures) => Promise<void> | void): Promise<void> {
  const holding = new Holding(scene)
  await withExecutor(scene, { maxWorkers: 1 }, async executor => {
    const [well, failed] = [executor.submit(same, 42), executor.submit(fail, 'expected')]
    await Promise.allSettled([well, failed])
    const [running] = (await holding.running(executor, 1)) as [Future<unknown>]
    const [waiting, cancelled] = [executor.submit(same, 5), executor.submit(same, 6)]
    cancelled.cancel()
    await body({ executor, running, waiting, cancelled, well, failed, letGo: () => holding.letGo() })
    holding.letGo()
  })
}

/** What `asked` says of the running, the waiting, the cancelled, the well ended and the failed one. */
const ofEach = (futures: Futures, asked: (future: Future<unknown>) => unknown): unknown[] =>
  [futures.running, futures.waiting, futures.cancelled, futures.well, futures.failed].map(asked)

for (const [name, of] of [
  ['test_done_callback_with_result', 'waiting'],
  ['test_done_callback_with_exception', 'failing'],
  ['test_done_callback_with_cancel', 'cancelling'],
] as const) {
  row('FutureTests', name, 'a callback gets the future when it has ended', scene =>
    withFutures(scene, async ({ executor, waiting, letGo }) => {
      const future: Future<unknown> = of === 'failing' ? executor.submit(fail, 'expected') : waiting
      const seen: unknown[] = []
      future.addDoneCallback(({ done, cancelled }) => seen.push(done, cancelled))
      if (of === 'cancelling') future.cancel()
      letGo()
      await Promise.allSettled([future])
      scene.check.equal(seen, [true, of === 'cancelling'])
    }),
  )
}

for (const [name, of] of [
  ['test_done_callback_already_successful', 'well'],
  ['test_done_callback_already_failed', 'failed'],
  ['test_done_callback_already_cancelled', 'cancelled'],
] as const) {
  row('FutureTests', name, 'a callback of a future that has ended is called at once', scene =>
    withFutures(scene, futures => {
      let called: unknown
      futures[of].addDoneCallback(future => {
        called = future
      })
      scene.check.ok(called === futures[of])
    }),
  )
}

for (const [name, of] of [
  ['test_done_callback_raises', 'waiting'],
  ['test_done_callback_raises_already_succeeded', 'well'],
] as const) {
  row('FutureTests', name, 'a callback that throws is told as a warning, and the next is called', scene =>
    withFutures(scene, async futures => {
      const warned = new Promise<Error>(resolve => process.once('warning', resolve))
      let called = false
      futures[of].addDoneCallback(() => {
        throw new Error('expected')
      })
      futures[of].addDoneCallback(() => {
        called = true
      })
      futures.letGo()
      await futures[of]
      scene.check.equal((await warned).name, 'FutureCallbackWarning')
      scene.check.ok(called)
    }),
  )
}

row('FutureTests', 'test_repr', 'a future says in which state it is', scene =>
  withFutures(scene, futures => {
    scene.check.equal(
      ofEach(futures, future => inspect(future)),
      [
        'Future { running }',
        'Future { waiting }',
        'Future { cancelled }',
        'Future { finished, returned 42 }',
        'Future { finished, threw RangeError }',
      ],
    )
  }),
)

row('FutureTests', 'test_cancel', 'only what waits can be cancelled, and that twice', scene =>
  withFutures(scene, futures =>
    scene.check.equal(
      ofEach(futures, future => future.cancel()),
      [false, true, true, false, false],
    ),
  ),
)

for (const [test, what, property, expected] of [
  ['test_cancelled', 'was cancelled', 'cancelled', [false, false, true, false, false]],
  ['test_done', 'has ended', 'done', [false, false, true, true, true]],
  ['test_running', 'runs', 'running', [true, false, false, false, false]],
] as const) {
  row('FutureTests', test, `a future knows whether it ${what}`, scene =>
    withFutures(scene, futures =>
      scene.check.equal(
        ofEach(futures, future => future[property]),
        expected,
      ),
    ),
  )
}

row('FutureTests', 'test_result_with_timeout', 'result without waiting: what there is, or TimeoutError', scene =>
  withFutures(scene, async ({ running, waiting, cancelled, well, failed }) => {
    for (const future of [running, waiting]) {
      await scene.check.rejects(() => future.result({ timeout: 0 }), TimeoutError)
      scene.check.throws(() => future.resultSync({ timeout: 0 }), TimeoutError)
    }
    await scene.check.rejects(() => cancelled.result({ timeout: 0 }), CancelledError)
    await scene.check.rejects(() => failed.result({ timeout: 0 }), RangeError)
    scene.check.equal([await well.result({ timeout: 0 }), well.resultSync({ timeout: 0 })], [42, 42])
  }),
)

row('FutureTests', 'test_exception_with_timeout', 'exception without waiting: what there is, or TimeoutError', scene =>
  withFutures(scene, async ({ running, waiting, cancelled, well, failed }) => {
    for (const future of [running, waiting]) await scene.check.rejects(() => future.exception({ timeout: 0 }), TimeoutError)
    await scene.check.rejects(() => cancelled.exception({ timeout: 0 }), CancelledError)
    scene.check.ok((await failed.exception({ timeout: 0 })) instanceof RangeError)
    scene.check.equal([await well.exception({ timeout: 0 }), well.exceptionSync()], [null, null])
  }),
)

for (const name of ['test_result_with_success', 'test_exception_with_success']) {
  row('FutureTests', name, 'who blocks has the outcome when it is there', scene =>
    withFutures(scene, ({ executor, waiting, letGo }) => {
      const failing = executor.submit(fail, 'expected')
      letGo()
      scene.check.equal(waiting.resultSync({ timeout: 30_000 }), 5)
      scene.check.ok(failing.exceptionSync({ timeout: 30_000 }) instanceof RangeError)
    }),
  )
}

row('FutureTests', 'test_result_with_cancel', 'who waits for a future hears that it is cancelled', scene =>
  withFutures(scene, async ({ waiting }) => {
    const result = waiting.result()
    waiting.cancel()
    await scene.check.rejects(() => result, CancelledError)
    scene.check.throws(() => waiting.resultSync(), CancelledError)
  }),
)

row('ExecutorShutdownTest', 'test_run_after_shutdown', 'after shutdown nothing is taken', async scene => {
  await withExecutor(scene, {}, async executor => {
    await executor.shutdown()
    scene.check.throws(() => executor.submit(power, 2, 5), { name: 'ClosedError', message: /was shut down/ })
  })
})

row('ExecutorShutdownTest', 'test_hang_issue12364', 'what was submitted before shutdown has its results', async scene => {
  await withExecutor(scene, { maxWorkers: 2 }, async executor => {
    const futures = Array.from({ length: 50 }, () => executor.submit(same, 1))
    await executor.shutdown()
    for (const future of futures) scene.check.equal(await future.result({ timeout: 0 }), 1)
  })
})

row('ExecutorShutdownTest', 'test_cancel_futures', 'shutdown can cancel what waits, and what runs is finished', async scene => {
  const holding = new Holding(scene)
  await withExecutor(scene, { maxWorkers: 1 }, async executor => {
    const [running] = await holding.running(executor, 1)
    const waiting = Array.from({ length: 49 }, () => executor.submit(same, 1))
    const over = executor.shutdown({ cancelFutures: true })
    holding.letGo()
    await over
    scene.check.equal(waiting.filter(({ cancelled }) => cancelled).length, 49)
    scene.check.equal([running?.cancelled, await running?.exception()], [false, null])
  })
})

for (const name of ['test_hang_gh83386', 'test_hang_gh94440']) {
  row('ExecutorShutdownTest', name, 'shutdown that does not wait, or comes after a cancellation, is no hang', async scene => {
    await withExecutor(scene, { maxWorkers: 1 }, async executor => {
      const futures = [executor.submit(same, 1), executor.submit(same, 2)]
      const isCancelled = futures[1]?.cancel()
      await executor.shutdown({ wait: false })
      scene.check.equal([await futures[0], futures[1]?.cancelled], [1, isCancelled])
    })
  })
}

for (const [cls, name] of [
  ['ThreadPoolShutdownTest', 'test_context_manager_shutdown'],
  ['ThreadPoolShutdownTest', 'test_shutdown_no_wait'],
  ['ThreadPoolShutdownTest', 'test_cancel_futures_wait_false'],
  ['ProcessPoolShutdownTest', 'test_context_manager_shutdown'],
  ['ProcessPoolShutdownTest', 'test_shutdown_no_wait'],
  ['ProcessPoolShutdownTest', 'test_shutdown_gh_132969_case_1'],
] as const) {
  row(cls, name, 'the results of what was submitted are there after the end', async scene => {
    const executor = new ProcessPoolExecutor({ context: scene.ctx, maxWorkers: 2, maxTasksPerChild: 1 })
    const futures: Future<unknown>[] = [executor.submit(same, 1), executor.submit(fail, 'expected'), executor.submit(same, 3)]
    if (name !== 'test_context_manager_shutdown') await executor.shutdown({ wait: false, cancelFutures: name.includes('cancel') })
    await executor[Symbol.asyncDispose]()
    scene.check.ok(futures.every(({ done }) => done))
    if (!name.includes('cancel')) scene.check.equal([await futures[0], await futures[2]], [1, 3])
  })
}

playRows({ crew: 1 })
