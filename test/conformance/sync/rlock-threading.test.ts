// CPython: RLockTests of lock_tests.py. Their threads are processes of the start method here.
import { inspect } from 'node:util'
import { FORMS } from '../../fixtures/conformance/forms.ts'
import { holdUnlessLocked, see } from '../../fixtures/conformance/locks.ts'
import { playRows, row } from '../row.ts'

const NOT_HELD = { name: 'MultiprocessingError', code: 'ERR_NOT_HELD' }
const HELD_HERE = `held by ${process.pid} 'MainProcess'`

row(
  'RLockTests',
  'test_repr_count',
  'an RLock that is shown says how often it is held, here and elsewhere',
  async scene => {
    const { check } = scene
    const lock = scene.own(new scene.ctx.RLock())
    check.equal(inspect(lock), 'RLock { free }')
    lock.acquireSync()
    lock.acquireSync()
    const shown = `RLock { ${HELD_HERE} 2 times }`
    check.equal(inspect(lock), shown)
    await scene.team(1, see, lock, shown)
    await scene.joined()
    lock.release()
    lock.release()
    check.equal(inspect(lock), 'RLock { free }')
  },
  'the text: RLock { held by 4711 ’MainProcess’ 2 times } instead of <locked … count=2>',
)

row('RLockTests', 'test_reacquire', 'an RLock is taken again by its owner', async ({ ctx, check, own }) => {
  const lock = own(new ctx.RLock())
  check.equal([lock.acquireSync(), lock.acquireSync()], [true, true])
  lock.release()
  check.equal(lock.acquireSync(), true)
  lock.release()
  lock.release()
  check.equal(lock.locked, false)
  const depths = await lock.run(async () => [await lock.run(() => 2), await lock.run(() => lock.run(() => 3))])
  check.equal(depths, [2, 3])
  check.equal(lock.locked, false)
})

row(
  'RLockTests',
  'test_release_unacquired',
  'an RLock is given back as often as it was taken, and no more',
  ({ ctx, check, own }) => {
    const lock = own(new ctx.RLock())
    check.throws(() => lock.release(), NOT_HELD)
    check.equal([lock.acquireSync(), lock.acquireSync()], [true, true])
    lock.release()
    check.equal(lock.acquireSync(), true)
    lock.release()
    lock.release()
    check.throws(() => lock.release(), NOT_HELD)
  },
  'a MultiprocessingError ERR_NOT_HELD (Python: RuntimeError)',
)

row('RLockTests', 'test_locked', 'an RLock is locked until it was given back for the last time', async ({ ctx, check, own }) => {
  const lock = own(new ctx.RLock())
  check.equal(lock.locked, false)
  lock.acquireSync()
  check.equal(lock.locked, true)
  lock.acquireSync()
  check.equal(lock.locked, true)
  lock.release()
  check.equal(lock.locked, true)
  lock.release()
  check.equal(lock.locked, false)
  const within = await lock.run(async () => [await lock.run(() => lock.locked), lock.locked])
  check.equal([within, lock.locked], [[true, true], false])
})

row('RLockTests', 'test_locked_with_2threads', 'an RLock that another has is locked here, too', async scene => {
  const { ctx, check, own } = scene
  for (const form of FORMS) {
    const [lock, held, looked] = [own(new ctx.RLock()), own(new ctx.Event()), own(new ctx.Event())]
    check.equal(lock.locked, false)
    await scene.start(form, holdUnlessLocked, lock, held, looked)
    check.equal(await held.wait(), true)
    check.equal([lock.locked, lock.tryAcquire()], [true, false])
    looked.set()
    await scene.joined()
    check.equal(lock.locked, false)
  }
})

row(
  'RLockTests',
  'test_different_thread',
  'who does not hold an RLock cannot give it back',
  async scene => {
    const { ctx, check, own } = scene
    for (const form of FORMS) {
      const [lock, held, looked] = [own(new ctx.RLock()), own(new ctx.Event()), own(new ctx.Event())]
      await scene.start(form, holdUnlessLocked, lock, held, looked)
      check.equal(await held.wait(), true)
      check.throws(() => lock.release(), NOT_HELD)
      check.equal(lock.locked, true)
      looked.set()
      await scene.joined()
    }
  },
  'a MultiprocessingError ERR_NOT_HELD (Python: RuntimeError)',
)

playRows({ crew: 1 })
