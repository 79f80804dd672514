// Queues with an order between processes and threads, and those who are killed in the middle of it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { JoinableQueue, LifoQueue, PriorityQueue, Queue } from '../../../src/queue.ts'
import { byDue, passOnRanked, putJobs, putRanked } from '../../fixtures/queue/ranked-workers.ts'
import { ALL, type Context, perMethod } from '../../process/methods.ts'
import { balancedAsync } from '../../value/balance.ts'

// Their headers stay for the next ones.
for (const queue of [new LifoQueue(), new Queue()]) queue.close()

async function joined(children: readonly InstanceType<Context['Process']>[]): Promise<void> {
  for (const child of children) {
    await child.join()
    assert.equal(child.exitCode, 0)
  }
}

for (const [what, rank] of [
  ['from a module', byDue],
  [
    'with variables',
    (
      factor => (job: { due: number }) =>
        job.due * factor
    )(1),
  ],
] as const) {
  perMethod(ALL, `a function of ranks ${what} goes along, and ranks what is put elsewhere`, context =>
    balancedAsync(async () => {
      using jobs = new PriorityQueue<{ due: number; by: string }>({ rank })
      jobs.putSync({ due: 2, by: 'me' })
      const start = (by: string, dues: number[]) => new context.Process({ target: putJobs, args: [jobs, by, dues] as const }).start()
      await joined([(await start('child', [3, 1, 2])) as never])
      assert.deepEqual(
        jobs.tryGetMany(9).map(({ due, by }) => `${due} ${by}`),
        ['1 child', '2 me', '2 child', '3 child'],
      )
    }),
  )
}

perMethod(ALL, 'many put, many get, and each item comes once', context =>
  balancedAsync(async () => {
    for (const cls of [LifoQueue, PriorityQueue]) {
      using queue = new cls<[number, number, number]>({ maxSize: 20 })
      using got = new Queue<[number, number, number]>()
      const consumers = [0, 1].map(() => new context.Process({ target: passOnRanked, args: [queue, got] as never }))
      const producers = [0, 1, 2].map(name => new context.Process({ target: putRanked, args: [queue, name, 200] as never }))
      for (const child of [...consumers, ...producers]) await child.start()
      await joined(producers as never)
      assert.equal(await queue.join(), true)
      queue.shutdown()
      await joined(consumers as never)
      const keys = got.tryGetMany(1000).map(([, name, number]) => name * 1000 + number)
      assert.deepEqual(
        keys.sort((one, other) => one - other),
        [0, 1, 2].flatMap(name => Array.from({ length: 200 }, (_, number) => name * 1000 + number)),
      )
      assert.deepEqual([queue.size, queue.unfinished], [0, 0])
    }
  }),
)

test('queues of all kinds travel within a queue, each as what it is', () => {
  using carrier = new Queue()
  using lifo = new LifoQueue<number>()
  using ranked = new PriorityQueue<number>({ rank: number => -number })
  using plain = new JoinableQueue<number>()
  carrier.putSync({ lifo, ranked, plain })
  const there = carrier.getSync()
  assert.deepEqual(
    [there.lifo, there.ranked, there.plain].map(({ constructor }) => constructor),
    [LifoQueue, PriorityQueue, JoinableQueue],
  )
  for (const queue of [there.lifo, there.ranked, there.plain]) queue.putManySync([1, 3, 2])
  assert.deepEqual(
    [lifo.tryGetMany(5), ranked.tryGetMany(5), plain.tryGetMany(5)],
    [
      [2, 3, 1],
      [3, 2, 1],
      [1, 3, 2],
    ],
  )
})

test('a function of ranks that cannot be sent is an error where the queue is sent', () => {
  using carrier = new Queue()
  const secret = new WeakMap()
  using queue = new PriorityQueue<object>({ rank: item => secret.get(item) ?? 0 })
  assert.throws(() => carrier.putSync(queue), { name: 'NotSerializableError' })
  queue.putSync({})
  assert.equal(queue.size, 1)
})
