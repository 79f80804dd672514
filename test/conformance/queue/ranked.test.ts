// CPython: BaseQueueTestMixin for LifoQueue and PriorityQueue, but for shutdown.
import { addUp, get, getElsewhere, join, put, putElsewhere } from '../../fixtures/conformance/ranked-queues.ts'
import { Queue } from '../../../src/queue.ts'
import { inspect } from 'node:util'
import { until } from '../../helpers/conditions.ts'
import { playRows, row } from '../row.ts'
import type { Form } from '../../fixtures/conformance/forms.ts'
import { forAll, type Kind } from './ranked-kinds.ts'
import type { Scene } from '../scene.ts'

const QUEUE_SIZE = 5
const NOT_DONE = { name: 'MultiprocessingError', code: 'ERR_TASK_DONE' }
const FULL = { name: 'FullError', code: 'ERR_FULL' }
const EMPTY = { name: 'EmptyError', code: 'ERR_EMPTY' }
const TASK_DONE = 'taskDone() too often is a MultiprocessingError ERR_TASK_DONE (Python: ValueError)'

row(
  'BaseQueueTestMixin',
  'test_queue_task_done',
  'nothing is done before something was got',
  ({ check, own }) => forAll(({ make }) => check.throws(() => own(make()).taskDone(), NOT_DONE)),
  TASK_DONE,
)

row(
  'BaseQueueTestMixin',
  'test_queue_join',
  'join() waits until all is done with, again and again',
  async scene => {
    const { check, own, start } = scene
    await forAll(async ({ make }, form) => {
      const queue = own(make())
      const sums = own(new Queue<number>())
      for (let round = 0; round < 2; round += 1) {
        for (let index = 0; index < 2; index += 1) await start(form, addUp, queue, sums)
        for (let number = 0; number < 100; number += 1) await put(form, queue, number)
        check.equal(await join('promise', queue), true)
        check.equal(queue.unfinished, 0)
        for (let index = 0; index < 2; index += 1) await put(form, queue, -1)
        check.equal(await join('promise', queue), true)
        check.equal((await sums.get()) + (await sums.get()), 4950)
        await scene.joined()
      }
      check.throws(() => queue.taskDone(), NOT_DONE)
    })
  },
  TASK_DONE,
)

/** The call waits until somebody elsewhere has done what it waits for. */
async function waits({ check, ask }: Scene, form: Form, queue: ReturnType<Kind['make']>, what: 'put' | 'get'): Promise<void> {
  const waiting = what === 'put' ? queue.put(30) : queue.get()
  await until(() => inspect(queue).includes(`1 waiting for ${what === 'put' ? 'room' : 'items'}`), 'it waits')
  if (what === 'put') await ask(form, getElsewhere, queue)
  else await ask(form, putElsewhere, queue, 5)
  check.equal(await waiting, what === 'put' ? undefined : 5)
}

async function basic(scene: Scene, { order }: Kind, form: Form, queue: ReturnType<Kind['make']>): Promise<void> {
  const { check } = scene
  check.equal([queue.size, queue.isEmpty, queue.isFull], [0, true, false])
  for (const number of [111, 333, 222]) await put(form, queue, number)
  check.equal([await get(form, queue), await get(form, queue), await get(form, queue)], order)
  for (let number = 0; number < QUEUE_SIZE - 1; number += 1) {
    await put(form, queue, number)
    check.equal([queue.size, queue.isFull], [number + 1, false])
  }
  await put(form, queue, 2 * QUEUE_SIZE)
  check.equal([queue.size, queue.isEmpty, queue.isFull], [QUEUE_SIZE, false, true])
  check.equal(queue.tryPut(30), false)
  await check.rejects(() => put(form, queue, 30, { timeout: 0 }), FULL)
  await check.rejects(() => put(form, queue, 30, { timeout: 10 }), FULL)
  for (let count = 0; count < 2; count += 1) await waits(scene, form, queue, 'put')
  for (let count = 0; count < QUEUE_SIZE; count += 1) await get(form, queue)
  check.equal([queue.size, queue.tryGet()], [0, undefined])
  await check.rejects(() => get(form, queue, { timeout: 0 }), EMPTY)
  await check.rejects(() => get(form, queue, { timeout: 10 }), EMPTY)
  for (let count = 0; count < 2; count += 1) await waits(scene, form, queue, 'get')
}

row('BaseQueueTestMixin', 'test_basic', 'items come in the order of their queue, which is full, then empty, and makes wait', scene =>
  forAll(async (kind, form) => {
    const queue = scene.own(kind.make({ maxSize: QUEUE_SIZE }))
    for (let round = 0; round < 2; round += 1) await basic(scene, kind, form, queue)
  }),
)

row(
  'BaseQueueTestMixin',
  'test_negative_timeout_raises_exception',
  'less than no time is no time',
  ({ check, own }) =>
    forAll(async ({ make }, form) => {
      const queue = own(make({ maxSize: 1 }))
      await check.rejects(() => get(form, queue, { timeout: -1 }), EMPTY)
      await put(form, queue, 1, { timeout: -1 })
      await check.rejects(() => put(form, queue, 1, { timeout: -1 }), FULL)
    }),
  'a negative timeout is 0, as everywhere here and in multiprocessing (Python’s queue: ValueError)',
)

row('BaseQueueTestMixin', 'test_nowait', 'what never waits says that there is no room, and no item', ({ check, own }) =>
  forAll(({ make }) => {
    const queue = own(make({ maxSize: QUEUE_SIZE }))
    for (let count = 0; count < QUEUE_SIZE; count += 1) check.equal(queue.tryPut(1), true)
    check.equal(queue.tryPut(1), false)
    for (let count = 0; count < QUEUE_SIZE; count += 1) check.equal(queue.tryGet(), 1)
    check.equal(queue.tryGet('nothing'), 'nothing')
  }),
)

row(
  'BaseQueueTestMixin',
  'test_shrinking_queue',
  'how many go in is said once, when the queue is made',
  ({ check, own }) =>
    forAll(({ make }) => {
      const queue = own(make({ maxSize: 3 }))
      for (let number = 1; number <= 3; number += 1) check.equal(queue.tryPut(number), true)
      check.equal([queue.tryPut(4), queue.size, 'maxSize' in queue], [false, 3, false])
    }),
  'maxSize cannot be changed (Python: an attribute)',
)

playRows({ crew: 2 })
