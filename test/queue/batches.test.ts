// Many at a time: putMany and getMany, and what is in when something goes wrong in the middle.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FullError, MultiprocessingError, Queue } from '../../src/index.ts'
import { balancedAsync } from '../value/balance.ts'
import { endOf } from './forms.ts'

for (const queue of Array.from({ length: 5 }, () => new Queue())) queue.close()

const FORMS: Record<string, (queue: Queue, items: Iterable<unknown>) => unknown> = {
  putMany: (queue, items) => queue.putMany(items),
  putManySync: (queue, items) => queue.putManySync(items),
  tryPutMany: (queue, items) => queue.tryPutMany(items),
}

/** Says whether it was ended before its end. */
class Source implements Iterable<unknown> {
  readonly #items: readonly unknown[]
  ended = false
  pulled = 0

  constructor(items: readonly unknown[]) {
    this.#items = items
  }

  *[Symbol.iterator](): Generator<unknown> {
    try {
      for (const item of this.#items) {
        this.pulled += 1
        yield item instanceof Error ? this.#fail(item) : item
      }
    } finally {
      this.ended = true
    }
  }

  #fail(error: Error): never {
    throw error
  }
}

for (const [form, put] of Object.entries(FORMS)) {
  test(`${form} puts what any iterable gives, in order`, () =>
    balancedAsync(async () => {
      const queue = new Queue()
      const sources: (() => Iterable<unknown>)[] = [
        () => [],
        () => new Set([1, 2]),
        () => 'abc',
        () => new Map([[1, 2]]),
        () => Array(3000).keys(),
        () => new Source(['x', new Uint8Array(70_000)]),
      ]
      for (const make of sources) {
        await put(queue, make())
        assert.deepEqual(queue.tryGetMany(10_000), [...make()])
      }
      queue.close()
    }))

  test(`${form}: when an item cannot travel, those that are in stay in, and the error says how many`, () =>
    balancedAsync(async () => {
      const queue = new Queue()
      const many = Array.from({ length: 500 }, (_, index) => `${index}`.padEnd(1000))
      for (const place of [0, 3, 499]) {
        const items = many.with(place, new WeakMap() as never)
        const source = new Source(items)
        const error = await endOf(() => put(queue, source))
        assert.ok(error instanceof MultiprocessingError && error.code === 'ERR_NOT_SERIALIZABLE')
        assert.match(error.message, new RegExp(`items\\[${place}\\]`))
        const { put: count } = error as unknown as { put: number }
        assert.ok(count <= place)
        assert.deepEqual(queue.tryGetMany(1000), items.slice(0, count))
        assert.equal(source.ended, true)
      }
      queue.close()
    }))

  test(`${form}: what the iterable throws is thrown, and nothing of large items is left`, () =>
    balancedAsync(async () => {
      const queue = new Queue()
      const failure = new TypeError('no more')
      const items = [...Array(40).fill('x'.repeat(3000)), new Uint8Array(90_000), 'y'.repeat(9000), failure]
      assert.equal(await endOf(() => put(queue, new Source(items))), failure)
      const got = queue.tryGetMany(100)
      assert.deepEqual(got, items.slice(0, got.length))
      queue.close()
    }))

  test(`${form}: not an iterable is a TypeError`, async () => {
    using queue = new Queue()
    for (const items of [5, null, undefined, {}]) {
      await assert.rejects(async () => await put(queue, items as never), {
        name: 'TypeError',
        message: /Expected `items` to be an iterable/,
      })
    }
  })
}

test('who has no room for all says how many went in, and ends the iteration', async () => {
  using queue = new Queue({ maxSize: 5 })
  const source = new Source(Array(2000).fill('x'.repeat(100)))
  assert.deepEqual([queue.tryPutMany(source), source.ended, source.pulled < 2000], [5, true, true])
  for (const put of [
    (each: Queue) => each.putMany([1, 2, 3], { timeout: 10 }),
    (each: Queue) => each.putManySync([1, 2, 3], { timeout: 0 }),
  ]) {
    queue.tryGetMany(2)
    const error = await endOf(() => put(queue))
    assert.ok(error instanceof FullError)
    assert.equal((error as FullError & { put: number }).put, 2)
    assert.equal(queue.size, 5)
  }
})

test('an iterable without an end goes on as others take, until it is shut down', async () => {
  using queue = new Queue({ maxSize: 100 })
  let made = 0
  function* numbers(): Generator<number> {
    for (;;) yield made++
  }
  const end = endOf(() => queue.putMany(numbers()))
  for (let count = 0; count < 20_000; count += 1) assert.equal(await queue.get(), count)
  queue.shutdown()
  const rest = queue.tryGetMany(1000)
  const error = (await end) as MultiprocessingError & { put: number }
  assert.equal(error.code, 'ERR_SHUT_DOWN')
  assert.equal(error.put, 20_000 + rest.length)
})

test('an iterable may use the queue that it is put into', async () => {
  using queue = new Queue()
  function* items(): Generator<unknown> {
    for (let index = 0; index < 100; index += 1) {
      queue.putSync('inner')
      yield `outer ${index}`
      if (index % 10 === 0) queue.tryPutMany(['many', 'more'])
    }
  }
  await queue.putMany(items())
  const got = queue.tryGetMany(1000)
  assert.equal(got.length, 220)
  assert.deepEqual(
    got.filter(item => item.startsWith('outer')),
    Array.from({ length: 100 }, (_, index) => `outer ${index}`),
  )
})

test('two putMany at once keep their own order', async () => {
  using queue = new Queue({ maxSize: 7 })
  const ends = ['a', 'b'].map(name => queue.putMany(Array.from({ length: 300 }, (_, index) => [name, index])))
  const got: Record<string, number[]> = { a: [], b: [] }
  for (let left = 600; left > 0; ) {
    const items = await queue.getMany(5)
    left -= items.length
    for (const [name, index] of items) got[name]?.push(index)
  }
  await Promise.all(ends)
  assert.deepEqual([got.a, got.b], [[...Array(300).keys()], [...Array(300).keys()]])
})

test('getMany gives at least one and at most as many as were asked for', async () => {
  using queue = new Queue()
  queue.putManySync(Array(10_000).keys())
  assert.deepEqual(await queue.getMany(1), [0])
  assert.deepEqual(queue.getManySync(3), [1, 2, 3])
  assert.deepEqual(
    queue.tryGetMany(6000),
    Array.from({ length: 6000 }, (_, index) => index + 4),
  )
  const rest = await queue.getMany(Number.MAX_SAFE_INTEGER)
  assert.deepEqual([rest.length, rest[0], rest.at(-1)], [3996, 6004, 9999])
  const later = queue.getMany(5)
  queue.putManySync([1, 2, 3])
  assert.deepEqual(await later, [1, 2, 3])
  for (const max of [0, -1, 1.5, Infinity, Number.NaN]) {
    assert.throws(() => queue.tryGetMany(max), { name: 'RangeError', message: /Expected `max`/ })
    assert.throws(() => queue.getManySync(max), RangeError)
    await assert.rejects(queue.getMany(max), RangeError)
  }
  assert.throws(() => queue.tryGetMany('5' as never), TypeError)
})
