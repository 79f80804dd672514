// Bounds, waiting, shutdown, join and the end: as with any other queue.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EmptyError, FullError, LifoQueue, PriorityQueue, ShutDownError } from '../../../src/queue.ts'
import { balanced, balancedAsync } from '../../value/balance.ts'
import { KINDS } from './kinds.ts'

// Their headers stay for the next ones.
for (const queue of [new LifoQueue(), new LifoQueue()]) queue.close()

for (const { name, make, inOrder } of KINDS) {
  test(`${name}: a queue is full at maxSize, and who puts then waits, fails in time or is refused`, () =>
    balancedAsync(async () => {
      using queue = make({ maxSize: 2 })
      queue.putManySync([1, 2])
      assert.deepEqual([queue.isFull, queue.tryPut(3), queue.tryPutMany([3, 4])], [true, false, 0])
      await assert.rejects(queue.put(3, { timeout: 5 }), FullError)
      await assert.rejects(queue.putMany([3], { timeout: 0 }), FullError)
      assert.throws(() => queue.putSync(3, { timeout: 5 }), FullError)
      const first = queue.put(3)
      const others = queue.putMany([4, 5])
      const got = [await queue.get(), await queue.get()]
      await first
      for (let count = 0; count < 3; count += 1) got.push(await queue.get())
      await others
      assert.deepEqual([...got].sort(), [1, 2, 3, 4, 5])
      assert.equal(queue.size, 0)
    }))

  test(`${name}: who gets from an empty queue waits, fails in time or has nothing`, () =>
    balancedAsync(async () => {
      using queue = make()
      assert.deepEqual([queue.tryGet(), queue.tryGet(0), queue.tryGetMany(3)], [undefined, 0, []])
      await assert.rejects(queue.get({ timeout: 5 }), EmptyError)
      assert.throws(() => queue.getSync({ timeout: 5 }), EmptyError)
      await assert.rejects(queue.get({ signal: AbortSignal.abort('enough') }), reason => reason === 'enough')
      const controller = new AbortController()
      const aborted = queue.get({ signal: controller.signal })
      const one = queue.get()
      const many = queue.getMany(5)
      controller.abort(new Error('enough'))
      await assert.rejects(aborted, /enough/)
      await queue.put(1)
      assert.deepEqual(await one, 1)
      await queue.putMany([2, 3])
      assert.deepEqual(await many, inOrder([2, 3]))
    }))

  test(`${name}: maxBytes is a bound, and what is larger goes into an empty queue`, () =>
    balanced(() => {
      const rank = { rank: () => 0 }
      using queue = name === 'LifoQueue' ? new LifoQueue({ maxBytes: 4096 }) : new PriorityQueue({ maxBytes: 4096, ...rank })
      let count = 0
      while (queue.tryPut(count)) count += 1
      assert.equal(count, 32)
      assert.equal(queue.tryGetMany(100).length, 32)
      assert.deepEqual([queue.tryPut('x'.repeat(100_000)), queue.tryPut(1)], [true, false])
      assert.equal(queue.getSync().length, 100_000)
      assert.deepEqual([queue.tryPut(new Uint8Array(100_000)), queue.tryPut(1), queue.getSync().length], [true, false, 100_000])
      assert.equal(queue.tryPut(1), true)
    }))

  test(`${name}: items of all sizes come as they were put, and their memory is free again`, () =>
    balanced(() => {
      using queue = make({})
      const sizes = [0, 1, 60, 80, 84, 85, 86, 87, 88, 89, 90, 200, 3990, 4000, 5000, 70_000]
      const values = sizes.flatMap(size => ['x'.repeat(size), new Uint8Array(size).fill(size)])
      const items = values.map((value, index) => [index, value, new Map([[index, value]])])
      queue.putManySync(items as never)
      const got = queue.tryGetMany(1000)
      assert.deepEqual(name === 'LifoQueue' ? got.reverse() : got, items)
      queue.putManySync(items as never)
      queue.shutdown({ immediate: true })
    }))

  test(`${name}: after shutdown() nothing goes in, and what is in comes out in its order`, async () => {
    using queue = make()
    queue.putManySync([2, 1, 3])
    queue.shutdown()
    assert.equal(queue.isShutDown, true)
    assert.throws(() => queue.tryPut(1), ShutDownError)
    await assert.rejects(queue.put(1), ShutDownError)
    const got: number[] = []
    for await (const number of queue) got.push(number)
    assert.deepEqual(got, inOrder([2, 1, 3]))
    assert.throws(() => queue.tryGet(), ShutDownError)
    await assert.rejects(queue.get(), ShutDownError)
  })

  test(`${name}: shutdown({ immediate }) drops what is in it as done, and ends all waiting`, () =>
    balancedAsync(async () => {
      using full = make({ maxSize: 2 })
      full.putManySync([1, 2])
      const joined = full.join()
      const put = full.put(3)
      full.shutdown({ immediate: true })
      await assert.rejects(put, ShutDownError)
      assert.equal(await joined, true)
      assert.deepEqual([full.size, full.unfinished], [0, 0])
      using empty = make()
      const got = [empty.get(), empty.getMany(3)]
      empty.shutdown({ immediate: true })
      for (const each of got) await assert.rejects(each, ShutDownError)
    }))

  test(`${name}: join() waits until all is done with, and no more can be done than was got`, async () => {
    using queue = make()
    assert.equal(queue.joinSync(), true)
    queue.putManySync([1, 2])
    assert.equal(await queue.join({ timeout: 1 }), false)
    assert.throws(() => queue.taskDone(), { code: 'ERR_TASK_DONE' })
    const joined = queue.join()
    queue.tryGetMany(2)
    queue.taskDone()
    assert.equal(queue.unfinished, 1)
    queue.taskDone()
    assert.equal(await joined, true)
    assert.throws(() => queue.taskDone(), { code: 'ERR_TASK_DONE' })
  })

  test(`${name}: close() ends it with what is in it, and who waits hears of it`, () =>
    balancedAsync(async () => {
      const queue = make({ maxSize: 30 })
      queue.putManySync(Array(30).keys())
      const waiting = queue.put(1)
      queue.close()
      queue.close()
      await assert.rejects(waiting, { code: 'ERR_CLOSED' })
      assert.equal(queue.closed, true)
      for (const use of [() => queue.size, () => queue.tryPut(1), () => queue.tryGet(), () => queue.unfinished, () => queue.shutdown()]) {
        assert.throws(use, { code: 'ERR_CLOSED' })
      }
    }))
}
