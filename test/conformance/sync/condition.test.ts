// CPython: _TestCondition. Who waits is half a process of the start method, half a thread beside the test, as there.
import { inspect } from 'node:util'
import type { Condition, Lock } from '../../../src/index.ts'
import { awaitCount, awaitInVain, interruptWhenAwaited, notifyWhenAwaited, sleep } from '../../fixtures/conformance/conditions.ts'
import { type AnyCondition, FORMS, holding, timed, wait, waitFor } from '../../fixtures/conformance/forms.ts'
import { playRows, row } from '../row.ts'
import type { Scene } from '../scene.ts'

const INVARIANT = 'that nothing is left of the waits is read from what the condition shows, not from inner semaphores'

/** One condition over each kind of lock; Python's is an RLock if nothing is said. */
function bothKinds(scene: Scene): AnyCondition[] {
  const { ctx, own } = scene
  return [newCondition(scene), own(new ctx.Condition(own(new ctx.RLock())))]
}

function newCondition({ ctx, own }: Scene): Condition<Lock> {
  const condition = own(new ctx.Condition())
  own(condition.lock)
  return condition
}

/** Nobody waits, nobody holds it, and nothing is left of those who did. */
async function isAtRest(scene: Scene, condition: AnyCondition): Promise<void> {
  await scene.joined()
  scene.check.match(inspect(condition), /^Condition \{ R?Lock \{ free \} \}$/)
}

row('_TestCondition', 'test_timeout', 'a wait ends when its time is up, with the lock held again', async scene => {
  const condition = newCondition(scene)
  for (const form of FORMS) {
    await holding(form, condition, async () => {
      const [notified, elapsed] = await timed(() => wait(form, condition, { timeout: 82 }))
      scene.check.equal(notified, false)
      scene.check.lasted(elapsed, 82)
      scene.check.equal(condition.lock.locked, true)
    })
  }
})

row('_TestCondition', 'test_waitfor', 'waitFor() settles when another process has made its predicate true', async scene => {
  const { ctx, check, own } = scene
  for (const form of FORMS) {
    const [condition, state] = [newCondition(scene), own(new ctx.Value('i', -1))]
    await scene.start(form, awaitCount, condition, state, 4)
    await holding(form, condition, async () => {
      check.equal(await waitFor(form, condition, () => state.value === 0), true)
      check.equal(state.value, 0)
    })
    for (let step = 0; step < 4; step += 1) {
      await holding(form, condition, () => {
        state.value += 1
        condition.notify()
      })
    }
    await scene.joined()
    check.equal(state.value, 4)
  }
})

row('_TestCondition', 'test_waitfor_timeout', 'waitFor() is false when its time is up, however often it was notified', async scene => {
  const { ctx, check, own } = scene
  for (const form of FORMS) {
    const [condition, state, ready] = [newCondition(scene), own(new ctx.Value('i')), own(new ctx.Event())]
    await scene.start(form, awaitInVain, condition, state, ready, 100)
    check.equal(await ready.wait(), true)
    for (let step = 0; step < 3; step += 1) {
      await holding(form, condition, () => {
        state.value += 1
        condition.notify()
      })
    }
    await scene.joined()
    check.equal(state.value, 3)
  }
})

row(
  '_TestCondition',
  'test_wait_result',
  'wait() says whether it was notified, and an interrupted wait says that',
  async scene => {
    const { check } = scene
    const condition = newCondition(scene)
    for (const form of FORMS) {
      await holding(form, condition, async () => {
        check.equal(await wait(form, condition, { timeout: 0 }), false)
        check.equal(await wait(form, condition, { timeout: 100 }), false)
        await scene.start(form, notifyWhenAwaited, condition)
        check.equal(await wait(form, condition, { timeout: 60_000 }), true)
      })
    }
    await isInterrupted(scene, condition)
    await isAborted(scene, condition)
  },
  'what ends a wait at SIGINT is an InterruptedError where the thread is blocked, and an AbortSignal elsewhere (Python: KeyboardInterrupt)',
)

async function isInterrupted(scene: Scene, condition: AnyCondition): Promise<void> {
  const { ctx, check, own } = scene
  const handler = (): void => {}
  const seen = own(new ctx.Event())
  process.on('SIGINT', handler)
  await scene.start('blocking', interruptWhenAwaited, condition, process.pid, seen)
  condition.runSync(() => {
    check.throws(() => condition.waitSync({ timeout: 60_000 }), { name: 'InterruptedError', code: 'ERR_INTERRUPTED' })
    check.equal(condition.lock.locked, true)
  })
  seen.set()
  await scene.joined()
  process.off('SIGINT', handler)
}

async function isAborted({ check }: Scene, condition: AnyCondition): Promise<void> {
  await condition.run(async () => {
    const controller = new AbortController()
    const waiting = condition.wait({ signal: controller.signal })
    controller.abort(new RangeError('enough'))
    await check.rejects(() => waiting, { name: 'RangeError', message: 'enough' })
    check.equal(condition.lock.locked, true)
  })
}

// From here on this process has threads, and one that has is not to be forked.

row(
  '_TestCondition',
  'test_notify',
  'notify() wakes one of those who wait, and the next one another',
  async scene => {
    const { ctx, check, own } = scene
    for (const condition of bothKinds(scene)) {
      const [sleeping, woken] = [own(new ctx.Semaphore(0)), own(new ctx.Semaphore(0))]
      await scene.mixedTeam(1, sleep, condition, sleeping, woken)
      await scene.waiting(condition, 2)
      check.equal([sleeping.value, woken.value], [2, 0])
      for (const count of [1, 2]) {
        await condition.run(() => condition.notify())
        await scene.counted(woken, count)
        await scene.waiting(condition, 2 - count)
      }
      await isAtRest(scene, condition)
    }
  },
  INVARIANT,
)

row(
  '_TestCondition',
  'test_notify_all',
  'waits end when their time is up, and notifyAll() wakes all of the next ones',
  async scene => {
    const { ctx, check, own } = scene
    const condition = newCondition(scene)
    const [sleeping, woken] = [own(new ctx.Semaphore(0)), own(new ctx.Semaphore(0))]
    await scene.mixedTeam(3, sleep, condition, sleeping, woken, 82)
    await scene.counted(woken, 6)
    check.equal(sleeping.value, 6)
    await isAtRest(scene, condition)

    await scene.mixedTeam(3, sleep, condition, sleeping, woken)
    await scene.waiting(condition, 6)
    check.equal([sleeping.value, woken.value], [12, 6])
    await condition.run(() => condition.notifyAll())
    await scene.counted(woken, 12)
    await isAtRest(scene, condition)
  },
  INVARIANT,
)

row(
  '_TestCondition',
  'test_notify_n',
  'notify(n) wakes n of those who wait, and no more than there are',
  async scene => {
    const { ctx, check, own } = scene
    const condition = newCondition(scene)
    const [sleeping, woken] = [own(new ctx.Semaphore(0)), own(new ctx.Semaphore(0))]
    await scene.mixedTeam(3, sleep, condition, sleeping, woken)
    await scene.waiting(condition, 6)
    check.equal(woken.value, 0)
    for (const [n, total] of [
      [2, 2],
      [4, 6],
      [3, 6],
    ] as const) {
      await condition.run(() => condition.notify(n))
      await scene.counted(woken, total)
      await scene.waiting(condition, 6 - total)
    }
    await isAtRest(scene, condition)
  },
  INVARIANT,
)

playRows({ crew: 3 })
