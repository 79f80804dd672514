import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { BrokenPoolError, NotSerializableError, WorkerDiedError } from '../../../src/base/errors.ts'
import { Pipe } from '../../../src/connection/pipe.ts'
import { getContext } from '../../../src/context.ts'
import { Pool } from '../../../src/pool/pool.ts'
import { Queue } from '../../../src/queue/queue.ts'
import { Lock } from '../../../src/sync/lock.ts'
import { SharedArray } from '../../../src/value/shared-array.ts'
import { reference } from '../../../src/wire/function-reference.ts'
import * as trials from '../../fixtures/trials/tasks.ts'
import { killSelf, square } from '../../fixtures/pool/work.ts'
import { countChildren } from '../../helpers/resources.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { reached, withWords } from '../../helpers/wait-words.ts'

const folder = temporaryFolder()

for (const method of ['fork', 'forkserver', 'spawn', 'thread'] as const) {
  test(`an asynchronous initializer is awaited before the first task, in each worker and those that follow: ${method}`, async () => {
    await using pool = new (getContext(method).Pool)({
      processes: 2,
      initializer: trials.initialize,
      initArgs: [1, { two: [2] }],
      maxTasksPerChild: 2,
    })
    for (let index = 0; index < 6; index += 1) assert.deepEqual(await pool.apply(trials.whatInitialized), [1, { two: [2] }])
  })
}

test('an initializer may be a closure over a module', async () => {
  const path = join('a', 'b')
  await using pool = new Pool({
    processes: 1,
    initializer: async (word: string) => trials.initialize(path, join(word, 'c')),
    initArgs: ['x'],
  })
  assert.deepEqual(await pool.apply(trials.whatInitialized), ['a/b', 'x/c'])
})

test('shared objects are the arguments of an initializer', async () => {
  const [lock, queue, array] = [new Lock(), new Queue<number>(), new SharedArray('i32', 2)]
  const [here, there] = Pipe()
  const initializer = async (ours: Lock, back: Queue<number>, numbers: Int32Array, connection: typeof there): Promise<void> => {
    await ours.run(() => {
      numbers[0] = (numbers[0] as number) + 1
    })
    await back.put(process.pid)
    await connection.send('up')
  }
  {
    await using pool = new Pool({ processes: 2, initializer, initArgs: [lock, queue, array, there] })
    const pids = [await queue.get({ timeout: 10_000 }), await queue.get({ timeout: 10_000 })]
    assert.equal(new Set(pids).size, 2)
    assert.deepEqual([await here.recv(), await here.recv()], ['up', 'up'])
    assert.equal(array[0], 2)
    await pool.apply(killSelf, ['SIGKILL']).catch(() => {})
    await queue.get({ timeout: 10_000 })
    assert.equal(await here.recv(), 'up', 'also for the worker that takes the place of one')
  }
  for (const shared of [lock, queue, here, there]) shared.close()
})

test('an initializer that throws breaks the pool with what it threw, after three workers', async () => {
  const pool = new Pool({ processes: 2, initializer: trials.failToInitialize })
  const task = pool.apply(square, [1])
  const stream = pool.stream(trials.throwAt, [3])
  await assert.rejects(task, error => {
    assert.ok(error instanceof BrokenPoolError && error.cause instanceof RangeError, String(error))
    assert.equal(error.cause.message, 'no worker today')
    return true
  })
  await assert.rejects(stream.next(), BrokenPoolError)
  await assert.rejects(pool.map(square, [1]), BrokenPoolError)
  pool.close()
  assert.equal(await pool.join({ timeout: 5000 }), true)
  assert.equal(countChildren(), 0)
})

test('an initializer that ends its worker breaks the pool with how it ended', async () => {
  const pool = new Pool({ processes: 1, initializer: trials.exitInInitializer, initArgs: [7] })
  await assert.rejects(pool.apply(square, [1]), error => {
    assert.ok(error instanceof BrokenPoolError && error.cause instanceof WorkerDiedError)
    assert.equal(error.cause.exitCode, 7)
    return true
  })
  await pool[Symbol.asyncDispose]()
})

test('one that fails twice and then does not costs nobody anything', async () => {
  await using pool = new Pool({ processes: 1, initializer: trials.failFirstInitializers, initArgs: [join(folder, 'twice'), 2] })
  assert.equal(await pool.apply(square, [3]), 9)
})

test('one that never settles holds the tasks, and terminate ends all of it', () =>
  withWords(async arrived => {
    const pool = new Pool({ processes: 2, initializer: trials.neverInitialize, initArgs: [arrived.reference] })
    const task = pool.apply(square, [3], { timeout: 10 })
    await reached(arrived, 2)
    pool.terminate()
    await assert.rejects(task, BrokenPoolError)
    assert.equal(await pool.join({ timeout: 5000 }), true)
    assert.equal(countChildren(), 0)
  }))

test('one that refers to what is not there, or cannot be sent, is an error', async () => {
  const missing = reference<() => void>(new URL('../../fixtures/trials/tasks.js', import.meta.url), 'noSuchFunction')
  await using pool = new Pool({ processes: 1, initializer: missing })
  await assert.rejects(pool.apply(square, [1]), error => error instanceof BrokenPoolError && /noSuchFunction/.test(String(error.cause)))
  for (const minProcesses of [1, 0])
    assert.throws(
      () => new Pool({ processes: 1, minProcesses, initializer: trials.initialize, initArgs: [new WeakMap()] }),
      NotSerializableError,
    )
  assert.equal(countChildren(), 0)
})

const bad: readonly (readonly [object, typeof TypeError | typeof RangeError, RegExp])[] = [
  [{ initializer: 5 }, TypeError, /Expected `initializer` to be a function, got 5/],
  [{ initArgs: [1] }, TypeError, /Expected `initArgs` to be given together with an `initializer`/],
  [{ initializer: trials.initialize, initArgs: 'x' }, TypeError, /Expected `initArgs` to be an array, got 'x'/],
  [{ maxTasksPerChild: 0 }, RangeError, /Expected `maxTasksPerChild` to be an integer of at least 1, got 0/],
  [{ maxTasksPerChild: 'x' }, TypeError, /`maxTasksPerChild`.*got 'x'/],
  [{ maxMemoryPerChild: -1 }, RangeError, /`maxMemoryPerChild`.*got -1/],
  [{ maxMemoryPerChild: 1.5 }, RangeError, /`maxMemoryPerChild`.*got 1\.5/],
  [{ concurrency: 0 }, RangeError, /Expected `concurrency` to be an integer from 1 to 1000, got 0/],
  [{ concurrency: 1001 }, RangeError, /got 1001/],
  [{ processes: 2, minProcesses: 3 }, RangeError, /Expected `minProcesses` to be an integer from 0 to 2, got 3/],
  [{ minProcesses: -1 }, RangeError, /got -1/],
  [{ minProcesses: null }, TypeError, /got null/],
  [{ idleTimeout: 'x' }, TypeError, /`idleTimeout`.*got 'x'/],
  [{ idleTimeout: NaN }, RangeError, /`idleTimeout`.*got NaN/],
]

for (const [options, constructor, message] of bad) {
  test(`new Pool(${JSON.stringify(options)}) is a ${constructor.name}: ${message.source}`, () => {
    assert.throws(
      () => new Pool(options),
      error => error instanceof constructor && message.test((error as Error).message),
    )
  })
}
