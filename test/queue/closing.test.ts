// The end of a queue: close() by who made it and elsewhere, and the handles that are left. And what a queue says of itself, and refuses.
// CPython: _TestQueue.test_closed_queue_empty_exceptions, test_closed_queue_put_get_exceptions; TestSimpleQueue.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { inspect } from 'node:util'
import { ClosedError, JoinableQueue, Queue, SimpleQueue } from '../../src/index.ts'
import { messagesOf } from '../../src/queue/queue.ts'
import { tellEnd, useClosed } from '../fixtures/queue/workers.ts'
import { until } from '../helpers/conditions.ts'
import { ALL, perMethod } from '../process/methods.ts'
import { balancedAsync } from '../value/balance.ts'
import { ALL_KINDS, endOf, GETS, PUTS, TRIES } from './forms.ts'

for (const queue of Array.from({ length: 5 }, () => new Queue())) queue.close()

// biome-ignore lint/suspicious/noExplicitAny: members are called by their names.
type Any = any

const USES: Record<string, (queue: Any) => unknown> = {
  ...PUTS,
  ...GETS,
  ...TRIES,
  'put in time': queue => queue.put(1, { timeout: 1 }),
  'get in time': queue => queue.get({ timeout: 1 }),
  size: queue => queue.size,
  isEmpty: queue => queue.isEmpty,
  isFull: queue => queue.isFull,
  isShutDown: queue => queue.isShutDown,
  shutdown: queue => queue.shutdown(),
  'shutdown at once': queue => queue.shutdown({ immediate: true }),
  sending: queue => new Queue().put(queue),
}

for (const [name, make] of Object.entries(ALL_KINDS)) {
  test(`${name}: once it is closed, every use of it is a ClosedError`, async () => {
    const queue = make()
    queue.putSync([new Uint8Array(80_000)])
    assert.equal(queue.closed, false)
    queue.close()
    queue.close()
    queue[Symbol.dispose]()
    assert.deepEqual([queue.closed, inspect(queue)], [true, `${name} { closed }`])
    for (const [use, act] of Object.entries(USES)) {
      const member = use.split(' ')[0] as string
      if (member !== 'sending' && !(member in queue)) continue
      if (member === 'sending' && name !== 'Queue') continue
      await assert.rejects(
        async () => await act(queue),
        { name: 'ClosedError', message: 'The queue is closed: close() was called here' },
        use,
      )
    }
  })
}

test('with a queue all that is in it is freed', () =>
  balancedAsync(async () => {
    for (const Kind of [Queue, JoinableQueue, SimpleQueue]) {
      const queue = new Kind()
      const items = [1, 'x'.repeat(9000), new Uint8Array(100_000), { list: [new Uint8Array(70_000)], text: 'y'.repeat(5000) }]
      for (let count = 0; count < 300; count += 1) queue.putSync(items[count % items.length])
      queue.close()
    }
  }))

test('who waits when the maker closes gets a ClosedError, and large items that wait are freed', () =>
  balancedAsync(async () => {
    const [full, empty] = [new Queue({ maxSize: 1 }), new Queue()]
    full.putSync(1)
    const ends = [full.put(new Uint8Array(90_000)), full.putMany(['x'.repeat(9000)]), empty.get(), empty.getMany(2)].map(end =>
      endOf(() => end),
    )
    await turn()
    full.close()
    empty.close()
    for (const end of await Promise.all(ends)) {
      assert.ok(end instanceof ClosedError)
      assert.equal(end.message, 'The queue is closed: close() was called here')
    }
  }))

test('a queue that takes the place of a closed one is not mistaken for it', async () => {
  using carrier = new Queue<Queue>()
  const first = new Queue()
  carrier.putSync(first)
  const handle = carrier.getSync()
  first.putSync('first')
  first.close()
  using second = new Queue()
  second.putSync('second')
  for (const use of [() => handle.tryGet(), () => handle.putSync(1), () => handle.size, () => handle.shutdown({ immediate: true })]) {
    assert.throws(use, ClosedError)
  }
  handle.close()
  assert.deepEqual([second.size, second.isShutDown, second.getSync()], [1, false, 'second'])
})

perMethod(ALL, 'close() of another lets go there and nowhere else', context =>
  balancedAsync(async () => {
    const [queue, simple] = [new context.Queue(), new context.SimpleQueue()]
    queue.putSync('in')
    const child = await new context.Process({ target: closeBoth, args: [queue, simple] }).start()
    await child.join()
    assert.deepEqual(
      [child.exitCode, queue.closed, simple.closed, queue.getSync(), simple.getSync()],
      [0, false, false, 'in', 'from there'],
    )
    queue.close()
    simple.close()
  }),
)

function closeBoth(queue: Queue, simple: SimpleQueue): void {
  simple.putSync('from there')
  for (const each of [queue, simple]) {
    each.close()
    if (!each.closed) throw new Error('It is open')
  }
}

perMethod(ALL, 'who waits there when the maker closes gets a ClosedError', context =>
  balancedAsync(async () => {
    const [full, empty, ends, arrived] = [new context.Queue({ maxSize: 1 }), new context.Queue(), new context.Queue(), new context.Queue()]
    full.putSync('in')
    const children = await Promise.all(
      (['get', 'getSync', 'put', 'putSync'] as const).map(act =>
        new context.Process({ target: tellEnd, args: [act.startsWith('get') ? empty : full, act, ends, arrived] }).start(),
      ),
    )
    await until(() => messagesOf(empty).waiting.items === 2 && messagesOf(full).waiting.room === 2, 'all wait')
    full.close()
    empty.close()
    const got = new Map(await Promise.all([1, 2, 3, 4].map(() => ends.get())))
    assert.deepEqual([...got.values()], Array(4).fill('ERR_CLOSED'))
    for (const child of children) await child.join()
    ends.close()
    arrived.close()
  }),
)

perMethod(ALL, 'what is sent there and closed here is closed there', context =>
  balancedAsync(async () => {
    const [queue, ends] = [new context.Queue(), new context.Queue()]
    queue.putSync(1)
    const child = new context.Process({ target: useClosed, args: [queue, ends] })
    // It arrives with the arguments, and is closed before they are read, or a moment after.
    await child.start()
    queue.close()
    await child.join()
    const [closed, ...codes] = await ends.get()
    if (closed) assert.deepEqual(codes.filter((code: unknown) => code !== 'ERR_CLOSED').length, 0)
    ends.close()
  }),
)

test('a queue says how much is in it, who waits, and that it is shut down', async () => {
  using queue = new Queue({ maxSize: 2 })
  using simple = new SimpleQueue()
  assert.deepEqual(
    [inspect(queue), inspect(simple), inspect(new Queue({ maxSize: 0 }))],
    ['Queue { 0 of 2 items }', 'SimpleQueue { 0 items }', 'Queue { 0 items }'],
  )
  queue.tryPutMany([1, 2])
  simple.putSync(1)
  const wait = endOf(() => queue.put(3))
  assert.deepEqual(
    [inspect({ queue }), inspect(simple)],
    ['{ queue: Queue { 2 of 2 items, 1 waiting for room } }', 'SimpleQueue { 1 items }'],
  )
  queue.shutdown()
  assert.match(inspect(queue), /^Queue \{ 2 of 2 items, shut down/)
  await wait
})

test('what Python takes by its place is refused with what to write instead', async () => {
  const queue = new Queue()
  assert.throws(() => queue.shutdown(true as never), { name: 'TypeError', message: /an object like \{ immediate: true \}, got true/ })
  const told = { name: 'TypeError', message: /an object like \{ timeout: 1000 \}.*begins with "try", got false/ }
  await assert.rejects(async () => await queue.get(false as never), told)
  assert.throws(() => queue.getSync(false as never), told)
  queue.close()
})

test('options are looked at', async () => {
  const refused: [unknown, object][] = [
    [5, { name: 'TypeError', message: /an object like \{ maxSize: 5 \}/ }],
    [null, TypeError],
    [[], TypeError],
    [{ maxsize: 5 }, { name: 'TypeError', message: /Unknown option `maxsize`/ }],
    [{ maxSize: '5' }, TypeError],
    [{ maxSize: 1.5 }, RangeError],
    [{ maxSize: Infinity }, RangeError],
    [{ maxSize: 2 ** 31 }, RangeError],
    [{ maxBytes: 0 }, { name: 'RangeError', message: /Expected `maxBytes` to be an integer from 1 to/ }],
    [{ maxBytes: -1 }, RangeError],
  ]
  for (const [options, error] of refused) {
    assert.throws(() => new Queue(options as never), error)
    assert.throws(() => new JoinableQueue(options as never), error)
  }
  assert.throws(() => new (SimpleQueue as Any)({ maxSize: 1 }), { name: 'TypeError', message: /SimpleQueue takes no argument/ })
  using queue = new Queue({ maxSize: 1 })
  for (const options of [5, null, { timeOut: 1 }, { timeout: '1' }, { timeout: Number.NaN }, { signal: {} }]) {
    for (const act of [...Object.values(PUTS).map(put => (each: Queue, given: Any) => put(each, 1, given)), ...Object.values(GETS)]) {
      await assert.rejects(async () => await act(queue, options), /TypeError|RangeError/)
    }
  }
  assert.throws(() => queue.shutdown({ immediate: 1 } as never), TypeError)
  assert.throws(() => queue.shutdown(true as never), TypeError)
  assert.equal(queue.size, 0)
})
