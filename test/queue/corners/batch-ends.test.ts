// Batches: how much is taken in hand at a time, and what the order of calls is worth.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Queue } from '../../../src/index.ts'
import { arena } from '../../../src/memory/arena.ts'
import { checkArena } from '../../../src/memory/check.ts'
import { messagesOf } from '../../../src/queue/queue.ts'
import { Outgoing } from '../../../src/queue/outgoing.ts'

test('what is put after a batch that waits comes behind all of the batch', async () => {
  const queue = new Queue({ maxSize: 10 })
  const numbers = Array.from({ length: 1200 }, (_, number) => number)
  const puts = [queue.putMany(numbers), queue.put('one'), queue.putMany(['two', 'three'])]
  const got: unknown[] = []
  while (got.length < numbers.length + 3) got.push(...(await queue.getMany(7)))
  assert.deepEqual(got, [...numbers, 'one', 'two', 'three'])
  await Promise.all(puts)
  queue.close()
})

test('the items of a batch may come from code that puts into the same queue', async () => {
  const queue = new Queue<string>({ maxSize: 2 })
  const inner: Promise<void>[] = []
  function* items(): Generator<string> {
    for (let number = 0; number < 1100; number += 1) {
      if (number % 300 === 0) inner.push(queue.put(`inner ${number}`))
      yield `${number}`
    }
  }
  const whole = queue.putMany(items())
  const got: string[] = []
  while (got.length < 1104) got.push(await queue.get())
  await Promise.all([whole, ...inner])
  assert.deepEqual(
    got.filter(item => !item.startsWith('inner')),
    Array.from({ length: 1100 }, (_, number) => `${number}`),
  )
  queue.close()
})

test('of large items few are in shared memory before there is room for them', () => {
  const queue = new Queue({ maxSize: 1 })
  const bytes = (): number => checkArena(arena()).bytes
  const before = bytes()
  let most = 0
  function* items(): Generator<Uint8Array> {
    for (let number = 0; number < 50; number += 1) {
      most = Math.max(most, bytes() - before)
      yield new Uint8Array(600_000)
    }
  }
  queue.tryPutMany(items())
  assert.equal(queue.size, 1)
  assert.ok(most < 4_000_000, `${most} bytes`)
  queue.close()
})

test('a promise that waits to put holds no more memory than its item needs', () => {
  const outgoing = new Outgoing()
  outgoing.add(Uint8Array.of(1, 2, 3), 4000)
  assert.equal(outgoing.take().words.byteLength, 16)
})

test('what a queue that is shut down does not take is freed at once', async () => {
  const queue = new Queue()
  queue.shutdown()
  const { blocks } = checkArena(arena())
  const item = new Uint8Array(300_000)
  assert.throws(() => queue.putSync(item), { code: 'ERR_SHUT_DOWN' })
  assert.throws(() => queue.tryPut(item), { code: 'ERR_SHUT_DOWN' })
  await assert.rejects(queue.put(item), { code: 'ERR_SHUT_DOWN' })
  assert.equal(checkArena(arena()).blocks, blocks)
  queue.close()
})

test('a batch that is got is bounded by what was there when it was called', () => {
  const queue = new Queue<number>()
  queue.putManySync([1, 2, 3])
  const messages = messagesOf(queue)
  const { takeNow } = messages
  // As when others put all the time.
  messages.takeNow = (...parameters) => {
    queue.putManySync([0, 0, 0])
    return takeNow.apply(messages, parameters)
  }
  assert.deepEqual(queue.tryGetMany(1e9), [1, 2, 3])
  queue.close()
})

for (const [form, act] of [
  [
    'for await',
    async (queue: Queue<number>) => {
      for await (const item of queue) void item
    },
  ],
  [
    'getMany',
    async (queue: Queue<number>) => {
      while (!queue.isEmpty) await queue.getMany(2)
    },
  ],
  [
    'put',
    async (queue: Queue<number>) => {
      for (let number = 0; number < 5000; number += 1) await queue.put(number)
    },
  ],
] as const) {
  test(`the event loop turns while a queue is at hand all the time: ${form}`, async () => {
    const queue = new Queue<number>()
    queue.putManySync(new Array(10_000).fill(1))
    if (form !== 'put') queue.shutdown()
    let turns = 0
    let isOver = false
    const turn = (): void => {
      turns += 1
      if (!isOver) setImmediate(turn)
    }
    setImmediate(turn)
    await act(queue)
    isOver = true
    assert.ok(turns >= 3, `${turns} turns`)
    queue.close()
  })
}
