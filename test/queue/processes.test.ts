// Queues between processes, under every start method. CPython: _TestQueue.test_put, test_get, test_fork, test_timeout.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getContext, Queue } from '../../src/index.ts'
import { inspect } from 'node:util'
import { passOn, putNumbers, putTogether, takeInFork } from '../fixtures/queue/workers.ts'
import { until } from '../helpers/conditions.ts'
import { ALL, PROCESSES, perMethod } from '../process/methods.ts'
import { balancedAsync } from '../value/balance.ts'

for (const queue of Array.from({ length: 5 }, () => new Queue())) queue.close()

/** The numbers of each name, in the order in which they came. */
function byName(items: readonly [number, number][], names: number): number[][] {
  return Array.from({ length: names }, (_, name) => items.filter(([from]) => from === name).map(([, number]) => number))
}

perMethod(ALL, 'what one producer puts is got in its order, in whichever form it is put and got', context =>
  balancedAsync(async () => {
    const queue = new context.Queue({ maxSize: 20 })
    const forms = ['put', 'putSync', 'putMany'] as const
    const children = [
      ...forms.map((form, name) => new context.Process({ target: putNumbers, args: [queue, name, 300, form] })),
      new context.Process({ target: putTogether, args: [queue, 3, 300] }),
    ]
    for (const child of children) await child.start()
    const items: [number, number][] = []
    for (let turn = 0; items.length < 1200; turn += 1) {
      if (turn % 3 === 0) items.push(await queue.get())
      else if (turn % 3 === 1) items.push(...(await queue.getMany(7)))
      else items.push(...queue.tryGetMany(3))
    }
    for (const numbers of byName(items, 4)) assert.deepEqual(numbers, [...Array(300).keys()])
    for (const child of children) {
      await child.join()
      assert.equal(child.exitCode, 0)
    }
    queue.close()
  }),
)

perMethod(ALL, 'many producers and consumers: each item is got once', context =>
  balancedAsync(async () => {
    const [from, to] = [new context.Queue({ maxSize: 10 }), new context.Queue()]
    const consumers = (['get', 'getSync', 'getMany', 'for await'] as const).map(
      form => new context.Process({ target: passOn, args: [from, to, form] }),
    )
    const producers = (['put', 'putSync', 'putMany'] as const).map(
      (form, name) => new context.Process({ target: putNumbers, args: [from, name, 200, form] }),
    )
    for (const child of [...consumers, ...producers]) await child.start()
    for (const child of producers) await child.join()
    from.shutdown()
    for (const child of consumers) await child.join()
    const items = to.tryGetMany(1000) as [number, number][]
    for (const numbers of byName(items, 3))
      assert.deepEqual(
        numbers.toSorted((a, b) => a - b),
        [...Array(200).keys()],
      )
    assert.deepEqual([items.length, from.size], [600, 0])
    from.close()
    to.close()
  }),
)

perMethod(ALL, 'a producer ends although nobody takes what it has put, and it is all there', context =>
  balancedAsync(async () => {
    const queue = new context.Queue()
    const child = await new context.Process({ target: putNumbers, args: [queue, 'x'.repeat(20_000), 50, 'put'] }).start()
    await child.join()
    assert.deepEqual([child.exitCode, queue.size], [0, 50])
    assert.deepEqual(
      queue.tryGetMany(100),
      Array.from({ length: 50 }, (_, number) => ['x'.repeat(20_000), number]),
    )
    queue.close()
  }),
)

perMethod(PROCESSES, 'a producer that is killed while it waits for room disturbs nobody', context =>
  balancedAsync(async () => {
    const queue = new context.Queue({ maxSize: 2 })
    for (const form of ['put', 'putSync', 'putMany'] as const) {
      const child = await new context.Process({ target: putNumbers, args: [queue, 0, 50, form] }).start()
      await until(() => /1 waiting for room/.test(inspect(queue)), 'it waits')
      child.kill()
      await child.join()
      assert.deepEqual([child.exitCode, queue.size], [-9, 2])
      assert.deepEqual(queue.tryGetMany(5), [
        [0, 0],
        [0, 1],
      ])
      await queue.put('goes on', { timeout: 5000 })
      assert.equal(await queue.get(), 'goes on')
    }
    queue.close()
  }),
)

perMethod(['thread'], 'a thread that is terminated while it waits disturbs nobody', context =>
  balancedAsync(async () => {
    const [queue, to] = [new context.Queue({ maxSize: 2 }), new context.Queue()]
    for (const form of ['get', 'for await', 'getMany'] as const) {
      const child = await new context.Process({ target: passOn, args: [queue, to, form] }).start()
      await until(() => /1 waiting for items/.test(inspect(queue)), 'it waits')
      child.terminate()
      await child.join()
      await queue.put('goes on')
      assert.equal(await queue.get({ timeout: 5000 }), 'goes on')
    }
    queue.close()
    to.close()
  }),
)

test('a forked child uses the queues of its parent as its parent does, and gets nothing that its parent has got', () =>
  balancedAsync(async () => {
    const context = getContext('fork')
    const [queue, answers] = [new Queue(), new Queue()]
    queue.putManySync([1, 2, 3])
    // Waits of the parent are not the child's.
    const waiting = answers.get()
    const child = await new context.Process({ target: takeInFork, args: [queue, answers] }).start()
    assert.deepEqual(await waiting, [1])
    await child.join()
    assert.deepEqual([child.exitCode, queue.tryGetMany(5), answers.tryGetMany(5)], [0, [2, 3, 'from the child'], ['more']])
    queue.close()
    answers.close()
  }))
