// CPython: _TestBarrier, where the test itself is one of the parties, and BarrierTests of lock_tests.py, where it only looks on.
import { inspect } from 'node:util'
import type { Barrier, Semaphore } from '../../../src/index.ts'
import * as parties from '../../fixtures/conformance/barriers.ts'
import { comeAlone, PARTIES, passOften, passOnce } from '../../fixtures/conformance/barriers.ts'
import { type Form, FORMS, pass } from '../../fixtures/conformance/forms.ts'
import { until } from '../../helpers/conditions.ts'
import { playRows, row } from '../row.ts'
import type { Scene } from '../scene.ts'

/** Lets all five parties do the same, and settles when they have. */
type Together = <A extends unknown[]>(scene: Scene, target: (form: Form, ...args: A) => Promise<void>, ...args: A) => Promise<void>

const withThisOne: Together = async (scene, target, ...args) => {
  await scene.team(PARTIES - 1, target, ...args)
  await target('promise', ...args)
  await scene.joined()
}

const childrenOnly: Together = async (scene, target, ...args) => {
  await scene.team(PARTIES, target, ...args)
  await scene.joined()
}

function counters({ ctx, own }: Scene, count: number): Semaphore[] {
  return Array.from({ length: count }, () => own(new ctx.Semaphore(0)))
}

function valuesOf(semaphores: readonly Semaphore[]): number[] {
  return semaphores.map(semaphore => semaphore.value)
}

function newBarrier({ ctx, own }: Scene): Barrier {
  return own(new ctx.Barrier(PARTIES, { timeout: 60_000 }))
}

for (const [cls, together] of [
  ['_TestBarrier', withThisOne],
  ['BarrierTests', childrenOnly],
] as const) {
  for (const [name, passes] of [
    ['test_barrier', 1],
    ['test_barrier_10', 10],
  ] as const) {
    row(cls, name, `parties pass a barrier in step, ${2 * passes} times`, async scene => {
      const [barrier, [before, after]] = [newBarrier(scene), counters(scene, 2) as [Semaphore, Semaphore]]
      await together(scene, parties.passInStep, barrier, before, after, passes)
      scene.check.equal(valuesOf([before, after]), [PARTIES * passes, PARTIES * passes])
      scene.check.equal([barrier.parties, barrier.waiting, barrier.broken], [PARTIES, 0, false])
    })
  }

  row(cls, 'test_wait_return', 'each party gets another number, from 0', async scene => {
    const [barrier, byIndex] = [newBarrier(scene), counters(scene, PARTIES)]
    await together(scene, parties.passWithIndex, barrier, byIndex)
    scene.check.equal(valuesOf(byIndex), Array(PARTIES).fill(1))
  })

  row(cls, 'test_action', 'the action has run once when the parties go on', async scene => {
    const { ctx, check, own } = scene
    const [acted] = counters(scene, 1) as [Semaphore]
    const barrier = own(new ctx.Barrier(PARTIES, { action: () => acted.release() }))
    await together(scene, parties.passAfterAction, barrier, acted)
    check.equal(acted.value, 1)
  })

  row(cls, 'test_abort', 'an abort breaks the barrier for all who wait', async scene => {
    const [barrier, [passed, broken]] = [newBarrier(scene), counters(scene, 2) as [Semaphore, Semaphore]]
    await together(scene, parties.passUnlessAborted, barrier, passed, broken)
    scene.check.equal(valuesOf([passed, broken]), [0, PARTIES - 1])
    scene.check.equal(barrier.broken, true)
  })

  row(cls, 'test_reset', 'a reset frees those who wait, with an error, and the barrier is as new', async scene => {
    const [barrier, [passed, broken, again]] = [newBarrier(scene), counters(scene, 3) as [Semaphore, Semaphore, Semaphore]]
    await together(scene, parties.passAfterReset, barrier, passed, broken, again)
    scene.check.equal(valuesOf([passed, broken, again]), [0, PARTIES - 1, PARTIES])
  })

  row(cls, 'test_abort_and_reset', 'a barrier that was broken can be reset and used again', async scene => {
    const [barrier, meeting] = [newBarrier(scene), newBarrier(scene)]
    const counts = counters(scene, 3) as [Semaphore, Semaphore, Semaphore]
    await together(scene, parties.passAfterAbortAndReset, barrier, meeting, counts)
    scene.check.equal(valuesOf(counts), [0, PARTIES - 1, PARTIES])
    scene.check.equal(barrier.broken, false)
  })

  row(cls, 'test_timeout', 'a wait whose time is up breaks the barrier for all', async scene => {
    const [barrier, [broken]] = [newBarrier(scene), counters(scene, 1) as [Semaphore]]
    await together(scene, parties.passTooLate, barrier, broken, 100)
    scene.check.equal(broken.value, barrier.parties)
    scene.check.equal(barrier.broken, true)
  })

  row(cls, 'test_single_thread', 'who is the only party passes at once', async ({ ctx, check, own }) => {
    const barrier = own(new ctx.Barrier(1))
    for (const form of FORMS) check.equal([await pass(form, barrier), await pass(form, barrier)], [0, 0])
  })
}

row('_TestBarrier', 'test_default_timeout', 'the barrier’s own timeout is that of waits that say nothing', async scene => {
  const { ctx, check, own } = scene
  const [barrier, [broken]] = [own(new ctx.Barrier(PARTIES, { timeout: 100 })), counters(scene, 1) as [Semaphore]]
  await withThisOne(scene, parties.passTooLate, barrier, broken)
  check.equal(broken.value, barrier.parties)
})

row(
  '_TestBarrier',
  'test_thousand',
  'five processes pass a barrier a thousand times, none a round ahead',
  async scene => {
    const { ctx, check, own } = scene
    const [barrier, lock, [said]] = [newBarrier(scene), own(new ctx.Lock()), counters(scene, 1) as [Semaphore]]
    await scene.team(PARTIES, passOften, barrier, lock, said, 1000)
    await scene.joined()
    check.equal(said.value, 1000 * PARTIES)
  },
  'the order is looked at where it is made, under the lock, not behind a pipe',
)

row(
  'BarrierTests',
  'test_constructor',
  'a barrier has at least one party',
  ({ ctx, check }) => {
    for (const count of [0, -1]) check.throws(() => new ctx.Barrier(count), { name: 'RangeError', message: /`parties` to be an integer/ })
  },
  'a RangeError (Python before 3.13: a barrier that nobody ever passes)',
)

row('BarrierTests', 'test_default_timeout', 'who comes alone waits as long as the barrier says', async scene => {
  const { ctx, check, own, start, joined } = scene
  for (const form of FORMS) {
    const barrier = own(new ctx.Barrier(2, { timeout: 100 }))
    const began = performance.now()
    await start(form, comeAlone, barrier)
    await joined()
    check.lasted(performance.now() - began, 100)
    check.equal(barrier.broken, true)
  }
})

row(
  'BarrierTests',
  'test_repr',
  'a barrier that is shown says how many wait, of how many, and whether it is broken',
  async scene => {
    const { ctx, check, own } = scene
    const barrier = own(new ctx.Barrier(3))
    check.equal(inspect(barrier), 'Barrier { 0 of 3 waiting }')
    await scene.team(2, passOnce, barrier)
    await until(() => barrier.waiting === 2, 'two wait')
    check.equal(inspect(barrier), 'Barrier { 2 of 3 waiting }')
    await barrier.wait()
    await scene.joined()
    check.equal(inspect(barrier), 'Barrier { 0 of 3 waiting }')
    barrier.abort()
    check.equal(inspect(barrier), 'Barrier { 0 of 3 waiting, broken }')
  },
  'the text: Barrier { 2 of 3 waiting } instead of <Barrier at 0x…: waiters=2/3>',
)

playRows({ crew: 5 })
