// Which item is next, and what its rank is.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { JoinableQueue, LifoQueue, PriorityQueue, Queue } from '../../../src/queue.ts'
import { messagesOf } from '../../../src/queue/queue.ts'
import { NUMBER_HIGH } from '../../../src/queue/ranked/layout.ts'
import { COUNT, IN, OUT } from '../../../src/queue/store/layout.ts'
import type { Ledger } from '../../../src/queue/ledger/ledger.ts'
import { balanced } from '../../value/balance.ts'
import { setDone } from '../ledger/passed.ts'
import { KINDS, NUMBERS } from './kinds.ts'

new LifoQueue().close()

for (const { name, make, inOrder } of KINDS) {
  test(`${name}: items come in its order, one at a time and many at a time`, () =>
    balanced(() => {
      using queue = make()
      for (const number of NUMBERS) queue.putSync(number)
      assert.deepEqual(
        NUMBERS.map(() => queue.getSync()),
        inOrder(NUMBERS),
      )
      queue.putManySync(NUMBERS)
      assert.deepEqual(queue.getManySync(4), inOrder(NUMBERS).slice(0, 4))
      assert.deepEqual(queue.tryGetMany(100), inOrder(NUMBERS).slice(4))
    }))

  test(`${name}: what comes later takes its place among what is there`, () => {
    using queue = make()
    queue.putManySync([4, 8])
    queue.putSync(6)
    assert.equal(queue.getSync(), inOrder([4, 8, 6])[0])
    queue.putSync(1)
    queue.putSync(9)
    const rest = inOrder([4, 8, 6]).slice(1)
    assert.deepEqual(queue.tryGetMany(10), name === 'LifoQueue' ? [9, 1, ...rest] : inOrder([...rest, 1, 9]))
  })

  test(`${name}: it is a JoinableQueue and a Queue, and says what it is and how much is in it`, () => {
    const queue = make({ maxSize: 3 })
    queue.putManySync([1, 2])
    queue.getSync()
    assert.deepEqual([queue instanceof JoinableQueue, queue instanceof Queue], [true, true])
    assert.deepEqual([queue.size, queue.isFull, queue.isEmpty, queue.unfinished], [1, false, false, 2])
    assert.equal(inspectOf(queue), `${name} { 1 of 3 items, 2 unfinished }`)
    queue.close()
    assert.equal(inspectOf(queue), `${name} { closed }`)
  })

  test(`${name}: a hundred thousand items come in its order, and leave nothing behind`, () =>
    balanced(() => {
      using queue = make()
      const numbers = Array.from({ length: 100_000 }, (_, index) => (index * 7919) % 30_011)
      queue.putManySync(numbers)
      assert.equal(queue.size, numbers.length)
      const got: number[] = []
      while (!queue.isEmpty) got.push(...queue.getManySync(1000))
      assert.deepEqual(got, inOrder(numbers))
    }))

  for (const [when, high, low] of [
    ['the count of puts changes its sign', 0, 0x7ffffffd],
    ['the count of puts is at its end', 0, -4],
    ['it has come round several times', 6, -4],
  ] as const) {
    test(`${name}: the order stays when ${when}`, () => {
      using queue = make()
      const { words, base, ledger } = messagesOf(queue).store.header
      for (const word of [IN + COUNT, OUT + COUNT]) words[base + word] = low
      setDone(ledger as Ledger, low)
      words[base + NUMBER_HIGH] = high
      const equals = [3, 1, 3, 2, 1, 3, 2, 1]
      queue.putManySync(equals)
      assert.deepEqual([queue.size, queue.unfinished], [8, 8])
      assert.deepEqual(queue.tryGetMany(20), inOrder(equals))
      for (const _ of equals) queue.taskDone()
      assert.deepEqual([queue.size, queue.joinSync({ timeout: 0 })], [0, true])
    })
  }
}

function inspectOf(queue: object): string {
  return process.getBuiltinModule('node:util').inspect(queue)
}

test('equals come in the order in which they were put, among others, too', () => {
  using queue = new PriorityQueue<[number, string]>()
  queue.putManySync([
    [2, 'a'],
    [1, 'b'],
    [2, 'c'],
  ])
  assert.deepEqual(queue.getSync(), [1, 'b'])
  queue.putSync([2, 'd'])
  queue.putSync([1, 'e'])
  queue.putSync([2, 'f'])
  assert.deepEqual(
    queue
      .tryGetMany(10)
      .map(([, letter]) => letter)
      .join(''),
    'eacdf',
  )
})

test('0 and -0 have one rank', () => {
  using queue = new PriorityQueue<number>()
  queue.putManySync([0, -0, 0, -0])
  assert.deepEqual(
    queue.tryGetMany(4).map(number => Object.is(number, -0)),
    [false, true, false, true],
  )
})

test('a function says the rank of each item once, when it is put', () => {
  let calls = 0
  const rank = (job: { due: number }): number => {
    calls += 1
    return job.due
  }
  using queue = new PriorityQueue<{ due: number }>({ rank })
  const jobs = [{ due: 3 }, { due: 1 }, { due: 2 }]
  queue.putManySync(jobs)
  for (const job of jobs) job.due = 100
  assert.deepEqual(queue.tryGetMany(5), [{ due: 1 }, { due: 2 }, { due: 3 }])
  assert.equal(calls, 3)
})

test('a function of ranks may itself use queues', () => {
  using other = new PriorityQueue<number>()
  using queue = new PriorityQueue<number>({
    rank: number => {
      other.putManySync([number, -number])
      return other.getSync()
    },
  })
  queue.putSync(1)
  queue.putManySync([3, 2])
  assert.deepEqual(queue.tryGetMany(5), [3, 2, 1])
  assert.deepEqual(other.tryGetMany(9), [1, 2, 3])
})

test('an item without a rank is refused, with what could be done, and the queue is as before', async () => {
  using queue = new PriorityQueue()
  const how = /`item` to be a number or an array that begins with one; .*\{ rank: item => item\.priority \}, got/
  for (const item of ['a', null, undefined, {}, [], ['1'], [[1]], 1n, true]) {
    assert.throws(() => queue.putSync(item), { name: 'TypeError', message: how })
    assert.throws(() => queue.tryPut(item), { name: 'TypeError', message: how })
    await assert.rejects(queue.put(item), { name: 'TypeError', message: how })
    assert.throws(() => queue.putManySync([0, item]), { name: 'TypeError', message: /`items\[1\]`/ })
    queue.tryGetMany(9)
  }
  for (const item of [Number.NaN, [Number.NaN, 1]]) assert.throws(() => queue.putSync(item), RangeError)
  assert.equal(queue.size, 0)
})

test('what a function of ranks throws or says wrongly goes to who puts', async () => {
  const error = new Error('no rank')
  using queue = new PriorityQueue<unknown>({
    rank: item => {
      if (item === 'throw') throw error
      return item as number
    },
  })
  assert.throws(() => queue.putSync('throw'), error)
  await assert.rejects(queue.put('throw'), error)
  assert.throws(() => queue.putManySync([1, 'throw', 2]), error)
  assert.deepEqual(queue.tryGetMany(5), [])
  assert.throws(() => queue.putSync('5'), { name: 'TypeError', message: "Expected `rank(item)` to be a number, got '5'" })
  assert.throws(() => queue.putSync(Promise.resolve(1)), { name: 'TypeError' })
  assert.throws(() => queue.putSync(Number.NaN), RangeError)
})

test('options are looked at, and what is no option is refused', () => {
  assert.throws(() => new PriorityQueue({ rank: 'priority' as never }), { name: 'TypeError', message: /`rank` to be a function/ })
  assert.throws(() => new PriorityQueue(5 as never), { name: 'TypeError', message: /\{ maxSize: 5 \}/ })
  assert.throws(() => new LifoQueue({ rank: () => 1 } as never), { name: 'TypeError', message: /Unknown option `rank`/ })
  assert.throws(() => new PriorityQueue({ ranks: () => 1 } as never), { name: 'TypeError', message: /Unknown option `ranks`/ })
  assert.throws(() => new LifoQueue({ maxSize: 1.5 }), RangeError)
  assert.throws(() => new PriorityQueue({ maxBytes: 0 }), RangeError)
})
