// CPython: BaseQueueTestMixin's rows about shutdown, for LifoQueue and PriorityQueue.
import {
  get,
  join,
  joinAfter,
  put,
  read,
  tellGet,
  tellGetAndDone,
  tellJoin,
  tellPut,
  write,
} from '../../fixtures/conformance/ranked-queues.ts'
import type { Form } from '../../fixtures/conformance/forms.ts'
import { playRows, row } from '../row.ts'
import type { Scene } from '../scene.ts'
import { forAll, type Kind, newEnds, sorted } from './ranked-kinds.ts'

const SHUT = { name: 'ShutDownError', code: 'ERR_SHUT_DOWN' }
const CODE = 'ERR_SHUT_DOWN'
const TASK_DONE = 'taskDone() too often is a MultiprocessingError ERR_TASK_DONE (Python: ValueError)'

/** Both ways to shut down, for each of the kinds and forms. */
type Play = (scene: Scene, kind: Kind, form: Form, immediate: boolean) => Promise<void>

function twoRows(names: readonly [plain: string, immediate: string], sentence: string, play: Play, differs?: string): void {
  for (const [index, name] of names.entries()) {
    const how = index === 0 ? 'shutdown()' : 'shutdown({ immediate: true })'
    const all = (scene: Scene): Promise<void> => forAll((kind, form) => play(scene, kind, form, index === 1))
    row('BaseQueueTestMixin', name, `${sentence}: ${how}`, all, differs)
  }
}

row('BaseQueueTestMixin', 'test_shutdown_empty', 'nothing goes into an empty queue that is shut down, nor comes out', ({ check, own }) =>
  forAll(async ({ make }, form) => {
    const queue = own(make())
    queue.shutdown()
    await check.rejects(() => put(form, queue, 1), SHUT)
    await check.rejects(() => get(form, queue), SHUT)
  }),
)

row('BaseQueueTestMixin', 'test_shutdown_nonempty', 'what is in it still comes out', ({ check, own }) =>
  forAll(async ({ make }, form) => {
    const queue = own(make())
    await put(form, queue, 1)
    queue.shutdown()
    check.equal(await get(form, queue), 1)
    await check.rejects(() => get(form, queue), SHUT)
  }),
)

row('BaseQueueTestMixin', 'test_shutdown_immediate', 'at once: nothing comes out any more', ({ check, own }) =>
  forAll(async ({ make }, form) => {
    const queue = own(make())
    await put(form, queue, 1)
    queue.shutdown({ immediate: true })
    await check.rejects(() => get(form, queue), SHUT)
  }),
)

row('BaseQueueTestMixin', 'test_shutdown_allowed_transitions', 'it may be shut down again, at once or not', ({ check, own }) =>
  forAll(({ make }) => {
    const queue = own(make())
    check.equal(queue.isShutDown, false)
    for (const options of [{}, { immediate: true }, { immediate: false }]) {
      queue.shutdown(options)
      check.equal(queue.isShutDown, true)
    }
  }),
)

twoRows(
  ['test_shutdown_all_methods_in_one_thread', 'test_shutdown_immediate_all_methods_in_one_thread'],
  'every method of a queue that is shut down',
  async ({ check, own }, { make }, form, immediate) => {
    const queue = own(make({ maxSize: 2 }))
    await put(form, queue, 1)
    check.equal(queue.tryPut(2), true)
    queue.shutdown({ immediate })
    await check.rejects(() => put(form, queue, 3), SHUT)
    check.throws(() => queue.tryPut(4), SHUT)
    for (let count = 0; count < 2 && !immediate; count += 1) {
      check.ok([1, 2].includes(await get(form, queue)))
      queue.taskDone()
    }
    check.throws(() => queue.taskDone(), { code: 'ERR_TASK_DONE' })
    check.equal(await join(form, queue), true)
    for (const options of [undefined, { timeout: 1000 }]) await check.rejects(() => get(form, queue, options), SHUT)
    check.throws(() => queue.tryGet(), SHUT)
  },
  TASK_DONE,
)

const [WRITERS, READERS, JOINERS, WRITES] = [2, 3, 1, 400]

twoRows(
  ['test_shutdown_all_methods_in_many_threads', 'test_shutdown_immediate_all_methods_in_many_threads'],
  'many put and get until one shuts the queue down, and all come to an end',
  async (scene, { make }, form, immediate) => {
    // Both forms are in it anyway.
    if (form === 'blocking') return
    const { ctx, check, own, team } = scene
    const queue = own(make())
    const joiners = immediate ? JOINERS : 0
    const start = own(new ctx.Barrier(WRITERS + READERS + joiners))
    const end = own(new ctx.Event())
    const ends = newEnds(scene)
    await team(WRITERS, write, queue, WRITES, start, end, ends)
    await team(READERS, read, queue, start, ends)
    await team(joiners, joinAfter, queue, start, ends)
    await end.wait()
    queue.shutdown({ immediate })
    const all = await sorted(ends, WRITERS + READERS + joiners)
    check.equal(
      all.filter(each => each === `read: ${CODE}`),
      Array(READERS).fill(`read: ${CODE}`),
    )
    check.equal(
      all.filter(each => each.startsWith('join')),
      Array(joiners).fill('join: done'),
    )
    check.ok(all.filter(each => each.startsWith('write')).every(each => [`write: ${CODE}`, 'write: done'].includes(each)))
    check.equal([queue.size, queue.isEmpty, await queue.join()], [0, true, true])
    await scene.joined()
  },
)

twoRows(
  ['test_shutdown_get', 'test_shutdown_immediate_get'],
  'who gets has what is in it, and then hears that there is no more',
  async (scene, { make }, form, immediate) => {
    const queue = scene.own(make({ maxSize: 2 }))
    const ends = newEnds(scene)
    for (const number of [1, 2]) await put(form, queue, number)
    queue.shutdown({ immediate })
    await scene.team(3, tellGet, queue, ends)
    scene.check.equal(await sorted(ends, 3), immediate ? [CODE, CODE, CODE] : [CODE, 'done', 'done'])
    await scene.joined()
  },
)

twoRows(
  ['test_shutdown_put', 'test_shutdown_immediate_put'],
  'who waits for room hears that there will be none',
  async (scene, { make }, form, immediate) => {
    const queue = scene.own(make({ maxSize: 2 }))
    const ends = newEnds(scene)
    for (const number of [1, 2]) await put(form, queue, number)
    await scene.team(2, tellPut, queue, ends)
    queue.shutdown({ immediate })
    scene.check.equal(await sorted(ends, 2), [CODE, CODE])
    await scene.joined()
  },
)

twoRows(
  ['test_shutdown_join', 'test_shutdown_immediate_join'],
  'join() still waits for what is in it, if that is not dropped',
  async (scene, { make }, form, immediate) => {
    const queue = scene.own(make())
    const ends = newEnds(scene)
    await put(form, queue, 1)
    await scene.team(2, tellJoin, queue, ends)
    queue.shutdown({ immediate })
    if (!immediate) await scene.team(1, tellGetAndDone, queue, ends)
    scene.check.equal(await sorted(ends, immediate ? 2 : 3), Array(immediate ? 2 : 3).fill('done'))
    await scene.joined()
  },
)

twoRows(
  ['test_shutdown_put_join', 'test_shutdown_immediate_put_join'],
  'puts fail, join() ends with the last item',
  async (scene, { make }, form, immediate) => {
    const { check, own, team } = scene
    const queue = own(make({ maxSize: 2 }))
    const ends = newEnds(scene)
    await put(form, queue, 1)
    check.equal(queue.unfinished, 1)
    queue.shutdown({ immediate })
    await team(1, tellPut, queue, ends)
    await team(1, tellJoin, queue, ends)
    if (immediate) check.throws(() => queue.tryGet(), SHUT)
    else {
      check.equal(await get(form, queue), 1)
      queue.taskDone()
    }
    check.equal(await sorted(ends, 2), [CODE, 'done'])
    await scene.joined()
  },
)

row('BaseQueueTestMixin', 'test_shutdown_get_task_done_join', 'those who get work it off, and join() ends', scene =>
  forAll(async ({ make }, form) => {
    const { check, own, team } = scene
    const queue = own(make({ maxSize: 2 }))
    const ends = newEnds(scene)
    for (const number of [1, 2]) await put(form, queue, number)
    check.equal(queue.unfinished, queue.size)
    await team(2, tellJoin, queue, ends)
    await team(2, tellGetAndDone, queue, ends)
    queue.shutdown()
    check.equal(await sorted(ends, 4), ['done', 'done', 'done', 'done'])
    await scene.joined()
  }),
)

row('BaseQueueTestMixin', 'test_shutdown_pending_get', 'who waits for an item hears that there will be none', scene =>
  forAll(async ({ make }) => {
    const { check, own, team } = scene
    const queue = own(make())
    const ends = newEnds(scene)
    const here = queue.get()
    await team(2, tellGet, queue, ends)
    queue.shutdown()
    await check.rejects(() => here, SHUT)
    check.equal(await sorted(ends, 2), [CODE, CODE])
    await scene.joined()
  }),
)

playRows({ crew: 6 })
