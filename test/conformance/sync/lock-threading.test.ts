// CPython: BaseLockTests and LockTests of lock_tests.py. Their threads are processes of the start method here. What is true of
// every lock is played with both kinds: an RLock is taken by run() in promise form, and belongs to the call chain.
import { inspect } from 'node:util'
import type { Lock, RLock } from '../../../src/index.ts'
import { acquire, type Form, FORMS, holding, timed } from '../../fixtures/conformance/forms.ts'
import { holdEach, holdOnce, release, takeTwice, tryInVain, waitInVain } from '../../fixtures/conformance/locks.ts'
import { playRows, row } from '../row.ts'
import type { Scene } from '../scene.ts'

const HELD_HERE = `held by ${process.pid} 'MainProcess'`

function bothKinds({ ctx, own }: Scene): (Lock | RLock)[] {
  return [own(new ctx.Lock()), own(new ctx.RLock())]
}

row('BaseLockTests', 'test_constructor', 'a lock is made, and dropped', scene => {
  for (const lock of bothKinds(scene)) {
    scene.check.equal([lock.locked, lock.closed], [false, false])
    lock.close()
    scene.check.equal(lock.closed, true)
  }
})

row(
  'BaseLockTests',
  'test_repr',
  'a free lock is shown as free',
  scene => {
    for (const lock of bothKinds(scene)) scene.check.equal(inspect(lock), `${lock.constructor.name} { free }`)
  },
  'the text: Lock { free } instead of <unlocked … object>',
)

row(
  'BaseLockTests',
  'test_locked_repr',
  'a lock that is held is shown as held',
  async scene => {
    for (const lock of bothKinds(scene)) {
      for (const form of FORMS) {
        await holding(form, lock, () => scene.check.equal(inspect(lock), `${lock.constructor.name} { ${HELD_HERE} }`))
      }
    }
  },
  'the text: Lock { held by 4711 ’MainProcess’ } instead of <locked … object>',
)

row('BaseLockTests', 'test_acquire_destroy', 'a lock that is held is dropped', scene => {
  for (const lock of bothKinds(scene)) {
    scene.check.equal(lock.acquireSync(), true)
    lock.close()
    scene.check.equal(lock.closed, true)
    scene.check.throws(() => lock.release(), { name: 'ClosedError', code: 'ERR_CLOSED' })
  }
})

row('BaseLockTests', 'test_acquire_release', 'a lock is taken and given back', async scene => {
  for (const lock of bothKinds(scene)) {
    for (const form of FORMS) {
      await holding(form, lock, () => scene.check.equal(lock.locked, true))
      scene.check.equal(lock.locked, false)
    }
  }
})

row('BaseLockTests', 'test_try_acquire', 'tryAcquire() takes a free lock', scene => {
  for (const lock of bothKinds(scene)) {
    scene.check.equal(lock.tryAcquire(), true)
    scene.check.equal(lock.release(), undefined)
    scene.check.equal(lock.locked, false)
  }
})

row('BaseLockTests', 'test_try_acquire_contended', 'tryAcquire() is refused what another has', async scene => {
  for (const lock of bothKinds(scene)) {
    for (const form of FORMS) {
      await holding(form, lock, async () => {
        await scene.team(1, tryInVain, lock)
        await scene.joined()
      })
      scene.check.equal(lock.locked, false)
    }
  }
})

row('BaseLockTests', 'test_acquire_contended', 'who waits for a lock goes on once it is given back, one after the other', async scene => {
  const done = scene.own(new scene.ctx.Semaphore(0))
  for (const [index, lock] of bothKinds(scene).entries()) {
    await holding('promise', lock, async () => {
      await scene.team(5, holdOnce, lock, done)
      await scene.waiting(lock, 5)
      scene.check.equal(done.value, index * 5)
    })
    await scene.joined()
    scene.check.equal(done.value, (index + 1) * 5)
    scene.check.equal(lock.locked, false)
  }
})

row('BaseLockTests', 'test_with', 'a lock that was held for a body is free after it, also if that threw', async scene => {
  const { check } = scene
  const done = scene.own(new scene.ctx.Semaphore(0))
  const fail = (): never => {
    throw new TypeError('of the body')
  }
  for (const lock of bothKinds(scene)) {
    for (const form of FORMS) {
      await holding(form, lock, () => check.equal(lock.locked, true))
      await scene.team(1, holdOnce, lock, done)
      await scene.joined()
      await check.rejects(() => holding(form, lock, fail), { name: 'TypeError', message: 'of the body' })
      await scene.team(1, holdOnce, lock, done)
      await scene.joined()
    }
    check.throws(() => lock.runSync(fail), { name: 'TypeError' })
    check.equal(lock.locked, false)
  }
  check.equal(done.value, 8)
})

row('BaseLockTests', 'test_thread_leak', 'a lock keeps nothing of those who had it, when they have ended', async scene => {
  const { ctx, check, own } = scene
  const [locks, done] = [bothKinds(scene), own(new ctx.Semaphore(0))]
  await Promise.all(Array.from({ length: 15 }, (_, index) => scene.start(FORMS[index % 2] as Form, holdEach, locks, done)))
  await scene.joined()
  check.equal(done.value, 30)
  for (const lock of locks) check.equal(inspect(lock), `${lock.constructor.name} { free }`)
})

row(
  'BaseLockTests',
  'test_timeout',
  'a wait for a lock ends when its time is up, which may be at once or never',
  async scene => {
    const { check } = scene
    const locks = bothKinds(scene)
    for (const lock of locks) {
      check.throws(() => lock.acquireSync({ timeout: Number.NaN }), { name: 'RangeError' })
      check.throws(() => lock.acquireSync({ timeout: '1' as never }), { name: 'TypeError' })
      check.throws(() => lock.acquireSync(5 as never), { name: 'TypeError' })
      for (const timeout of [-100, 0, 5000, 1e100, Infinity]) {
        check.equal(lock.acquireSync({ timeout }), true)
        lock.release()
      }
      const [held, elapsed] = await timed(() => holding('promise', lock, () => lock.locked, { timeout: 5000 }))
      check.ok(held && elapsed < 5000)
    }
    // A lock each, so that the waits pass side by side.
    for (const lock of locks) lock.acquireSync()
    for (const lock of locks) await scene.team(2, waitInVain, lock, 250)
    await scene.joined()
    for (const lock of locks) lock.release()
  },
  'a timeout of less than 0 is 0 (Python: ValueError), and none is too long (Python: OverflowError)',
)

row('BaseLockTests', 'test_weakref_exists', 'a lock can be referred to weakly', scene => {
  for (const lock of bothKinds(scene)) scene.check.equal(new WeakRef(lock).deref() === lock, true)
})

row('LockTests', 'test_reacquire', 'who takes a lock again waits until another gives it back', async scene => {
  const { ctx, check, own } = scene
  for (const form of FORMS) {
    const [lock, taken] = [own(new ctx.Lock()), own(new ctx.Semaphore(0))]
    await scene.start(form, takeTwice, lock, taken)
    await scene.counted(taken, 1)
    await scene.waiting(lock, 1)
    check.equal(taken.value, 1)
    lock.release()
    await scene.counted(taken, 2)
    await scene.joined()
  }
})

row('LockTests', 'test_different_thread', 'anyone may give a lock back', async scene => {
  const { ctx, check, own } = scene
  const lock = own(new ctx.Lock())
  for (const form of FORMS) {
    check.equal(await acquire(form, lock), true)
    await scene.team(1, release, lock)
    await scene.joined()
    check.equal(lock.locked, false)
    check.equal(await acquire(form, lock), true)
    lock.release()
  }
})

row('LockTests', 'test_state_after_timeout', 'a wait that timed out leaves nothing behind', async ({ ctx, check, own }) => {
  for (const form of FORMS) {
    const lock = own(new ctx.Lock())
    check.equal(lock.acquireSync(), true)
    check.equal(await acquire(form, lock, { timeout: 10 }), false)
    check.equal(inspect(lock), `Lock { ${HELD_HERE} }`)
    lock.release()
    check.equal(lock.locked, false)
    check.equal(lock.tryAcquire(), true)
  }
})

playRows({ crew: 5 })
