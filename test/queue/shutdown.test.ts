// The end of putting: shutdown() in both forms, and `for await`. CPython: test_queue.py, test_shutdown_*.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { JoinableQueue, Queue, ShutDownError } from '../../src/index.ts'
import { passOn, tellEnd } from '../fixtures/queue/workers.ts'
import { until } from '../helpers/conditions.ts'
import { messagesOf } from '../../src/queue/queue.ts'
import { ALL, perMethod } from '../process/methods.ts'
import { balancedAsync } from '../value/balance.ts'
import { endOf, GETS, KINDS, PUTS, TRIES } from './forms.ts'

for (const queue of Array.from({ length: 5 }, () => new Queue())) queue.close()

for (const [name, make] of Object.entries(KINDS)) {
  test(`${name}: after shutdown() nothing more goes in, what is in it comes out, and then all forms are a ShutDownError`, async () => {
    using queue = make()
    queue.putManySync([1, 2, 3, 4, 5])
    assert.equal(queue.isShutDown, false)
    queue.shutdown()
    queue.shutdown()
    assert.equal(queue.isShutDown, true)
    for (const put of [...Object.values(PUTS), TRIES.tryPut, TRIES.tryPutMany]) {
      await assert.rejects(async () => await put?.(queue, 6), ShutDownError)
    }
    assert.deepEqual([queue.size, await queue.get(), queue.getSync(), queue.tryGet()], [5, 1, 2, 3])
    assert.deepEqual(await queue.getMany(5), [4, 5])
    for (const get of [...Object.values(GETS), TRIES.tryGet, TRIES.tryGetMany]) {
      await assert.rejects(async () => await get?.(queue, { timeout: 0 }), ShutDownError)
    }
  })

  test(`${name}: shutdown({ immediate: true }) drops what is in it, also after a shutdown that does not`, () =>
    balancedAsync(async () => {
      for (const before of [false, true]) {
        using queue = make()
        queue.putManySync([1, 'x'.repeat(9000), new Uint8Array(100_000), [new Uint8Array(70_000), 'y'.repeat(6000)], ...Array(3000).keys()])
        if (before) queue.shutdown()
        queue.shutdown({ immediate: true })
        queue.shutdown()
        assert.deepEqual([queue.size, queue.isEmpty, queue.isShutDown], [0, true, true])
        for (const get of [...Object.values(GETS), TRIES.tryGet, TRIES.tryGetMany]) {
          await assert.rejects(async () => await get?.(queue), ShutDownError)
        }
      }
    }))
}

for (const immediate of [false, true]) {
  test(`shutdown({ immediate: ${immediate} }) ends the waits of this thread`, () =>
    balancedAsync(async () => {
      using queue = new Queue({ maxSize: 1 })
      using empty = new Queue()
      queue.putSync('in')
      const ends = [
        queue.put(new Uint8Array(80_000)),
        queue.putMany(['a', 'x'.repeat(7000)]),
        empty.get(),
        empty.getMany(3),
        empty.get({ timeout: 60_000 }),
      ].map(end => endOf(() => end))
      await turn()
      queue.shutdown({ immediate })
      empty.shutdown({ immediate })
      for (const end of await Promise.all(ends)) assert.ok(end instanceof ShutDownError)
      assert.equal(queue.size, immediate ? 0 : 1)
    }))

  perMethod(ALL, `shutdown({ immediate: ${immediate} }) ends the waits of others on both sides`, context =>
    balancedAsync(async () => {
      const [full, empty, ends, arrived] = [
        new context.Queue({ maxSize: 1 }),
        new context.Queue(),
        new context.Queue(),
        new context.Queue(),
      ]
      full.putSync('in')
      const children = await Promise.all(
        (['get', 'getSync', 'put', 'putSync'] as const).map(act =>
          new context.Process({ target: tellEnd, args: [act.startsWith('get') ? empty : full, act, ends, arrived] }).start(),
        ),
      )
      await arrived.getMany(1)
      await until(() => messagesOf(empty).waiting.items === 2 && messagesOf(full).waiting.room === 2, 'all wait')
      full.shutdown({ immediate })
      empty.shutdown({ immediate })
      const got = new Map(await Promise.all([1, 2, 3, 4].map(() => ends.get())))
      assert.deepEqual([...got.values()], Array(4).fill('ERR_SHUT_DOWN'))
      for (const child of children) await child.join()
      for (const queue of [full, empty, ends, arrived]) queue.close()
    }),
  )
}

for (const form of ['get', 'getSync', 'for await', 'getMany'] as const) {
  perMethod(ALL, `several who take with ${form} have all of it between them, and then end`, async context => {
    using from = new context.Queue({ maxSize: 10 })
    using to = new context.Queue()
    const children = await Promise.all([1, 2, 3].map(() => new context.Process({ target: passOn, args: [from, to, form] }).start()))
    await from.putMany(Array(500).keys())
    from.shutdown()
    for (const child of children) {
      await child.join()
      assert.equal(child.exitCode, 0)
    }
    assert.deepEqual(
      to.tryGetMany(1000).sort((a, b) => a - b),
      [...Array(500).keys()],
    )
  })
}

test('for await may be left and begun again, and loses nothing', async () => {
  using queue = new Queue<number>()
  queue.putManySync([1, 2, 3, 4])
  const got: number[] = []
  for await (const item of queue) {
    got.push(item)
    if (item === 2) break
  }
  queue.shutdown()
  for await (const item of queue) got.push(item)
  for await (const item of queue) got.push(item)
  assert.deepEqual(got, [1, 2, 3, 4])
})

test('for await fails with the queue that is closed under it', async () => {
  const queue = new Queue<number>()
  const end = endOf(async () => {
    for await (const item of queue) assert.fail(`${item} came`)
  })
  await turn()
  queue.close()
  assert.equal(((await end) as { code?: string }).code, 'ERR_CLOSED')
})

test('who waits in join() is told of an immediate shutdown, and of what is still with others', async () => {
  using queue = new JoinableQueue()
  queue.putManySync([1, 2, 3])
  queue.getSync()
  const joined = queue.join()
  queue.shutdown({ immediate: true })
  assert.equal(await queue.join({ timeout: 10 }), false)
  assert.equal(queue.unfinished, 1)
  queue.taskDone()
  assert.deepEqual([await joined, queue.joinSync(), queue.unfinished], [true, true, 0])
})
