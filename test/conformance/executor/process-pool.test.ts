// CPython: ProcessPoolExecutorTest of test_concurrent_futures/test_process_pool.py, with the regressions of 2026.
import { BrokenPoolError, CancelledError, type Future, ProcessPoolExecutor, WorkerDiedError } from '../../../src/futures.ts'
import { crash, exit, fail, invert, nameOfWorker, power, same } from '../../fixtures/conformance/executors.ts'
import { playRows, row } from '../row.ts'
import { Holding, reuseIdle, saturate, withExecutor } from './executors.ts'

const CLASS = 'ProcessPoolExecutorTest'
const GOES_ON = 'in Python the executor is broken from then on, with all of its futures'

async function toArray<T>(results: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const result of results) all.push(result)
  return all
}

const outcomesOf = (futures: readonly Future<unknown>[]): Promise<unknown[]> => Promise.all(futures.map(future => future.exception()))

row(
  CLASS,
  'test_killed_child',
  'the death of one worker is told to its future',
  async scene => {
    await withExecutor(scene, { maxWorkers: 2 }, async executor => {
      const [died, other] = [executor.submit(crash), executor.submit(power, 2, 3)]
      scene.check.ok((await died.exception()) instanceof WorkerDiedError)
      scene.check.equal([await other, await executor.submit(power, 2, 4)], [8, 16])
    })
  },
  GOES_ON,
)

row(CLASS, 'test_broken_process_pool_traceback', 'each future fails with an error of its own', async scene => {
  await withExecutor(scene, { maxWorkers: 1, initializer: fail, initArgs: ['broken'] }, async executor => {
    const errors = await outcomesOf([executor.submit(power, 2, 3), executor.submit(power, 2, 4)])
    scene.check.ok(errors.every(error => error instanceof BrokenPoolError))
    scene.check.equal(new Set(errors).size, 2)
  })
})

row(CLASS, 'test_map_chunksize', 'chunks of any size give the same, and one of -1 is refused', async scene => {
  await withExecutor(scene, { maxWorkers: 2 }, async executor => {
    const items = Array.from({ length: 40 }, (_, index): [number, number] => [index, 2])
    const expected = items.map(([base]) => base ** 2)
    for (const chunkSize of [6, 50, 40]) scene.check.equal(await toArray(executor.starmap(power, items, { chunkSize })), expected)
    scene.check.throws(() => executor.starmap(power, items, { chunkSize: -1 }), RangeError)
  })
})

row(CLASS, 'test_traceback', 'an error keeps its class and message, and its stack shows the line over there', async scene => {
  await withExecutor(scene, { maxWorkers: 1 }, async executor => {
    const error = (await executor.submit(invert, 0).exception()) as Error
    scene.check.equal([error.name, error.message], ['RangeError', 'Division by zero'])
    scene.check.match(String(error.stack), /at invert .*executors\.js.*[\s\S]*\(in PoolWorker-/)
  })
})

row(CLASS, 'test_traceback_when_child_process_terminates_abruptly', 'the error of a death has the exit code', async scene => {
  await withExecutor(scene, { maxWorkers: 1 }, async executor => {
    const error = await executor.submit(exit, 99).exception()
    scene.check.ok(error instanceof WorkerDiedError)
    scene.check.equal((error as WorkerDiedError).exitCode, 99)
    scene.check.match((error as Error).message, /ended with exit code 99/)
  })
})

row(CLASS, 'test_saturation', 'under load there are as many workers as may be, and no more', scene => saturate(scene, 3))

row(CLASS, 'test_idle_process_reuse_one', 'tasks one after the other are done by one worker', reuseIdle)

row(CLASS, 'test_idle_process_reuse_multiple', 'workers that have nothing to do are used before others are started', async scene => {
  const holding = new Holding(scene)
  await withExecutor(scene, { maxWorkers: 4 }, async executor => {
    const running = await holding.running(executor, 2)
    holding.letGo()
    const names = new Set(await Promise.all(running))
    scene.check.equal(names.size, 2)
    for (let index = 0; index < 10; index += 1) names.add(await executor.submit(nameOfWorker))
    scene.check.ok(names.size <= 3)
  })
})

row(CLASS, 'test_max_tasks_per_child', 'a worker does so many tasks, and then another comes', async scene => {
  await withExecutor(scene, { maxWorkers: 1, maxTasksPerChild: 3 }, async executor => {
    const names: string[] = []
    for (let index = 0; index < 4; index += 1) names.push(await executor.submit(nameOfWorker))
    scene.check.equal(new Set(names.slice(0, 3)).size, 1)
    scene.check.ok(names[3] !== names[2])
  })
})

row(CLASS, 'test_max_tasks_per_child_pending_tasks_gh115634', 'more waiting tasks than the limit are no hang', async scene => {
  await withExecutor(scene, { maxWorkers: 2, maxTasksPerChild: 2 }, async executor => {
    const futures = Array.from({ length: 11 }, (_, index) => executor.submit(same, index))
    scene.check.equal(
      await Promise.all(futures),
      Array.from({ length: 11 }, (_, index) => index),
    )
  })
})

row(CLASS, 'test_shutdown_no_wait_max_tasks_gh119592', 'workers are replaced after shutdown, too, while there is work', async scene => {
  await withExecutor(scene, { maxWorkers: 1, maxTasksPerChild: 1 }, async executor => {
    const futures = Array.from({ length: 5 }, (_, index) => executor.submit(same, index))
    await executor.shutdown({ wait: false })
    scene.check.equal(await Promise.all(futures), [0, 1, 2, 3, 4])
  })
})

row(CLASS, 'test_force_shutdown_during_max_tasks_worker_exit', 'no worker is replaced that is ended by force', async scene => {
  for (const how of ['terminateWorkers', 'killWorkers'] as const) {
    await withExecutor(scene, { maxWorkers: 2, maxTasksPerChild: 1 }, async executor => {
      const futures = Array.from({ length: 12 }, (_, index) => executor.submit(same, index))
      await futures[0]
      executor[how]()
      scene.check.ok(futures.every(({ done }) => done))
      await executor.shutdown()
      const ends = await Promise.allSettled(futures)
      const isKnown = (end: PromiseSettledResult<unknown>): boolean =>
        end.status === 'fulfilled' || end.reason instanceof BrokenPoolError || end.reason instanceof CancelledError
      scene.check.ok(ends.every(isKnown))
    })
  }
})

row(CLASS, 'test_max_tasks_early_shutdown', 'one task a worker and an immediate shutdown: all are done', async scene => {
  await withExecutor(scene, { maxWorkers: 3, maxTasksPerChild: 1 }, async executor => {
    const futures = Array.from({ length: 6 }, (_, index) => executor.submit(same, index))
    await executor.shutdown()
    scene.check.ok(futures.every(({ done }) => done))
    scene.check.equal(await Promise.all(futures), [0, 1, 2, 3, 4, 5])
  })
})

for (const [name, how] of [
  ['test_terminate_workers', 'terminateWorkers'],
  ['test_kill_workers', 'killWorkers'],
] as const) {
  row(CLASS, name, `${how} ends a worker that is busy`, async scene => {
    const holding = new Holding(scene)
    await withExecutor(scene, { maxWorkers: 1 }, async executor => {
      const [running] = await holding.running(executor, 1)
      executor[how]()
      scene.check.ok((await running?.exception()) instanceof BrokenPoolError)
    })
  })
}

row(CLASS, 'test_force_shutdown_workers', 'the task of a worker that was ended never ends well', async scene => {
  for (const how of ['terminateWorkers', 'killWorkers'] as const) {
    const holding = new Holding(scene)
    await withExecutor(scene, { maxWorkers: 1 }, async executor => {
      const [running] = (await holding.running(executor, 1)) as [Future<string>]
      const waiting = executor.submit(power, 2, 3)
      executor[how]()
      await executor.shutdown()
      holding.letGo()
      await scene.check.rejects(() => running.result(), BrokenPoolError)
      await scene.check.rejects(() => waiting.result(), CancelledError)
    })
  }
})

row(CLASS, 'test_force_shutdown_workers_dead_workers', 'workers may be dead already', async scene => {
  for (const how of ['terminateWorkers', 'killWorkers'] as const) {
    await withExecutor(scene, { maxWorkers: 1 }, async executor => {
      scene.check.ok((await executor.submit(crash).exception()) instanceof WorkerDiedError)
      executor[how]()
    })
  }
})

row(CLASS, 'test_force_shutdown_workers_not_started_yet', 'where no worker was started there is nothing to end', async scene => {
  for (const how of ['terminateWorkers', 'killWorkers'] as const) {
    const executor = new ProcessPoolExecutor({ context: scene.ctx })
    scene.check.equal(executor[how](), undefined)
    await executor.shutdown()
  }
})

row(CLASS, 'test_force_shutdown_workers_stops_pool', 'afterwards nothing more is taken', async scene => {
  for (const how of ['terminateWorkers', 'killWorkers'] as const) {
    await withExecutor(scene, { maxWorkers: 1 }, async executor => {
      scene.check.equal(await executor.submit(power, 2, 3), 8)
      executor[how]()
      scene.check.throws(() => executor.submit(power, 2, 3), { name: 'ClosedError' })
    })
  }
})

playRows({ crew: 1 })
