import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InterruptedError } from '../../src/base/errors.ts'
import {
  BrokenPoolError,
  CancelledError,
  ProcessPoolExecutor,
  ThreadPoolExecutor,
  TimeoutError,
  waitFuturesSync,
  WorkerDiedError,
} from '../../src/futures.ts'
import * as work from '../fixtures/pool/work.ts'
import { countChildren } from '../helpers/resources.ts'
import { ALL, perMethod, PROCESSES } from '../process/methods.ts'
import { Held, openExecutor, withExecutor } from './executors.ts'

perMethod(ALL, 'resultSync and exceptionSync block until the task has ended, and give what it came to', context =>
  withExecutor(openExecutor(context, { maxWorkers: 2 }), async executor => {
    const [well, failed] = [executor.submit(work.squareLater, 3), executor.submit(work.failOnThree, 3)]
    assert.equal(well.resultSync(), 9)
    assert.throws(() => failed.resultSync(), { name: 'RangeError', message: 'no 3' })
    assert.equal((failed.exceptionSync() as Error).message, 'no 3')
    assert.equal(well.exceptionSync(), null)
    assert.equal(well.resultSync({ timeout: 0 }), 9)
    assert.equal(await well, 9)
  }),
)

perMethod(ALL, 'they heed their time, and the task goes on; a cancelled future throws', context =>
  withExecutor(openExecutor(context, { maxWorkers: 1 }), async executor => {
    const held = new Held()
    const [future, waiting] = [held.submit(executor), held.submit(executor)]
    const start = performance.now()
    assert.throws(() => future.resultSync({ timeout: 30 }), TimeoutError)
    assert.throws(() => future.exceptionSync({ timeout: 0 }), TimeoutError)
    assert.ok(performance.now() - start >= 30)
    held.letGo()
    await future
    await waiting
    const blocked = executor.submit(work.busy, 30)
    const cancelled = executor.submit(work.square, 1)
    assert.equal(cancelled.cancel(), true)
    assert.throws(() => cancelled.resultSync(), CancelledError)
    assert.throws(() => cancelled.exceptionSync(), CancelledError)
    assert.equal(blocked.resultSync(), 30)
  }),
)

perMethod(PROCESSES, 'who blocks hears of a worker that dies, and of workers that do not come up', async context => {
  await withExecutor(openExecutor(context, { maxWorkers: 1 }), async executor => {
    assert.throws(() => executor.submit(work.killSelf, 'SIGKILL').resultSync(), WorkerDiedError)
    assert.equal(executor.submit(work.square, 3).resultSync(), 9)
  })
  await withExecutor(openExecutor(context, { maxWorkers: 1, initializer: work.failOn, initArgs: [1, 1] }), async executor => {
    assert.throws(() => executor.submit(work.square, 3).resultSync(), BrokenPoolError)
  })
})

perMethod(ALL, 'shutdownSync blocks until the tasks are done and the workers are gone', async context => {
  const executor = openExecutor(context, { maxWorkers: 2 })
  const futures = Array.from({ length: 30 }, (_, value) => executor.submit(work.square, value))
  executor.map(work.square, [1, 2, 3])
  executor.shutdownSync()
  assert.ok(futures.every(({ done }) => done))
  assert.equal(countChildren(), 0)
  executor.shutdownSync({ wait: false, cancelFutures: true })
  assert.throws(() => executor.submit(work.square, 1), { name: 'ClosedError' })
})

test('waitFuturesSync waits for all, for the first or for the first that fails, of several executors', async () => {
  const [executor, other] = [new ProcessPoolExecutor({ maxWorkers: 1 }), new ThreadPoolExecutor({ maxWorkers: 1 })]
  await withExecutor(executor, () =>
    withExecutor(other, async () => {
      const held = new Held()
      const running = held.submit(executor)
      const well = other.submit(work.square, 3)
      assert.deepEqual(waitFuturesSync([running, well], { returnWhen: 'FIRST_COMPLETED' }), {
        done: new Set([well]),
        notDone: new Set([running]),
      })
      const failed = other.submit(work.failOnThree, 3)
      assert.deepEqual(waitFuturesSync([running, failed], { returnWhen: 'FIRST_EXCEPTION' }).done, new Set([failed]))
      assert.deepEqual(waitFuturesSync([running], { timeout: 20 }).notDone, new Set([running]))
      held.letGo()
      const [later, too] = [executor.submit(work.square, 2), other.submit(work.square, 2)]
      assert.equal(waitFuturesSync([running, later, too, too]).done.size, 3)
      assert.deepEqual(waitFuturesSync([]), { done: new Set(), notDone: new Set() })
      assert.throws(() => waitFuturesSync([running], { signal: AbortSignal.abort() } as never), /signal/)
      assert.throws(() => waitFuturesSync([{} as never]), TypeError)
    }),
  )
})

test('callbacks are called while this thread blocks, and may block for other futures themselves', () =>
  withExecutor(new ThreadPoolExecutor({ maxWorkers: 1 }), async executor => {
    const seen: number[] = []
    const [first, second, third] = [1, 2, 3].map(value => executor.submit(work.square, value))
    first?.addDoneCallback(() => seen.push(second?.resultSync() ?? 0))
    third?.addDoneCallback(() => seen.push(3))
    assert.equal(third?.resultSync(), 9)
    assert.deepEqual(seen.sort(), [3, 4])
  }))

test('a signal with a handler ends a blocking wait, and the task goes on', () =>
  withExecutor(new ProcessPoolExecutor({ maxWorkers: 1 }), async executor => {
    const held = new Held()
    const future = held.submit(executor)
    await held.arrived(1)
    let handled = 0
    const handler = (): void => {
      handled += 1
    }
    process.on('SIGHUP', handler)
    process.kill(process.pid, 'SIGHUP')
    assert.throws(() => future.resultSync(), InterruptedError)
    held.letGo()
    await future
    process.off('SIGHUP', handler)
    assert.equal(handled, 1)
  }))

test('a loop that asks whether a future is done ends without a turn of the event loop', () =>
  withExecutor(new ProcessPoolExecutor({ maxWorkers: 1 }), async executor => {
    assert.equal(await executor.submit(work.square, 2), 4)
    const future = executor.submit(work.square, 3)
    const start = performance.now()
    while (!future.done) assert.ok(performance.now() - start < 20_000)
    assert.equal(future.resultSync({ timeout: 0 }), 9)
  }))
