// CPython: _TestLock.
import { inspect } from 'node:util'
import type { Lock, RLock } from '../../../src/index.ts'
import { acquire, FORMS, holding } from '../../fixtures/conformance/forms.ts'
import { holdDeep, holdForEver, holdUntil } from '../../fixtures/conformance/locks.ts'
import { playRows, row } from '../row.ts'
import type { Scene } from '../scene.ts'

const NOT_HELD = { name: 'MultiprocessingError', code: 'ERR_NOT_HELD' }
const HELD_HERE = `held by ${process.pid} 'MainProcess'`

row(
  '_TestLock',
  'test_repr_lock',
  'a lock that is shown names its owner, by pid and name',
  async scene => {
    const { ctx, check, own } = scene
    const lock = own(new ctx.Lock())
    check.equal(inspect(lock), 'Lock { free }')
    check.equal(await lock.acquire(), true)
    check.equal(inspect(lock), `Lock { ${HELD_HERE} }`)
    lock.release()
    for (const form of FORMS) {
      const [held, looked] = [own(new ctx.Event()), own(new ctx.Event())]
      const child = await scene.startNamed('P1', form, holdUntil, lock, "Lock { held by PID 'P1' }", held, looked)
      await held.wait()
      check.equal(inspect(lock), `Lock { held by ${child.pid} 'P1' }`)
      looked.set()
    }
    await scene.joined()
    check.equal(inspect(lock), 'Lock { free }')
    await showsTerminated(scene, lock)
  },
  'the text: Lock { held by 4711 ’P1’ } instead of <Lock(owner=P1)>, and it names other processes, too (Python: SomeOtherProcess)',
)

/** One that is terminated with the lock in its hands is named until then; the next has it, and sees that it was abandoned. */
async function showsTerminated(scene: Scene, lock: Lock | RLock): Promise<void> {
  const { ctx, check, own } = scene
  const [held, never] = [own(new ctx.Event()), own(new ctx.Event())]
  const child = await scene.startNamed('P2', 'promise', holdForEver, lock, held, never)
  await held.wait()
  check.match(inspect(lock), new RegExp(`held by ${child.pid} 'P2'`))
  child.terminate()
  scene.disown(child)
  await child.join()
  check.equal(child.exitCode, -15)
  await lock.run(() => check.match(inspect(lock), new RegExp(`${HELD_HERE}, abandoned`)))
}

row(
  '_TestLock',
  'test_lock',
  'a lock is taken once, refused to the next, and given back once',
  async ({ ctx, check, own }) => {
    for (const form of FORMS) {
      const lock = own(new ctx.Lock())
      check.equal(await acquire(form, lock), true)
      check.equal(lock.locked, true)
      check.equal(lock.tryAcquire(), false)
      check.equal(lock.release(), undefined)
      check.equal(lock.locked, false)
      check.throws(() => lock.release(), NOT_HELD)
    }
  },
  'acquire(False) is tryAcquire(); a release too many is a MultiprocessingError ERR_NOT_HELD (Python: ValueError)',
)

async function seenByBoth(scene: Scene, lock: Lock | RLock): Promise<void> {
  const { ctx, check, own } = scene
  for (const form of FORMS) {
    const [held, looked] = [own(new ctx.Event()), own(new ctx.Event())]
    const shown = `${lock.constructor.name} { held by PID 'P1' }`
    await scene.startNamed('P1', form, holdUntil, lock, shown, held, looked)
    check.equal(await held.wait(), true)
    check.equal(lock.locked, true)
    looked.set()
    await scene.joined()
    check.equal(lock.locked, false)
  }
}

const ENDS_HOLDING = 'the child lets it go after the look: here a lock does not stay locked by a process that has ended'

row(
  '_TestLock',
  'test_lock_locked_2processes',
  'both its owner and another process see that a lock is held',
  scene => seenByBoth(scene, scene.own(new scene.ctx.Lock())),
  ENDS_HOLDING,
)

row(
  '_TestLock',
  'test_rlock_locked_2processes',
  'both its owner and another process see that an RLock is held',
  scene => seenByBoth(scene, scene.own(new scene.ctx.RLock())),
  ENDS_HOLDING,
)

row(
  '_TestLock',
  'test_repr_rlock',
  'an RLock that is shown names its owner, and how often it has it',
  async scene => {
    const { ctx, check, own } = scene
    const lock = own(new ctx.RLock())
    check.equal(inspect(lock), 'RLock { free }')
    for (let depth = 0; depth < 3; depth += 1) lock.acquireSync()
    check.equal(inspect(lock), `RLock { ${HELD_HERE} 3 times }`)
    for (let depth = 0; depth < 3; depth += 1) lock.release()
    for (const [name, depth, shown] of [
      ['T1', 1, "'T1' }"],
      ['T2', 2, "'T2' 2 times }"],
      ['T3', 3, "'T3' 3 times }"],
    ] as const) {
      const [held, looked] = [own(new ctx.Event()), own(new ctx.Event())]
      const child = await scene.startNamed(name, 'blocking', holdDeep, lock, depth, `RLock { held by PID ${shown}`, held, looked)
      await held.wait()
      check.equal(inspect(lock), `RLock { held by ${child.pid} ${shown}`)
      looked.set()
      await scene.joined()
    }
    check.equal(inspect(lock), 'RLock { free }')
    await showsTerminated(scene, lock)
  },
  'the text: RLock { held by 4711 ’T2’ 2 times } instead of <RLock(T2, 2)>, and others see owner and depth, too (Python: nonzero)',
)

row(
  '_TestLock',
  'test_rlock',
  'its owner takes an RLock again and again, and gives it back as often',
  ({ ctx, check, own }) => {
    const lock = own(new ctx.RLock())
    check.equal(lock.acquireSync(), true)
    check.equal(lock.locked, true)
    check.equal([lock.acquireSync(), lock.acquireSync()], [true, true])
    check.equal(lock.release(), undefined)
    check.equal(lock.locked, true)
    check.equal([lock.release(), lock.release()], [undefined, undefined])
    check.equal(lock.locked, false)
    check.throws(() => lock.release(), NOT_HELD)
  },
  'a release too many is a MultiprocessingError ERR_NOT_HELD (Python: AssertionError)',
)

row('_TestLock', 'test_lock_context', 'a lock is held while a body runs, and after it no more', async ({ ctx, check, own }) => {
  const lock = own(new ctx.Lock())
  for (const form of FORMS) {
    check.equal(await holding(form, lock, () => lock.locked), true)
    check.equal(lock.locked, false)
  }
  check.equal(
    lock.runSync(() => lock.locked),
    true,
  )
})

row('_TestLock', 'test_rlock_context', 'an RLock is held while a body runs, also in a body of its own', async ({ ctx, check, own }) => {
  const lock = own(new ctx.RLock())
  for (const form of FORMS) {
    check.equal(await holding(form, lock, () => holding(form, lock, () => lock.locked)), true)
    check.equal(lock.locked, false)
  }
  check.equal(
    lock.runSync(() => lock.runSync(() => lock.locked)),
    true,
  )
})

playRows({ crew: 1 })
