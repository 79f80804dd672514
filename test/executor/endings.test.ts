import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BrokenPoolError, CancelledError, ProcessPoolExecutor } from '../../src/futures.ts'
import * as work from '../fixtures/pool/work.ts'
import { isRunning, until } from '../helpers/conditions.ts'
import { countChildren } from '../helpers/resources.ts'
import { ALL, perMethod, PROCESSES } from '../process/methods.ts'
import { Held, openExecutor } from './executors.ts'

perMethod(ALL, 'shutdown takes no more, does what there is, and waits for the workers', async context => {
  const executor = openExecutor(context, { maxWorkers: 2 })
  const futures = Array.from({ length: 50 }, (_, value) => executor.submit(work.squareLater, value))
  const over = executor.shutdown()
  const message = 'The executor was shut down: it takes no more tasks'
  assert.throws(() => executor.submit(work.square, 1), { name: 'ClosedError', code: 'ERR_CLOSED', message })
  assert.throws(() => executor.map(work.square, [1]), { message })
  await over
  assert.ok(futures.every(({ done }) => done))
  assert.equal(countChildren(), 0)
  assert.deepEqual(
    await Promise.all(futures),
    Array.from({ length: 50 }, (_, value) => value * value),
  )
  await executor.shutdown()
  executor.terminateWorkers()
  executor.killWorkers()
})

perMethod(ALL, 'shutdown with cancelFutures cancels what waits, and what runs is finished', async context => {
  const executor = openExecutor(context, { maxWorkers: 1 })
  const held = new Held()
  const running = held.submit(executor)
  await held.arrived(1)
  const waiting = Array.from({ length: 2000 }, () => held.submit(executor))
  const over = executor.shutdown({ cancelFutures: true })
  assert.ok(waiting.every(({ cancelled }) => cancelled))
  assert.equal(running.done, false)
  held.letGo()
  await over
  assert.equal(running.cancelled, false)
  assert.equal(await running.exception(), null)
  assert.equal(held.count, 1)
})

test('shutdown that does not wait settles at once, and the tasks go on', async () => {
  const executor = new ProcessPoolExecutor({ maxWorkers: 1 })
  const held = new Held()
  const running = held.submit(executor)
  await executor.shutdown({ wait: false })
  assert.equal(running.done, false)
  held.letGo()
  assert.equal(typeof (await running), 'number')
  await until(() => countChildren() === 0, 'the worker is gone')
  await assert.rejects(executor.shutdown({ wait: 1 as never }), /`wait` to be a boolean, got 1/)
  await assert.rejects(executor.shutdown(false as never), /an object like \{ wait: false \}/)
})

test('leaving the block waits for the tasks', async () => {
  let future: { readonly done: boolean } | undefined
  const executor = new ProcessPoolExecutor({ maxWorkers: 2 })
  try {
    future = executor.submit(work.squareLater, 3)
  } finally {
    await executor[Symbol.asyncDispose]()
  }
  assert.equal(future.done, true)
  assert.equal(countChildren(), 0)
})

for (const how of ['terminateWorkers', 'killWorkers'] as const) {
  perMethod(ALL, `${how} ends workers that are busy: what runs fails, what waits is cancelled`, async context => {
    const executor = openExecutor(context, { maxWorkers: 1 })
    const held = new Held()
    const running = held.submit(executor)
    await held.arrived(1)
    const waiting = executor.submit(work.square, 2)
    executor[how]()
    assert.equal(waiting.cancelled, true)
    await assert.rejects(running.result(), BrokenPoolError)
    await assert.rejects(running.result(), { message: 'The workers of this executor were ended before this task was' })
    await assert.rejects(waiting.result(), CancelledError)
    assert.throws(() => executor.submit(work.square, 1), { name: 'ClosedError' })
    await executor.shutdown()
    assert.equal(countChildren(), 0)
    executor[how]()
  })
}

perMethod(PROCESSES, 'killWorkers ends at once also what does not heed SIGTERM', async context => {
  const executor = openExecutor(context, { maxWorkers: 1 })
  assert.equal(await executor.submit(work.ignoreTermination), true)
  const pid = await executor.submit(work.pid)
  const spinning = executor.submit(work.spin)
  await until(() => spinning.running, 'the task runs')
  executor.killWorkers()
  await until(() => !isRunning(pid), 'the worker is gone')
  assert.equal(await spinning.exception().then(error => error instanceof BrokenPoolError), true)
  await executor.shutdown()
})

perMethod(PROCESSES, 'workers can be ended that are dead already', async context => {
  const executor = openExecutor(context, { maxWorkers: 1 })
  process.kill(await executor.submit(work.pid), 'SIGKILL')
  executor.terminateWorkers()
  await executor.shutdown()
  assert.equal(countChildren(), 0)
})

perMethod(ALL, 'workers that have done their last task are not replaced when the workers are being ended', async context => {
  const executor = openExecutor(context, { maxWorkers: 2, maxTasksPerChild: 1 })
  const futures = Array.from({ length: 20 }, () => executor.submit(work.pid))
  await futures[1]?.exception()
  executor.killWorkers()
  assert.ok(futures.every(({ done }) => done))
  await executor.shutdown()
  assert.equal(countChildren(), 0)
})
