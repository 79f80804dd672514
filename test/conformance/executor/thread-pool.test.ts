// CPython: ThreadPoolExecutorTest of test_concurrent_futures/test_thread_pool.py and ThreadPoolWaitTests of test_wait.py.
import { type Future, TimeoutError, waitFutures, waitFuturesSync } from '../../../src/futures.ts'
import { cpuCount } from '../../../src/index.ts'
import { hold } from '../../fixtures/conformance/executors.ts'
import { FORMS } from '../../fixtures/conformance/forms.ts'
import { playRows, row } from '../row.ts'
import { Holding, reuseIdle, saturate, withExecutor } from './executors.ts'

const CLASS = 'ThreadPoolExecutorTest'

row(
  CLASS,
  'test_default_workers',
  'without a number there are as many workers as processors, and threads four more, up to 32',
  async scene => {
    const expected = scene.ctx.startMethod === 'thread' ? Math.min(32, cpuCount() + 4) : cpuCount()
    const holding = new Holding(scene)
    await withExecutor(scene, {}, async executor => {
      const running = await holding.running(executor, expected)
      const waiting = Array.from({ length: expected }, () => holding.submit(executor))
      scene.check.equal([...running, ...waiting].filter(future => future.running).length, expected)
      holding.letGo()
      scene.check.equal(new Set(await Promise.all([...running, ...waiting])).size, expected)
    })
  },
)

row(CLASS, 'test_saturation', 'under load there are as many workers as may be, and no more', scene => saturate(scene, 4))

row(CLASS, 'test_idle_thread_reuse', 'tasks one after the other are done by one worker', reuseIdle)

row(
  CLASS,
  'test_executor_map_current_future_cancel',
  'a map whose time is over begins none of its items, also not the next',
  async scene => {
    const holding = new Holding(scene)
    const { check, own, ctx } = scene
    const begun = own(new ctx.Semaphore(0))
    const mayGo = own(new ctx.Event())
    await withExecutor(scene, { maxWorkers: 1 }, async executor => {
      const [first] = (await holding.running(executor, 1)) as [Future<string>]
      const results = executor.starmap(
        hold,
        [
          [begun, mayGo],
          [begun, mayGo],
        ],
        { timeout: 0, chunkSize: 1 },
      )
      await check.rejects(() => results.next(), TimeoutError)
      check.equal((await results.next()).done, true)
      holding.letGo()
      check.equal(await first.exception(), null)
    })
    check.equal(begun.value, 0)
  },
)

row('ThreadPoolWaitTests', 'test_pending_calls_race', 'whoever waits for futures while they end misses none', async scene => {
  for (const form of FORMS) {
    const holding = new Holding(scene)
    await withExecutor(scene, { maxWorkers: 4 }, async executor => {
      const futures = Array.from({ length: 100 }, () => holding.submit(executor))
      holding.letGo()
      const options = { returnWhen: 'ALL_COMPLETED', timeout: 30_000 } as const
      const { done, notDone } = form === 'promise' ? await waitFutures(futures, options) : waitFuturesSync(futures, options)
      scene.check.equal([done.size, notDone.size], [100, 0])
    })
  }
})

playRows({ crew: 1 })
