// Putting and getting in all forms: what comes out, in which order, how long it waits, and how a wait ends.
// CPython: _TestQueue.test_put, test_get, test_qsize.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { Ring } from '../../src/queue/ring/ring.ts'
import { EmptyError, FullError, Queue } from '../../src/index.ts'
import { balancedAsync } from '../value/balance.ts'
import { ALL_KINDS, endOf, GETS, KINDS, PUTS } from './forms.ts'

// Its header stays for the next one that this thread makes.
for (const queue of Array.from({ length: 5 }, () => new Queue())) queue.close()

for (const [name, make] of Object.entries(ALL_KINDS)) {
  test(`${name}: what is put in any form is got in any form, in order`, () =>
    balancedAsync(async () => {
      const queue = make()
      const forms = (table: typeof PUTS | typeof GETS): string[] => Object.keys(table).filter(form => form in queue)
      for (const put of forms(PUTS))
        for (const get of forms(GETS)) {
          assert.equal(queue.isEmpty, true)
          for (const item of [1, 'two', { three: [3] }]) await PUTS[put]?.(queue, item)
          assert.equal(queue.isEmpty, false)
          const got = [await GETS[get]?.(queue), await GETS[get]?.(queue), await GETS[get]?.(queue)]
          assert.deepEqual(got, [1, 'two', { three: [3] }], `${put}, ${get}`)
          assert.equal(queue.tryGet('none'), 'none')
        }
      queue.close()
    }))
}

for (const [name, make] of Object.entries(KINDS)) {
  test(`${name}: the forms that never wait say whether there was room and something to take`, () => {
    using queue = make({ maxSize: 2 })
    assert.deepEqual([queue.tryGet(), queue.tryGet(5), queue.tryGetMany(3)], [undefined, 5, []])
    assert.deepEqual([queue.tryPut(undefined), queue.tryPut(null), queue.tryPut(3)], [true, true, false])
    assert.deepEqual([queue.size, queue.isFull, queue.isEmpty], [2, true, false])
    assert.deepEqual([queue.tryGet(5), queue.tryGet(5), queue.tryGet(5)], [undefined, null, 5])
    assert.deepEqual([queue.tryPutMany([1, 2, 3]), queue.tryPutMany([4]), queue.tryPutMany([])], [2, 0, 0])
    assert.deepEqual([queue.tryGetMany(1), queue.tryGetMany(7), queue.size], [[1], [2], 0])
  })
}

for (const [form, put] of Object.entries(PUTS)) {
  test(`${form} waits for room, and is a FullError when the time is up`, async () => {
    using queue = new Queue({ maxSize: 1 })
    await put(queue, 'first')
    for (const timeout of [0, -5, 30]) {
      const start = performance.now()
      await assert.rejects(async () => await put(queue, 'second', { timeout }), FullError)
      assert.ok(performance.now() - start >= timeout)
    }
    assert.equal(queue.getSync(), 'first')
    for (const timeout of [0, -5, 30, Infinity]) {
      await put(queue, timeout, { timeout })
      assert.equal(queue.getSync(), timeout)
    }
  })
}

for (const [form, get] of Object.entries(GETS)) {
  test(`${form} waits for an item, and is an EmptyError when the time is up`, async () => {
    using queue = new Queue()
    for (const timeout of [0, -5, 30]) {
      const start = performance.now()
      await assert.rejects(async () => await get(queue, { timeout }), EmptyError)
      assert.ok(performance.now() - start >= timeout)
    }
    for (const timeout of [0, -5, 30, Infinity]) {
      queue.putSync(timeout)
      assert.equal(await get(queue, { timeout }), timeout)
    }
  })
}

test('the promise forms of a thread go in and come out in the order of their calls', async () => {
  using queue = new Queue({ maxSize: 2 })
  const puts = Array.from({ length: 50 }, (_, index) => (index % 7 === 0 ? queue.putMany([index]) : queue.put(index)))
  assert.equal(queue.tryPut('before the others'), false)
  const gets = Array.from({ length: 50 }, (_, index) => (index % 5 === 0 ? queue.getMany(1).then(([item]) => item) : queue.get()))
  assert.deepEqual(await Promise.all(gets), [...Array(50).keys()])
  await Promise.all(puts)
})

test('gets that wait come before those that are called later, which find an item', async () => {
  using queue = new Queue()
  const first = queue.get()
  await turn()
  queue.putSync('a')
  const second = queue.get()
  queue.putSync('b')
  assert.deepEqual(await Promise.all([first, second]), ['a', 'b'])
})

test('a get that is aborted takes nothing, and a put that is aborted puts nothing', () =>
  balancedAsync(async () => {
    const queue = new Queue({ maxSize: 1 })
    const reason = new Error('enough')
    const [before, while_] = [AbortSignal.abort(reason), new AbortController()]
    for (const get of [queue.get, queue.getMany.bind(queue, 1)] as ((options: object) => Promise<unknown>)[]) {
      await assert.rejects(get.call(queue, { signal: before }), reason)
    }
    const ends = [queue.get({ signal: while_.signal }), queue.getMany(1, { signal: while_.signal }), queue.get()].map(end =>
      endOf(() => end),
    )
    await turn()
    while_.abort(reason)
    queue.putSync('for the third')
    assert.deepEqual(await Promise.all(ends), [reason, reason, 'for the third'])

    queue.putSync('only')
    const puts = new AbortController()
    const big = new Uint8Array(100_000)
    const waits = [queue.put(big, { signal: puts.signal }), queue.putMany([1, big], { signal: puts.signal })].map(end => endOf(() => end))
    await assert.rejects(queue.put(1, { signal: before }), reason)
    await assert.rejects(queue.putMany([1], { signal: before }), reason)
    puts.abort(reason)
    assert.deepEqual(await Promise.all(waits), [reason, reason])
    assert.deepEqual([queue.getSync(), queue.size], ['only', 0])
    queue.close()
  }))

test('an abort in the same turn as an item neither loses it nor gives it twice', async () => {
  using queue = new Queue<number>()
  const got: unknown[] = []
  for (let count = 0; count < 200; count += 1) {
    const controller = new AbortController()
    const end = endOf(() => queue.get({ signal: controller.signal }))
    if (count % 3 === 0) await turn()
    if (count % 2 === 0) {
      queue.putSync(count)
      controller.abort()
    } else {
      controller.abort()
      queue.putSync(count)
    }
    const item = await end
    if (typeof item === 'number') got.push(item)
  }
  got.push(...queue.tryGetMany(1000))
  assert.deepEqual(got, [...Array(200).keys()])
})

test('a timeout of 0 is no reason to miss an item or room because somebody else is at the queue for a moment', () =>
  import('../../src/memory/words.ts').then(({ setStepHook, store }) =>
    import('../../src/queue/queue.ts').then(({ messagesOf }) => {
      using queue = new Queue({ maxSize: 5 })
      const ring = messagesOf(queue).store as Ring
      const other = 0x1000001
      for (const [side, act] of [
        [ring.in, () => queue.putSync(1, { timeout: 0 })],
        [ring.out, () => queue.getSync({ timeout: 0 })],
      ] as const) {
        store(ring.words, side, other)
        let steps = 0
        setStepHook((_, words, index) => {
          if (words === ring.words && index === side) steps += 1
          // Not through store(), which is a step, too.
          if (steps === 20) Atomics.compareExchange(ring.words, side, other, 0)
        })
        try {
          act()
        } finally {
          setStepHook(null)
        }
      }
      assert.equal(queue.size, 0)
    }),
  ))

test('what is put is a copy, made at once', async () => {
  using queue = new Queue({ maxSize: 1 })
  const item = { list: [1], text: 'before' }
  queue.putSync(item)
  const later = queue.put(item)
  item.list.push(2)
  item.text = 'after'
  assert.deepEqual(
    [await queue.get(), await queue.get()],
    [
      { list: [1], text: 'before' },
      { list: [1], text: 'before' },
    ],
  )
  await later
})

test('what cannot travel is an error of the call that puts it, in every form, and nothing of it goes in', async () => {
  using queue = new Queue()
  const bad = { data: new Uint8Array(100_000), weak: new WeakMap() }
  for (const put of [...Object.values(PUTS), (each: Queue) => each.tryPut(bad), (each: Queue) => each.tryPutMany([bad])]) {
    await assert.rejects(async () => await put(queue, bad), { code: 'ERR_NOT_SERIALIZABLE', message: /item.*weak/ })
  }
  assert.equal(queue.size, 0)
})
