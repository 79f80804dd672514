// Waits across processes: their ends, and who is woken when several wait for the same thing.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  closeShared,
  currentProcess,
  Event,
  NotSerializableError,
  parentProcess,
  Semaphore,
  SharedArray,
  wait,
  waitSync,
} from '../../src/index.ts'
import { native } from '../../src/native/load.ts'
import { answer, endWhenSet, type Form, takeAfterWaiting, takeByAcquiring } from '../fixtures/connection/waiters.ts'
import { until } from '../helpers/conditions.ts'
import { ALL, type Context, perMethod } from '../process/methods.ts'

const ROUNDS = 200
/** So long a round takes in which a thread is not rung, but looks by itself. */
const LOOK_EVERY = 50

function start(
  context: Context,
  target: (...args: never[]) => unknown,
  args: readonly unknown[],
): Promise<InstanceType<Context['Process']>> {
  return new context.Process({ target: target as () => void, args: args as [] }).start()
}

perMethod(
  ALL,
  'the sentinels of processes that have ended are ready, in both forms, and then their exit codes are known',
  async context => {
    using event = new Event()
    using never = new Event()
    const children = [await start(context, endWhenSet, [never, 1]), await start(context, endWhenSet, [event, 7])] as const
    const [running, ending] = children.map(child => child.sentinel) as [Sentinel, Sentinel]
    assert.deepEqual(await wait([running, ending], { timeout: 5 }), [])
    assert.deepEqual(waitSync([running, ending], { timeout: 5 }), [])
    const waiting = wait([running, never, ending])
    event.set()
    assert.deepEqual(await waiting, [ending])
    assert.deepEqual([children[1].exitCode, ending.ended, running.ended], [7, true, false])
    children[0].kill()
    assert.deepEqual(waitSync([running, never]), [running])
    assert.equal(children[0].exitCode, -9)
    assert.deepEqual(await wait([ending, never, running]), [ending, running])
    assert.deepEqual(waitSync([ending, running]), [ending, running])
    for (const child of children) child.close()
  },
)

perMethod(ALL, 'a blocking wait hears of an end and of a descriptor', async context => {
  using event = new Event()
  const [ours, theirs] = native().socketPair()
  const child = await start(context, endWhenSet, [event, 3])
  const { sentinel } = child
  assert.deepEqual(waitSync([ours, sentinel], { timeout: 5 }), [])
  event.set()
  assert.deepEqual(waitSync([ours, sentinel]), [sentinel])
  assert.equal(child.exitCode, 3)
  native().writeDescriptor(theirs, new Uint8Array(1))
  assert.deepEqual(waitSync([ours, sentinel]), [ours, sentinel])
  await child.join()
  for (const end of [ours, theirs]) native().close(end)
})

type Sentinel = ReturnType<typeof currentProcess>['sentinel']

test('a sentinel is one object, which is of use where its process was started', async () => {
  const { sentinel } = currentProcess()
  assert.equal(currentProcess().sentinel, sentinel)
  assert.deepEqual([sentinel.pid, sentinel.ended, await wait([sentinel], { timeout: 1 })], [process.pid, false, []])
  assert.equal(parentProcess(), null)
})

perMethod(ALL, 'a sentinel is the same object each time, knows its process, and does not travel', async context => {
  using event = new Event()
  const child = await start(context, endWhenSet, [event, 0])
  assert.equal(child.sentinel, child.sentinel)
  assert.equal(child.sentinel.pid, child.pid)
  if (context.startMethod !== 'fork') await assert.rejects(start(context, endWhenSet, [child.sentinel]), NotSerializableError)
  event.set()
  await child.join()
  assert.deepEqual(await wait([child.sentinel]), [child.sentinel])
})

perMethod(ALL, 'whoever waits is rung for a descriptor beside it, too, and need not look by itself', async context => {
  using asks = new Semaphore(0)
  using answers = new Semaphore(0)
  const [ours, theirs] = native().socketPair()
  const child = await start(context, answer, [asks, answers, 2 * ROUNDS])
  const begin = performance.now()
  for (let round = 0; round < ROUNDS; round += 1) {
    asks.release()
    assert.deepEqual(waitSync([ours, answers]), [answers])
    assert.equal(answers.tryAcquire(), true)
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    asks.release()
    assert.deepEqual(await wait([answers, ours]), [answers])
    assert.equal(answers.tryAcquire(), true)
  }
  assert.ok(performance.now() - begin < ROUNDS * LOOK_EVERY, `${performance.now() - begin} ms`)
  await child.join()
  for (const end of [ours, theirs]) native().close(end)
})

perMethod(ALL, 'who waits to look and who waits to take get every permit between them, however each of them waits', async context => {
  using semaphore = new Semaphore(0)
  using stop = new Event()
  const count = new SharedArray('i32', 4, { lock: false })
  const crew: [typeof takeAfterWaiting, Form][] = [
    [takeAfterWaiting, 'promise'],
    [takeByAcquiring, 'blocking'],
    [takeAfterWaiting, 'blocking'],
    [takeByAcquiring, 'promise'],
  ]
  const children = await Promise.all(crew.map(([target, form], place) => start(context, target, [form, semaphore, stop, count, place])))
  const taken = (): number => count.reduce((sum, each) => sum + each, 0)
  for (let round = 1; round <= ROUNDS; round += 1) {
    semaphore.release()
    // One at a time: each has to be rung for, and whoever is rung for it has to take it or ring the next.
    if (round % 2 === 0) await until(() => taken() === round, `all ${round} are taken`)
  }
  await until(() => taken() === ROUNDS, 'all are taken')
  stop.set()
  semaphore.release(2)
  for (const child of children) await child.join()
  assert.equal(taken(), ROUNDS)
  closeShared(count)
})
