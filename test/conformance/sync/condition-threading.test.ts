// CPython: ConditionTests of lock_tests.py. Their threads are processes of the start method here.
import type { Condition, Lock, Semaphore } from '../../../src/index.ts'
import { awaitCount, awaitInVain, sleepInVain, sleepTwice } from '../../fixtures/conformance/conditions.ts'
import { type AnyCondition, acquire, FORMS, holding } from '../../fixtures/conformance/forms.ts'
import { playRows, row } from '../row.ts'
import type { Scene } from '../scene.ts'

const NOT_HELD = { name: 'MultiprocessingError', code: 'ERR_NOT_HELD' }
const WITHOUT_LOCK = 'a MultiprocessingError ERR_NOT_HELD (Python: RuntimeError)'

/** One over each kind of lock. */
function bothKinds({ ctx, own }: Scene): AnyCondition[] {
  return [own(new ctx.Condition(own(new ctx.Lock()))), own(new ctx.Condition(own(new ctx.RLock())))]
}

row(
  'ConditionTests',
  'test_acquire',
  'a condition over an RLock is taken again by its owner, and one over a lock is that lock',
  async ({ ctx, check, own }) => {
    const again = own(new ctx.Condition(own(new ctx.RLock())))
    check.equal([again.acquireSync(), again.acquireSync()], [true, true])
    again.release()
    again.release()
    check.equal(again.lock.locked, false)
    for (const form of FORMS) {
      const lock = own(new ctx.Lock())
      const condition = own(new ctx.Condition(lock))
      check.equal(form === 'promise' ? await condition.acquire() : condition.acquireSync(), true)
      check.equal(lock.tryAcquire(), false)
      condition.release()
      check.equal(await acquire(form, lock), true)
      check.equal(condition.tryAcquire(), false)
      lock.release()
      await holding(form, condition, () => check.equal(lock.tryAcquire(), false))
      check.equal(lock.locked, false)
    }
  },
  'the lock is a Lock if nothing is said (Python: an RLock)',
)

row(
  'ConditionTests',
  'test_unacquired_wait',
  'nobody waits without the lock',
  async scene => {
    for (const condition of bothKinds(scene)) {
      scene.check.throws(() => condition.waitSync(), NOT_HELD)
      await scene.check.rejects(() => condition.wait(), NOT_HELD)
    }
  },
  WITHOUT_LOCK,
)

row(
  'ConditionTests',
  'test_unacquired_notify',
  'nobody notifies without the lock',
  scene => {
    for (const condition of bothKinds(scene)) {
      scene.check.throws(() => condition.notify(), NOT_HELD)
      scene.check.throws(() => condition.notifyAll(), NOT_HELD)
    }
  },
  WITHOUT_LOCK,
)

row('ConditionTests', 'test_notify', 'so many are notified, so many wake, those first who have waited longest', async scene => {
  for (const condition of bothKinds(scene)) {
    // A second time, to see that it is as new.
    for (let round = 0; round < 2; round += 1) await notifyInPhases(scene, condition)
  }
})

/** `counts`: in which wait, in which phase, how many wake. `waiting`: who waits then, for the first time or the second. */
const PHASES: readonly { step(condition: AnyCondition): void; counts: readonly [number, number, number][]; waiting: number }[] = [
  { step: condition => condition.notify(3), counts: [[0, 1, 3]], waiting: 5 },
  {
    step: condition => condition.notify(5),
    counts: [
      [0, 2, 2],
      [1, 2, 3],
    ],
    waiting: 2,
  },
  { step: condition => condition.notifyAll(), counts: [[1, 3, 2]], waiting: 0 },
]

/** Five of them wait twice: 3 are notified, then 5, then all. */
async function notifyInPhases(scene: Scene, condition: AnyCondition): Promise<void> {
  const { ctx, check, own } = scene
  const newSemaphore = (): Semaphore => own(new ctx.Semaphore(0))
  const [ready, phase] = [newSemaphore(), newSemaphore()]
  const woken = [0, 1].map(() => [0, 1, 2, 3].map(newSemaphore))
  await scene.team(5, sleepTwice, condition, ready, phase, woken)
  await scene.waiting(condition, 5)
  check.equal(ready.value, 5)
  for (const { step, counts, waiting } of PHASES) {
    await condition.run(() => {
      phase.release()
      step(condition)
    })
    for (const [wait, at, count] of counts) await scene.counted(woken[wait]?.[at] as Semaphore, count)
    await scene.waiting(condition, waiting)
  }
  await scene.joined()
  check.equal(
    woken.map(phases => phases.map(each => each.value)),
    [
      [0, 3, 2, 0],
      [0, 0, 3, 2],
    ],
  )
}

row('ConditionTests', 'test_timeout', 'a wait is in vain when its time is up', async scene => {
  for (const condition of bothKinds(scene)) await scene.team(5, sleepInVain, condition, 250)
  await scene.joined()
})

function newCondition({ ctx, own }: Scene): Condition<Lock> {
  const condition = own(new ctx.Condition())
  own(condition.lock)
  return condition
}

row('ConditionTests', 'test_waitfor', 'waitFor() settles when its predicate has become true', async scene => {
  const { ctx, check, own } = scene
  for (const condition of bothKinds(scene)) {
    const state = own(new ctx.Value('i'))
    // Both count themselves in, and wait for the same end.
    await scene.team(2, awaitCount, condition, state, 6)
    await scene.counted(state, 2)
    for (let step = 0; step < 4; step += 1) {
      await condition.run(() => {
        state.value += 1
        condition.notifyAll()
      })
    }
    await scene.joined()
    check.equal(state.value, 6)
  }
})

row('ConditionTests', 'test_waitfor_timeout', 'waitFor() is false when its time is up, however often it was notified', async scene => {
  const { ctx, check, own } = scene
  const [condition, state, ready] = [newCondition(scene), own(new ctx.Value('i')), own(new ctx.Event())]
  await scene.team(2, awaitInVain, condition, state, ready, 100)
  check.equal(await ready.wait(), true)
  for (let step = 0; step < 3; step += 1) {
    await condition.run(() => {
      state.value += 1
      condition.notifyAll()
    })
  }
  await scene.joined()
  check.equal(state.value, 3)
})

playRows({ crew: 5 })
