import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { NotSerializableError } from '../../src/base/errors.ts'
import { BrokenPoolError, ProcessPoolExecutor, ThreadPoolExecutor, WorkerDiedError } from '../../src/futures.ts'
import { getContext } from '../../src/index.ts'
import * as work from '../fixtures/pool/work.ts'
import { readLines } from '../helpers/conditions.ts'
import { assertNoGrowth, countChildren, resources } from '../helpers/resources.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { ALL, perMethod, PROCESSES } from '../process/methods.ts'
import { Held, openExecutor, withExecutor } from './executors.ts'

const folder = temporaryFolder()

perMethod(ALL, 'a future is what its task returns, and rejects with what it throws', context =>
  withExecutor(openExecutor(context, { maxWorkers: 2 }), async executor => {
    const factor = 3
    assert.equal(await executor.submit(work.square, 3), 9)
    assert.equal(await executor.submit((a: number, b: number) => a * b * factor, 2, 5).result(), 30)
    assert.equal(await executor.submit(work.squareLater, 4), 16)
    await assert.rejects(executor.submit(work.failOnThree, 3).result(), { name: 'RangeError', message: 'no 3' })
    assert.equal(await executor.submit(work.square, 2).exception(), null)
    assert.equal(((await executor.submit(work.failOnThree, 3).exception()) as Error).message, 'no 3')
  }),
)

perMethod(ALL, 'the worker of a task that was done does the next one, and no more are started than tasks wait', context =>
  withExecutor(openExecutor(context, { maxWorkers: 3 }), async executor => {
    const whereabouts = new Set<string>()
    for (let index = 0; index < 20; index += 1) whereabouts.add(await executor.submit(name))
    assert.equal(whereabouts.size, 1)
    const held = new Held()
    const tasks = Array.from({ length: 5 }, () => held.submit(executor))
    await held.arrived(3)
    assert.equal(tasks.filter(task => task.running).length, 3)
    held.letGo()
    await Promise.all(tasks)
    assert.equal(held.count, 5)
  }),
)

async function name(): Promise<string> {
  const { currentProcess } = await import('../../src/index.ts')
  return currentProcess().name
}

perMethod(PROCESSES, 'a worker that dies fails its own future alone, and the executor goes on', context =>
  withExecutor(openExecutor(context, { maxWorkers: 2 }), async executor => {
    const file = join(folder, `deaths-${context.startMethod}`)
    const futures = Array.from({ length: 60 }, (_, value) => executor.submit(work.noteAndDieAt, [file, value, 31] as const))
    const outcomes = await Promise.allSettled(futures)
    for (const [value, outcome] of outcomes.entries()) if (value !== 31) assert.deepEqual(outcome, { status: 'fulfilled', value })
    const died = await futures[31]?.exception()
    assert.ok(died instanceof WorkerDiedError)
    assert.equal(died.signal, 'SIGKILL')
    assert.equal(readLines(file).length, 60)
  }),
)

perMethod(ALL, 'process.exit in a task fails its future with the exit code', context =>
  withExecutor(openExecutor(context, { maxWorkers: 1 }), async executor => {
    const left = await executor.submit(work.exit, 7).exception()
    assert.ok(left instanceof WorkerDiedError)
    assert.equal(left.exitCode, 7)
    assert.equal(await executor.submit(work.square, 3), 9)
  }),
)

perMethod(ALL, 'an initializer that throws breaks the executor: each future fails with an error of its own, and so does submit', context =>
  withExecutor(openExecutor(context, { maxWorkers: 2, initializer: work.failOn, initArgs: [1, 1] }), async executor => {
    const futures = [executor.submit(work.square, 1), executor.submit(work.square, 2)]
    const errors = await Promise.all(futures.map(future => future.exception()))
    for (const error of errors) {
      assert.ok(error instanceof BrokenPoolError)
      assert.equal((error.cause as Error).message, 'no 1')
    }
    assert.notEqual(errors[0], errors[1])
    assert.throws(() => executor.submit(work.square, 1), BrokenPoolError)
    assert.throws(() => executor.map(work.square, [1]), BrokenPoolError)
  }),
)

perMethod(ALL, 'an initializer runs in each worker before its first task', context =>
  withExecutor(openExecutor(context, { maxWorkers: 2, initializer: remember, initArgs: [42] }), async executor => {
    assert.deepEqual(await Promise.all([1, 2, 3, 4].map(() => executor.submit(remembered))), [42, 42, 42, 42])
  }),
)

function remember(value: number): void {
  Reflect.set(globalThis, 'ofTheInitializer', value)
}

function remembered(): unknown {
  return Reflect.get(globalThis, 'ofTheInitializer')
}

perMethod(ALL, 'workers are replaced after maxTasksPerChild tasks, however many more wait', context =>
  withExecutor(openExecutor(context, { maxWorkers: 2, maxTasksPerChild: 3 }), async executor => {
    const names = await Promise.all(Array.from({ length: 20 }, () => executor.submit(name)))
    const counts = new Map<string, number>()
    for (const each of names) counts.set(each, (counts.get(each) ?? 0) + 1)
    assert.ok([...counts.values()].every(count => count <= 3))
    assert.ok(counts.size >= 7)
  }),
)

test('what cannot be sent fails the future, and its stack begins with the call', async () => {
  await withExecutor(new ProcessPoolExecutor({ maxWorkers: 1 }), async executor => {
    const future = executor.submit(work.echo, { deep: new WeakMap() })
    const error = await future.exception()
    assert.ok(error instanceof NotSerializableError)
    assert.equal(error.path, 'args[0].deep')
    assert.match(String(error.stack), /^[^\n]+\n {4}at [^\n]*tasks\.test/)
    await assert.rejects(executor.submit(work.makeUnsendable).result(), NotSerializableError)
    assert.equal(await executor.submit(work.square, 2), 4)
  })
})

test('an executor that was never used starts nothing, and its end is at once', async () => {
  const before = resources()
  const executor = new ProcessPoolExecutor({ maxWorkers: 4 })
  assert.equal(countChildren(), before.children)
  await executor.shutdown()
  new ThreadPoolExecutor().terminateWorkers()
  new ProcessPoolExecutor().killWorkers()
  await assertNoGrowth(before)
})

test('wrong options are refused with what was expected', () => {
  const wrong: [unknown, RegExp][] = [
    [{ maxWorkers: 0 }, /`maxWorkers` to be an integer from 1 to 4000, got 0/],
    [{ maxWorkers: '2' }, /`maxWorkers`/],
    [4, /`options` to be an object like \{ maxWorkers: 4 \}, got 4/],
    [{ processes: 2 }, /processes/],
    [{ context: {} }, /`context` to be a context, as of getContext\('spawn'\), got \{\}/],
    [{ context: null }, /`context`/],
    [{ initArgs: [1] }, /`initArgs`/],
    [{ maxTasksPerChild: 0 }, /`maxTasksPerChild`/],
  ]
  for (const [options, message] of wrong) assert.throws(() => new ProcessPoolExecutor(options as never), { message })
  assert.throws(() => new ThreadPoolExecutor({ context: getContext('spawn') } as never), /context/)
  const executor = new ProcessPoolExecutor()
  assert.throws(() => executor.submit(5 as never), { name: 'TypeError', message: 'Expected `fn` to be a function, got 5' })
})

test('an executor among the fields of an object travels, and throws where it is used elsewhere; a future is refused', async () => {
  await withExecutor(new ThreadPoolExecutor({ maxWorkers: 1 }), async executor => {
    const service = { executor, factor: 2 }
    assert.equal(await executor.submit(() => service.factor), 2)
    await assert.rejects(
      executor.submit(() => service.executor.submit(Math.sqrt, 4).result()).result(),
      /This executor belongs to another process/,
    )
    const future = executor.submit(work.square, 2)
    await assert.rejects(
      executor.submit(work.echo, future as unknown).result(),
      /a Future: it belongs to the thread that submitted its task/,
    )
  })
})
