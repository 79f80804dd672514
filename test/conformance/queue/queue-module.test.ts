// CPython: BaseQueueTestMixin and BaseSimpleQueueTest of test_queue.py, for the first-in, first-out queues; the threads are processes here.
import { EmptyError, FullError, type JoinableQueue, MultiprocessingError, type Queue, ShutDownError } from '../../../src/index.ts'
import { FORMS, type Form } from '../../fixtures/conformance/forms.ts'
import {
  addUp,
  consume,
  feed,
  get,
  getUntilShutDown,
  getWhenAwaited,
  join,
  joinAndTell,
  put,
  putAll,
  putUntilShutDown,
  putWhenAwaited,
} from '../../fixtures/conformance/queues.ts'
import { playRows, row } from '../row.ts'
import type { Scene } from '../scene.ts'

const SIZE = 5

row('BaseQueueTestMixin', 'test_basic', 'items come in their order, and puts and gets wait for one another', async scene => {
  const { ctx, check, own } = scene
  const queue = own(new ctx.Queue({ maxSize: SIZE }))
  for (const form of [...FORMS, ...FORMS]) {
    check.equal([queue.isEmpty, queue.isFull, queue.size], [true, false, 0])
    for (const item of [111, 333, 222]) await put(form, queue, item)
    check.equal([await get(form, queue), await get(form, queue), await get(form, queue)], [111, 333, 222])
    for (let item = 0; item < SIZE - 1; item += 1) await put(form, queue, item)
    check.equal([queue.size, queue.isFull], [SIZE - 1, false])
    await put(form, queue, 'last')
    check.equal([queue.isFull, queue.isEmpty, queue.tryPut('full')], [true, false, false])
    await check.rejects(() => put(form, queue, 'full', { timeout: 10 }), FullError)
    for (const options of [undefined, { timeout: 10_000 }]) {
      await scene.team(1, getWhenAwaited, queue)
      await put(form, queue, 'full', options)
      await scene.joined()
    }
    for (let item = 0; item < SIZE; item += 1) await get(form, queue)
    check.equal([queue.size, queue.tryGet('none')], [0, 'none'])
    await check.rejects(() => get(form, queue, { timeout: 10 }), EmptyError)
    for (const options of [undefined, { timeout: 10_000 }]) {
      await scene.team(1, putWhenAwaited, queue, 'empty')
      check.equal(await get(form, queue, options), 'empty')
      await scene.joined()
    }
  }
})

row(
  'BaseQueueTestMixin',
  'test_negative_timeout_raises_exception',
  'a timeout below 0 is none at all',
  async ({ ctx, check, own }) => {
    const queue = own(new ctx.Queue({ maxSize: 1 }))
    for (const form of FORMS) {
      await check.rejects(() => get(form, queue, { timeout: -1 }), EmptyError)
      await put(form, queue, 1, { timeout: -1 })
      await check.rejects(() => put(form, queue, 1, { timeout: -1 }), FullError)
      check.equal(await get(form, queue, { timeout: -1 }), 1)
    }
  },
  'as with multiprocessing.Queue it is 0; queue.Queue raises ValueError',
)

row('BaseQueueTestMixin', 'test_nowait', 'forms that never wait fill a queue and empty it', ({ ctx, check, own }) => {
  const queue = own(new ctx.Queue({ maxSize: SIZE }))
  for (let item = 0; item < SIZE; item += 1) check.equal(queue.tryPut(1), true)
  check.equal(queue.tryPut(1), false)
  for (let item = 0; item < SIZE; item += 1) check.equal(queue.tryGet(), 1)
  check.equal(queue.tryGet('none'), 'none')
})

row(
  'BaseQueueTestMixin',
  'test_queue_task_done',
  'more done than got is an error',
  ({ ctx, check, own }) => {
    const queue = own(new ctx.JoinableQueue())
    check.throws(() => queue.taskDone(), MultiprocessingError)
  },
  'a MultiprocessingError with ERR_TASK_DONE for ValueError',
)

row('BaseQueueTestMixin', 'test_queue_join', 'join() waits until all tasks are done, and again', async scene => {
  const { ctx, check, own } = scene
  const [queue, sums] = [own(new ctx.JoinableQueue<number>()), own(new ctx.Queue<number>())]
  for (const form of FORMS) {
    await scene.team(2, addUp, queue, sums)
    for (let number = 0; number < 100; number += 1) await put(form, queue, number)
    check.equal(await join(form, queue), true)
    for (let worker = 0; worker < 2; worker += 1) await put(form, queue, -1)
    check.equal(await join(form, queue), true)
    check.equal((await get(form, sums)) + (await get(form, sums)), 4950)
    await scene.joined()
  }
  check.throws(() => queue.taskDone(), MultiprocessingError)
})

row(
  'BaseQueueTestMixin',
  'test_shutdown_empty',
  'an empty queue that is shut down takes and gives nothing',
  async ({ ctx, check, own }) => {
    const queue = own(new ctx.Queue())
    queue.shutdown()
    for (const form of FORMS) {
      await check.rejects(() => put(form, queue, 'data'), ShutDownError)
      await check.rejects(() => get(form, queue), ShutDownError)
    }
  },
)

row('BaseQueueTestMixin', 'test_shutdown_nonempty', 'what is in it when it is shut down is got', async ({ ctx, check, own }) => {
  for (const form of FORMS) {
    const queue = own(new ctx.Queue())
    await put(form, queue, 'data')
    queue.shutdown()
    check.equal(await get(form, queue), 'data')
    await check.rejects(() => get(form, queue), ShutDownError)
  }
})

row('BaseQueueTestMixin', 'test_shutdown_immediate', 'what is in it when it is shut down at once is gone', async ({ ctx, check, own }) => {
  for (const form of FORMS) {
    const queue = own(new ctx.Queue())
    await put(form, queue, 'data')
    queue.shutdown({ immediate: true })
    await check.rejects(() => get(form, queue), ShutDownError)
  }
})

row(
  'BaseQueueTestMixin',
  'test_shutdown_allowed_transitions',
  'it is shut down for good, and may be shut down again',
  ({ ctx, check, own }) => {
    const queue = own(new ctx.Queue())
    check.equal(queue.isShutDown, false)
    for (const immediate of [false, true, false]) {
      queue.shutdown({ immediate })
      check.equal(queue.isShutDown, true)
    }
  },
)

for (const immediate of [false, true]) {
  const name = immediate ? 'test_shutdown_immediate_all_methods_in_one_thread' : 'test_shutdown_all_methods_in_one_thread'
  row('BaseQueueTestMixin', name, 'all forms say that it is shut down', async ({ ctx, check, own }) => {
    for (const form of FORMS) {
      const queue = own(new ctx.JoinableQueue({ maxSize: 2 }))
      await put(form, queue, 'L')
      queue.tryPut('O')
      queue.shutdown({ immediate })
      await check.rejects(() => put(form, queue, 'E'), ShutDownError)
      check.throws(() => queue.tryPut('W'), ShutDownError)
      for (const item of immediate ? [] : ['L', 'O']) {
        check.equal(await get(form, queue), item)
        queue.taskDone()
      }
      check.throws(() => queue.taskDone(), MultiprocessingError)
      check.equal(await join(form, queue), true)
      await check.rejects(() => get(form, queue), ShutDownError)
      await check.rejects(() => get(form, queue, { timeout: 1000 }), ShutDownError)
      check.throws(() => queue.tryGet(), ShutDownError)
    }
  })
}

/** How many were put, got and joined, by those who were asked to. */
async function totals(queue: Queue, count: number): Promise<Record<string, number>> {
  const sums: Record<string, number> = { put: 0, got: 0, joined: 0 }
  for (let left = count; left > 0; left -= 1) {
    const [what, number] = await queue.get()
    sums[what] = (sums[what] ?? 0) + number
  }
  return sums
}

for (const immediate of [false, true]) {
  const name = immediate ? 'test_shutdown_immediate_all_methods_in_many_threads' : 'test_shutdown_all_methods_in_many_threads'
  row('BaseQueueTestMixin', name, 'who puts, gets and joins when it is shut down ends', async scene => {
    const { ctx, check, own } = scene
    const [queue, results] = [own(new ctx.JoinableQueue({ maxSize: 20 })), own(new ctx.Queue())]
    await scene.team(2, putUntilShutDown, queue, results, 1e6)
    await scene.team(2, getUntilShutDown, queue, results)
    await scene.team(2, joinAndTell, queue, results)
    for (let seen = 0; seen < 3; seen += 1) await queue.put('mine')
    queue.shutdown({ immediate })
    const { put: putThere = 0, got = 0, joined } = await totals(results, 6)
    await scene.joined()
    check.equal(joined, 2)
    if (immediate) check.ok(got <= putThere + 3)
    else check.equal(got, putThere + 3)
    check.equal([queue.size, queue.unfinished], [0, 0])
  })
}

const WAITS: [string, boolean, (scene: Scene, form: Form, immediate: boolean) => Promise<void>][] = [
  ['get', false, waitToGet],
  ['get', true, waitToGet],
  ['put', false, waitToPut],
  ['put', true, waitToPut],
]

for (const [act, immediate, play] of WAITS) {
  row('BaseQueueTestMixin', `test_shutdown_${immediate ? 'immediate_' : ''}${act}`, `who waits to ${act} is told`, async scene => {
    for (const form of FORMS) await play(scene, form, immediate)
  })
}

async function waitToGet({ ctx, own, team, joined, check }: Scene, _: Form, immediate: boolean): Promise<void> {
  const [queue, results] = [own(new ctx.JoinableQueue()), own(new ctx.Queue())]
  await team(3, getUntilShutDown, queue, results)
  queue.shutdown({ immediate })
  check.equal(await totals(results, 3), { put: 0, got: 0, joined: 0 })
  await joined()
}

async function waitToPut({ ctx, own, team, joined, check }: Scene, form: Form, immediate: boolean): Promise<void> {
  const [queue, results] = [own(new ctx.JoinableQueue({ maxSize: 2 })), own(new ctx.Queue())]
  await put(form, queue, 1)
  await put(form, queue, 2)
  await team(3, putUntilShutDown, queue, results, 10)
  queue.shutdown({ immediate })
  check.equal(await totals(results, 3), { put: 0, got: 0, joined: 0 })
  await joined()
}

/** What was in it is done with, one way or the other. */
async function finish(form: Form, queue: JoinableQueue, immediate: boolean): Promise<void> {
  if (immediate) return
  while (!queue.isEmpty) {
    await get(form, queue)
    queue.taskDone()
  }
}

for (const immediate of [false, true]) {
  const prefix = `test_shutdown_${immediate ? 'immediate_' : ''}`
  row('BaseQueueTestMixin', `${prefix}join`, 'who waits in join() goes on when all is done', async scene => {
    const { ctx, check, own } = scene
    for (const form of FORMS) {
      const [queue, results] = [own(new ctx.JoinableQueue()), own(new ctx.Queue())]
      await put(form, queue, 'Y')
      await put(form, queue, 'D')
      await scene.team(2, joinAndTell, queue, results)
      queue.shutdown({ immediate })
      await finish(form, queue, immediate)
      check.equal(await totals(results, 2), { put: 0, got: 0, joined: 2 })
      await scene.joined()
    }
  })

  row('BaseQueueTestMixin', `${prefix}put_join`, 'who waits to put is told, and who joins goes on when all is done', async scene => {
    const { ctx, check, own } = scene
    for (const form of FORMS) {
      const [queue, results] = [own(new ctx.JoinableQueue({ maxSize: 2 })), own(new ctx.Queue())]
      await put(form, queue, 'Y')
      await put(form, queue, 'D')
      await scene.team(2, putUntilShutDown, queue, results, 1)
      await scene.team(2, joinAndTell, queue, results)
      queue.shutdown({ immediate })
      await finish(form, queue, immediate)
      check.equal(await totals(results, 4), { put: 0, got: 0, joined: 2 })
      await scene.joined()
    }
  })
}

row(
  'BaseQueueTestMixin',
  'test_shutdown_get_task_done_join',
  'who gets does all that there is, and who joins goes on then',
  async scene => {
    const { ctx, check, own } = scene
    for (const form of FORMS) {
      const [queue, results] = [own(new ctx.JoinableQueue()), own(new ctx.Queue())]
      await put(form, queue, 'Y')
      await put(form, queue, 'D')
      check.equal(queue.unfinished, 2)
      await scene.team(2, joinAndTell, queue, results)
      await scene.team(2, getUntilShutDown, queue, results)
      queue.shutdown()
      check.equal(await totals(results, 4), { put: 0, got: 2, joined: 2 })
      check.equal(queue.unfinished, 0)
      await scene.joined()
    }
  },
)

row('BaseQueueTestMixin', 'test_shutdown_pending_get', 'a get that waits already is told', async ({ ctx, check, own }) => {
  const queue = own(new ctx.Queue())
  const pending = queue.get()
  queue.shutdown()
  await check.rejects(() => pending, ShutDownError)
})

row('BaseSimpleQueueTest', 'test_basic', 'it is empty, then not, and gives what was put', async ({ ctx, check, own }) => {
  const queue = own(new ctx.SimpleQueue())
  for (const form of FORMS) {
    check.equal(queue.isEmpty, true)
    await put(form, queue, 1)
    check.equal(queue.isEmpty, false)
    await put(form, queue, 2)
    await put(form, queue, 3)
    check.equal([await get(form, queue), await get(form, queue), queue.isEmpty], [1, 2, false])
    check.equal([await get(form, queue), queue.isEmpty, queue.tryGet('none')], [3, true, 'none'])
    await check.rejects(() => get(form, queue, { timeout: 1 }), EmptyError)
  }
})

row(
  'BaseSimpleQueueTest',
  'test_negative_timeout_raises_exception',
  'a timeout below 0 is none at all',
  async ({ ctx, check, own }) => {
    const queue = own(new ctx.SimpleQueue())
    for (const form of FORMS) await check.rejects(() => get(form, queue, { timeout: -1 }), EmptyError)
  },
  'it is 0, and no ValueError',
)

row('BaseSimpleQueueTest', 'test_order', 'what two processes put comes in the order of each', async scene => {
  const { ctx, check, own } = scene
  const queue = own(new ctx.Queue())
  const lists = ['a', 'b'].map(name => Array.from({ length: 100 }, (_, number) => [name, number]))
  for (const items of lists) await scene.team(1, putAll, queue, items)
  const got: unknown[] = []
  for (let count = 0; count < 200; count += 1) got.push(await queue.get())
  for (const items of lists)
    check.equal(
      got.filter(item => (item as unknown[])[0] === items[0]?.[0]),
      items,
    )
  await scene.joined()
})

for (const [name, asking, sentence] of [
  ['test_many_threads', 'waits', 'many put and many get, and each item comes once'],
  ['test_many_threads_nonblock', 'tries', 'the same without waiting'],
  ['test_many_threads_timeout', 'waits briefly', 'the same with waits whose time is mostly up'],
] as const) {
  row('BaseSimpleQueueTest', name, sentence, async scene => {
    const { ctx, check, own } = scene
    const [queue, inputs, got] = [own(new ctx.Queue()), own(new ctx.Queue<number>()), own(new ctx.Queue<number[]>())]
    const numbers = Array.from({ length: 10_000 }, (_, number) => number)
    inputs.putManySync(numbers)
    await scene.team(3, feed, queue, inputs)
    await scene.team(3, consume, queue, got, asking)
    await scene.joined()
    const all = got.tryGetMany(3).flat()
    check.equal([all.toSorted((a, b) => a - b), queue.size], [numbers, 0])
  })
}

playRows({ crew: 6 })
