// CPython: BaseSemaphoreTests, SemaphoreTests, BoundedSemaphoreTests of lock_tests.py. Their threads are processes of the start method.
import { inspect } from 'node:util'
import { type AnySemaphore, acquire, FORMS, holding, timed } from '../../fixtures/conformance/forms.ts'
import { holdOnce } from '../../fixtures/conformance/locks.ts'
import { takeTwo, tryTwice } from '../../fixtures/conformance/semaphores.ts'
import { playRows, row } from '../row.ts'
import type { Scene } from '../scene.ts'

const NOT_HELD = { name: 'MultiprocessingError', code: 'ERR_NOT_HELD' }

/** One of each kind. */
function bothKinds({ ctx, own }: Scene, value?: number): AnySemaphore[] {
  return [own(new ctx.Semaphore(value)), own(new ctx.BoundedSemaphore(value))]
}

row(
  'BaseSemaphoreTests',
  'test_constructor',
  'a semaphore has no less than no permits',
  ({ ctx, check }) => {
    for (const kind of [ctx.Semaphore, ctx.BoundedSemaphore]) {
      for (const value of [-1, -Number.MAX_SAFE_INTEGER]) check.throws(() => new kind(value), { name: 'RangeError', message: /`value`/ })
    }
  },
  'a RangeError (Python: ValueError)',
)

row('BaseSemaphoreTests', 'test_acquire', 'permits are taken and given back', async scene => {
  for (const value of [1, 2]) {
    for (const semaphore of bothKinds(scene, value)) {
      for (const form of FORMS) {
        for (let count = 0; count < value; count += 1) scene.check.equal(await acquire(form, semaphore), true)
        scene.check.equal(semaphore.value, 0)
        for (let count = 0; count < value; count += 1) semaphore.release()
        scene.check.equal(semaphore.value, value)
      }
    }
  }
})

row('BaseSemaphoreTests', 'test_acquire_destroy', 'a semaphore of which a permit is taken is dropped', async scene => {
  for (const semaphore of bothKinds(scene)) {
    scene.check.equal(await semaphore.acquire(), true)
    semaphore.close()
    scene.check.equal(semaphore.closed, true)
    scene.check.throws(() => semaphore.release(), { name: 'ClosedError' })
  }
})

for (const [name, sentence, give] of [
  ['test_acquire_contended', 'each permit that is given back lets one go on', oneByOne],
  ['test_multirelease', 'so many permits are given at once, so many go on', atOnce],
] as const) {
  row('BaseSemaphoreTests', name, sentence, async scene => {
    for (const semaphore of bothKinds(scene, 7)) await takeInPhases(scene, semaphore, give)
  })
}

function oneByOne(semaphore: AnySemaphore, permits: number): void {
  for (let count = 0; count < permits; count += 1) semaphore.release()
}

function atOnce(semaphore: AnySemaphore, permits: number): void {
  semaphore.release(permits)
}

/** Ten of them want two permits each. There are 6 at first; then come 7, 6 and 1 more. */
async function takeInPhases(scene: Scene, semaphore: AnySemaphore, give: typeof oneByOne): Promise<void> {
  const { ctx, check, own } = scene
  const phase = own(new ctx.Semaphore(0))
  const got = [6, 7, 6, 1].map(() => own(new ctx.Semaphore(0)))
  check.equal(await semaphore.acquire(), true)
  await scene.team(10, takeTwo, semaphore, phase, got)
  for (const [index, permits] of [6, 7, 6, 1].entries()) {
    if (index > 0) {
      phase.release()
      give(semaphore, permits)
    }
    await scene.counted(got[index] as AnySemaphore, permits)
    check.equal([semaphore.value, semaphore.tryAcquire()], [0, false])
  }
  await scene.joined()
  check.equal(
    got.map(each => each.value),
    [6, 7, 6, 1],
  )
}

row('BaseSemaphoreTests', 'test_try_acquire', 'tryAcquire() takes a permit if there is one', scene => {
  for (const semaphore of bothKinds(scene, 2)) {
    scene.check.equal([semaphore.tryAcquire(), semaphore.tryAcquire(), semaphore.tryAcquire()], [true, true, false])
    semaphore.release()
    scene.check.equal(semaphore.tryAcquire(), true)
  }
})

row('BaseSemaphoreTests', 'test_try_acquire_contended', 'of many who try, as many get a permit as there are', async scene => {
  const { ctx, check, own } = scene
  for (const semaphore of bothKinds(scene, 4)) {
    const [got, refused] = [own(new ctx.Semaphore(0)), own(new ctx.Semaphore(0))]
    check.equal(await semaphore.acquire(), true)
    await scene.team(5, tryTwice, semaphore, got, refused)
    await scene.joined()
    check.equal([got.value, refused.value], [3, 7])
  }
})

row(
  'BaseSemaphoreTests',
  'test_acquire_timeout',
  'a wait for a permit ends when its time is up',
  async scene => {
    const { check } = scene
    for (const semaphore of bothKinds(scene, 2)) {
      check.throws(() => semaphore.acquireSync(5 as never), { name: 'TypeError' })
      await check.rejects(() => semaphore.acquire(5 as never), { name: 'TypeError' })
      for (const form of FORMS) {
        const taken: boolean[] = []
        for (let count = 0; count < 3; count += 1) taken.push(await acquire(form, semaphore, { timeout: 5 }))
        check.equal(taken, [true, true, false])
        semaphore.release()
        check.equal(await acquire(form, semaphore, { timeout: 5 }), true)
        const [more, elapsed] = await timed(() => acquire(form, semaphore, { timeout: 100 }))
        check.equal(more, false)
        check.lasted(elapsed, 100)
        semaphore.release(2)
      }
    }
  },
  'acquire(False, timeout=1) cannot be said: tryAcquire() has no timeout, and a number in place of options is a TypeError',
)

row('BaseSemaphoreTests', 'test_default_value', 'a semaphore has one permit if nothing is said', async scene => {
  const { ctx, check, own } = scene
  for (const semaphore of bothKinds(scene)) {
    const done = own(new ctx.Semaphore(0))
    check.equal(semaphore.value, 1)
    check.equal(await semaphore.acquire(), true)
    await scene.team(2, holdOnce, semaphore, done)
    await scene.waiting(semaphore, 2)
    check.equal(done.value, 0)
    semaphore.release()
    await scene.joined()
    check.equal([done.value, semaphore.value], [2, 1])
  }
})

row('BaseSemaphoreTests', 'test_with', 'a permit is held while a body runs, and given back also if that throws', async scene => {
  const { check } = scene
  for (const semaphore of bothKinds(scene, 2)) {
    for (const form of FORMS) {
      const nested = (fail: boolean): Promise<void> =>
        holding(form, semaphore, async () => {
          check.equal(semaphore.tryAcquire(), true)
          semaphore.release()
          await holding(form, semaphore, () => {
            check.equal(semaphore.tryAcquire(), false)
            if (fail) throw new TypeError('of the body')
          })
        })
      await nested(false)
      check.equal(semaphore.value, 2)
      await check.rejects(() => nested(true), { name: 'TypeError', message: 'of the body' })
      check.equal(semaphore.value, 2)
      check.equal(semaphore.tryAcquire(), true)
      semaphore.release()
    }
  }
})

row('SemaphoreTests', 'test_release_unacquired', 'a semaphore may be given more than it had', async ({ ctx, check, own }) => {
  const semaphore = own(new ctx.Semaphore(1))
  for (const form of FORMS) {
    semaphore.release()
    check.equal(semaphore.value, 2)
    check.equal([await acquire(form, semaphore), await acquire(form, semaphore)], [true, true])
    semaphore.release()
    check.equal(semaphore.value, 1)
  }
})

row(
  'SemaphoreTests',
  'test_repr',
  'a semaphore that is shown says how many permits there are',
  ({ ctx, check, own }) => {
    const semaphore = own(new ctx.Semaphore(3))
    check.equal(inspect(semaphore), 'Semaphore { value 3 }')
    semaphore.acquireSync()
    check.equal(inspect(semaphore), 'Semaphore { value 2 }')
    semaphore.release()
    semaphore.release()
    check.equal(inspect(semaphore), 'Semaphore { value 4 }')
  },
  'the text: Semaphore { value 3 } instead of <Semaphore at 0x…: value=3>',
)

row(
  'BoundedSemaphoreTests',
  'test_release_unacquired',
  'a bounded semaphore is not given more than it had',
  ({ ctx, check, own }) => {
    const semaphore = own(new ctx.BoundedSemaphore())
    check.throws(() => semaphore.release(), NOT_HELD)
    check.equal(semaphore.acquireSync(), true)
    semaphore.release()
    check.throws(() => semaphore.release(), NOT_HELD)
    check.equal(semaphore.value, 1)
  },
  'a MultiprocessingError ERR_NOT_HELD (Python: ValueError)',
)

row(
  'BoundedSemaphoreTests',
  'test_repr',
  'a bounded semaphore that is shown says how many permits there are, of how many',
  ({ ctx, check, own }) => {
    const semaphore = own(new ctx.BoundedSemaphore(3))
    check.equal(inspect(semaphore), 'BoundedSemaphore { value 3 of 3 }')
    semaphore.acquireSync()
    check.equal(inspect(semaphore), 'BoundedSemaphore { value 2 of 3 }')
  },
  'the text: BoundedSemaphore { value 2 of 3 } instead of <BoundedSemaphore at 0x…: value=2/3>',
)

playRows({ crew: 10 })
