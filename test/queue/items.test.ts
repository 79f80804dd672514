// What may be in a queue, and what becomes of the others when one of them cannot be given to the program.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  JoinableQueue,
  Lock,
  MultiprocessingError,
  Queue,
  rebuild,
  reduce,
  SharedArray,
  SimpleQueue,
  Value,
  closeShared,
} from '../../src/index.ts'
import { echo, putStrange } from '../fixtures/queue/workers.ts'
import { ALL, perMethod } from '../process/methods.ts'
import { balancedAsync } from '../value/balance.ts'
import { endOf, GETS } from './forms.ts'

// Their headers stay for the next ones that this thread makes.
for (const queue of Array.from({ length: 5 }, () => new Queue())) queue.close()

class Point {
  readonly x: number
  constructor(x: number) {
    this.x = x
  }
}

/** Does something when it is sent, and when it arrives. */
class Acting {
  static onReduce = (): void => {}
  static onRebuild = (): void => {}
  readonly data: unknown
  constructor(data: unknown) {
    this.data = data
  }
  [reduce](): unknown {
    Acting.onReduce()
    return this.data
  }
  static [rebuild](data: unknown): Acting {
    Acting.onRebuild()
    return new Acting(data)
  }
}

/** What came, or what the item's own code has thrown. */
async function causeOf(get: () => unknown): Promise<unknown> {
  const end = await endOf(get)
  return end instanceof MultiprocessingError ? end.cause : end
}

function act(how: { onReduce?: () => void; onRebuild?: () => void }): void {
  Object.assign(Acting, { onReduce: () => {}, onRebuild: () => {} }, how)
}

perMethod(ALL, 'whatever can travel comes back from another process as it was', context =>
  balancedAsync(async () => {
    const [questions, answers] = [new context.Queue(), new context.Queue()]
    const cycle: Record<string, unknown> = { name: 'cycle' }
    cycle.self = cycle
    const items: unknown[] = [
      ...[undefined, null, 0, -0, Number.NaN, 2n ** 70n, '', 'ä'.repeat(3000), new Date(5), /x/g, new Map([[1, new Set([2])]])],
      ...[new Error('no'), new Uint8Array(5), new Float64Array(100_000).fill(0.5), new Uint8Array(1_500_000).fill(3), cycle],
      ...[Buffer.alloc(70_000, 1), [new Uint8Array(80_000), 'x'.repeat(10_000)]],
    ]
    const child = await new context.Process({ target: echo, args: [questions, answers, items.length] }).start()
    await questions.putMany(items)
    for (const item of items) assert.deepEqual(await answers.get(), item)
    await child.join()
    questions.close()
    answers.close()
  }),
)

test('functions and classes come with what they capture', async () => {
  using queue = new Queue()
  const factor = 3
  queue.putManySync([(x: number) => x * factor, new Point(5), Point])
  const [times, point, cls] = queue.tryGetMany(3)
  assert.deepEqual([times(7), point instanceof Point, point.x, new cls(2).x], [21, true, 5, 2])
})

test('shared objects and queues are the same ones over there', async () => {
  using queue = new Queue()
  using inner = new Queue({ maxSize: 2 })
  using joinable = new JoinableQueue()
  using simple = new SimpleQueue()
  using lock = new Lock()
  using value = new Value('i32', 5)
  const array = new SharedArray('f64', [1, 2, 3])
  queue.putSync({ inner, joinable, simple, lock, value, array, queue })
  const there = queue.getSync()
  assert.deepEqual(
    [there.inner, there.joinable, there.simple].map(each => each.constructor),
    [Queue, JoinableQueue, SimpleQueue],
  )
  there.inner.putSync('in')
  there.joinable.putSync('joined')
  there.simple.putSync('simple')
  there.queue.putSync('itself')
  assert.deepEqual([inner.getSync(), joinable.getSync(), simple.getSync(), queue.getSync()], ['in', 'joined', 'simple', 'itself'])
  there.joinable.taskDone()
  assert.equal(joinable.unfinished, 0)
  there.lock.acquireSync()
  there.array[1] = 7
  there.value.value = 6
  assert.deepEqual([lock.locked, value.value, array[1]], [true, 6, 7])
  for (const each of [there.inner, there.joinable, there.simple, there.queue]) each.close()
  assert.deepEqual([inner.closed, there.inner.closed], [false, true])
  closeShared(array)
})

for (const [form, get] of Object.entries(GETS)) {
  test(`${form}: an item that cannot be rebuilt is an error where it is got, and those behind it are not lost`, () =>
    balancedAsync(async () => {
      using queue = new Queue()
      const failure = new Error('not here')
      act({
        onRebuild: () => {
          throw failure
        },
      })
      const bad = new Acting([new Uint8Array(100_000), 'x'.repeat(5000)])
      queue.putManySync([1, bad, bad, 2, new Uint8Array(70_000), bad, 3])
      const ends: unknown[] = []
      for (let count = 0; count < 7; count += 1) ends.push(await causeOf(() => get(queue)))
      assert.deepEqual(ends, [1, failure, failure, 2, new Uint8Array(70_000), failure, 3])
      act({})
    }))
}

for (const form of ['getMany', 'getManySync', 'tryGetMany'] as const) {
  test(`${form} gives what is before an item that cannot be rebuilt, then its error, then what is behind it`, () =>
    balancedAsync(async () => {
      using queue = new Queue()
      const failure = new Error('not here')
      act({
        onRebuild: () => {
          throw failure
        },
      })
      queue.putManySync([1, 2, new Acting(new Uint8Array(70_000)), 3, 4, new Acting(1), 5])
      const ends: unknown[] = []
      for (let count = 0; count < 5; count += 1) ends.push(await causeOf(() => queue[form](100)))
      assert.deepEqual(ends, [[1, 2], failure, [3, 4], failure, [5]])
      act({})
    }))
}

test('a promise for the item that cannot be rebuilt fails, and the next one gets the next item', async () => {
  using queue = new Queue()
  const failure = new Error('not here')
  act({
    onRebuild: () => {
      throw failure
    },
  })
  const ends = [queue.get(), queue.get(), queue.get()].map(end => causeOf(() => end))
  queue.putManySync([new Acting(1), 'next', 'last'])
  assert.deepEqual(await Promise.all(ends), [failure, 'next', 'last'])
  act({})
})

test('an item may use the queue while it is encoded and while it is rebuilt', () =>
  balancedAsync(async () => {
    using queue = new Queue()
    const seen: unknown[] = []
    act({
      onReduce: () => queue.putManySync(['while encoding', 'y'.repeat(6000)]),
      onRebuild: () => seen.push(queue.tryGet(), queue.tryGetMany(1)),
    })
    queue.putSync(new Acting('z'.repeat(5000)))
    await queue.put(new Acting(new Uint8Array(90_000)))
    assert.equal(queue.tryPut(new Acting(1)), true)
    queue.putManySync([new Acting(2), 'x', new Acting(3)])
    assert.equal(queue.tryPutMany([new Acting(4), 'x']), 2)
    const got: unknown[] = []
    for (let item = queue.tryGet(); item !== undefined; item = queue.tryGet()) got.push(item)
    got.push(...seen.flat().filter(item => item !== undefined))
    assert.equal(got.filter(item => item instanceof Acting).length, 6)
    assert.deepEqual([got.filter(item => item === 'while encoding').length, got.filter(item => item === 'x').length], [6, 2])
    assert.deepEqual([got.length, queue.size], [20, 0])
    act({})
  }))

test('an item may close the queue while it is rebuilt', () =>
  balancedAsync(async () => {
    const queue = new Queue()
    act({ onRebuild: () => queue.close() })
    queue.putManySync([new Acting(1), new Uint8Array(100_000), 2])
    const item = queue.getSync()
    assert.deepEqual([item.data, queue.closed], [1, true])
    act({})
  }))

perMethod(ALL, 'what needs modules that this process has not imported is for the promise forms', async (context, method) => {
  // A forked child and a thread may have the module, and this process has it after the first time: what is asked is that nothing is lost.
  using queue = new context.Queue()
  const child = await new context.Process({ target: putStrange, args: [queue] }).start()
  await child.join()
  assert.equal(child.exitCode, 0)
  assert.equal(queue.getSync(), 'before')
  const refused = await endOf(() => queue.getSync())
  if (typeof refused !== 'function') {
    assert.equal((refused as { code?: string }).code, 'ERR_NOT_IMPORTED', method)
    for (const form of ['tryGet', 'tryGetMany', 'getManySync'] as const) {
      assert.throws(() => (form === 'tryGet' ? queue.tryGet() : queue[form](5)), { code: 'ERR_NOT_IMPORTED' })
    }
  }
  const strange = (typeof refused === 'function' ? refused : await queue.get()) as (x: number) => number
  assert.equal(strange(1), 42)
  assert.equal((await queue.get()).twice(), 14)
  assert.deepEqual([queue.getSync(), queue.size], ['after', 0])
})
