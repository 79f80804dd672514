// How much goes in: maxSize and maxBytes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FullError, Queue } from '../../src/index.ts'
import { messagesOf } from '../../src/queue/queue.ts'
import { putNumbers } from '../fixtures/queue/workers.ts'
import { until } from '../helpers/conditions.ts'
import { ALL, perMethod } from '../process/methods.ts'
import { balancedAsync } from '../value/balance.ts'
import { endOf } from './forms.ts'

for (const queue of Array.from({ length: 5 }, () => new Queue())) queue.close()

perMethod(ALL, 'a queue never has more than maxSize items, however many put', context =>
  balancedAsync(async () => {
    const queue = new context.Queue({ maxSize: 3 })
    const children = await Promise.all(
      (['put', 'putSync', 'putMany'] as const).map((form, name) =>
        new context.Process({ target: putNumbers, args: [queue, name, 200, form] }).start(),
      ),
    )
    let most = 0
    const got: number[][] = [[], [], []]
    for (let count = 0; count < 600; count += 1) {
      if (count % 50 === 0) await until(() => queue.isFull, 'the queue is full')
      most = Math.max(most, queue.size)
      const [name, number] = await queue.get()
      got[name as number]?.push(number)
    }
    assert.equal(most, 3)
    for (const numbers of got) assert.deepEqual(numbers, [...Array(200).keys()])
    for (const child of children) {
      await child.join()
      assert.equal(child.exitCode, 0)
    }
    queue.close()
  }),
)

test('a queue of any maxSize is full at exactly that, again and again', () => {
  for (const maxSize of [1, 2, 7, 1000]) {
    using queue = new Queue({ maxSize })
    for (let round = 0; round < 3; round += 1) {
      assert.equal(queue.tryPutMany(Array(maxSize + 5).keys()), maxSize)
      assert.deepEqual([queue.size, queue.isFull, queue.tryPut(0)], [maxSize, true, false])
      queue.getSync()
      assert.deepEqual([queue.isFull, queue.tryPut(0), queue.tryPut(0)], [false, true, false])
      assert.equal(queue.tryGetMany(maxSize + 5).length, maxSize)
    }
  }
})

test('0 and less is no limit', () => {
  for (const maxSize of [0, -1, undefined]) {
    using queue = new Queue(maxSize === undefined ? {} : { maxSize })
    assert.equal(queue.tryPutMany(Array(5000).keys()), 5000)
    assert.equal(queue.isFull, false)
  }
})

const KINDS: Record<string, (byteLength: number) => unknown> = {
  inline: byteLength => 'x'.repeat(byteLength),
  block: byteLength => 'x'.repeat(byteLength),
  attachment: byteLength => new Uint8Array(byteLength),
}

for (const [kind, byteLength] of [
  ['inline', 1000],
  ['block', 20_000],
  ['attachment', 100_000],
] as const) {
  test(`maxBytes is a bound for items that are ${kind}`, () =>
    balancedAsync(async () => {
      const queue = new Queue({ maxBytes: byteLength * 10 })
      const item = KINDS[kind]?.(byteLength)
      for (let round = 0; round < 3; round += 1) {
        let count = 0
        while (queue.tryPut(item)) count += 1
        assert.ok(count === 9 || count === 10, `${count} items of ${byteLength} bytes fit into ${byteLength * 10}`)
        await assert.rejects(queue.put(item, { timeout: 5 }), FullError)
        queue.getSync()
        assert.deepEqual([queue.tryPut(item), queue.tryPut(item)], [true, false])
        assert.equal(queue.tryGetMany(20).length, count)
      }
      queue.close()
    }))
}

test('an item that is larger than maxBytes goes into an empty queue, and only there', () =>
  balancedAsync(async () => {
    const queue = new Queue({ maxBytes: 100 })
    const large = new Uint8Array(80_000).fill(5)
    assert.equal(queue.tryPut(large), true)
    assert.equal(queue.tryPut(1), false)
    const waits = [queue.put(large), queue.put(2), queue.put('x'.repeat(5000)), queue.put(large)]
    assert.deepEqual([await queue.get(), await queue.get(), await queue.get()], [large, large, 2])
    assert.deepEqual([(await queue.get()).length, await queue.get()], [5000, large])
    await Promise.all(waits)
    queue.close()
  }))

test('two who wait with large items for the same room both come to it', async () => {
  using queue = new Queue({ maxBytes: 1000 })
  queue.putSync('x'.repeat(800))
  const ends = [queue.put('a'.repeat(900)), queue.putMany(['b'.repeat(900), 'c'.repeat(900)]), queue.put('d')].map(end => endOf(() => end))
  const got: string[] = []
  for (let count = 0; count < 5; count += 1) got.push((await queue.get())[0])
  assert.deepEqual(got, ['x', 'a', 'b', 'c', 'd'])
  assert.deepEqual(await Promise.all(ends), [undefined, undefined, undefined])
})

test('the bounds of a queue go with it', async () => {
  using queue = new Queue({ maxSize: 5, maxBytes: 4000 })
  using there = new Queue<Queue>()
  there.putSync(queue)
  const same = there.getSync()
  const { maxSize, maxWeight } = messagesOf(same).store.header
  assert.deepEqual([maxSize, maxWeight], [5, 500])
  same.putSync(1)
  assert.equal(queue.getSync(), 1)
})
