// JoinableQueue: what is done with and what is not. CPython: _TestQueue.test_task_done; BaseQueueTestMixin.test_queue_task_done.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { JoinableQueue, MultiprocessingError, Queue } from '../../src/index.ts'
import { workOff } from '../fixtures/queue/workers.ts'
import { ALL, perMethod } from '../process/methods.ts'
import { balancedAsync } from '../value/balance.ts'
import { endOf } from './forms.ts'

for (const queue of Array.from({ length: 5 }, () => new Queue())) queue.close()

perMethod(ALL, 'join() waits until all that was put is done with', context =>
  balancedAsync(async () => {
    const [tasks, done] = [new context.JoinableQueue(), new context.Queue()]
    assert.deepEqual([tasks.joinSync(), await tasks.join()], [true, true])
    const children = await Promise.all([1, 2, 3].map(() => new context.Process({ target: workOff, args: [tasks, done] }).start()))
    for (let round = 0; round < 3; round += 1) {
      await tasks.putMany(Array(50).keys())
      assert.equal(round === 1 ? tasks.joinSync() : await tasks.join(), true)
      assert.deepEqual([tasks.unfinished, tasks.size, done.tryGetMany(100).length], [0, 0, 50])
    }
    tasks.shutdown()
    for (const child of children) await child.join()
    tasks.close()
    done.close()
  }),
)

test('items are unfinished from their putting on, and say so', async () => {
  using queue = new JoinableQueue({ maxSize: 10 })
  queue.putManySync([1, 2, 3])
  assert.equal(inspect(queue), 'JoinableQueue { 3 of 10 items, 3 unfinished }')
  queue.tryGetMany(2)
  assert.deepEqual([queue.unfinished, queue.size, queue.joinSync({ timeout: 5 }), await queue.join({ timeout: 5 })], [3, 1, false, false])
  queue.taskDone()
  queue.taskDone()
  assert.equal(queue.unfinished, 1)
  const joined = queue.join()
  queue.getSync()
  queue.taskDone()
  assert.equal(await joined, true)
})

test('taskDone() more often than items were got is an error, and counts nothing', () => {
  using queue = new JoinableQueue()
  const tooOften = { constructor: MultiprocessingError, code: 'ERR_TASK_DONE' }
  assert.throws(() => queue.taskDone(), tooOften)
  queue.putSync(1)
  // It has not been got.
  assert.throws(() => queue.taskDone(), tooOften)
  queue.getSync()
  queue.taskDone()
  assert.throws(() => queue.taskDone(), tooOften)
  assert.equal(queue.unfinished, 0)
})

test('a join that is aborted or whose queue is closed ends', () =>
  balancedAsync(async () => {
    const queue = new JoinableQueue()
    queue.putSync(1)
    const controller = new AbortController()
    const ends = [queue.join({ signal: controller.signal }), queue.join()].map(end => endOf(() => end))
    const reason = new Error('enough')
    controller.abort(reason)
    assert.equal(await ends[0], reason)
    queue.close()
    assert.equal(((await ends[1]) as { code?: string }).code, 'ERR_CLOSED')
    for (const use of [() => queue.join(), () => queue.joinSync(), () => queue.taskDone(), () => queue.unfinished]) {
      await assert.rejects(async () => await use(), { code: 'ERR_CLOSED' })
    }
  }))

test('an item that cannot be rebuilt counts as got', async () => {
  using queue = new JoinableQueue()
  const bad = Object.assign(() => 1, {})
  queue.putSync(bad)
  await endOf(() => queue.get())
  queue.taskDone()
  assert.equal(queue.joinSync({ timeout: 0 }), true)
})
