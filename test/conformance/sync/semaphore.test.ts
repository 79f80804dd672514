// CPython: _TestSemaphore.
import { type AnySemaphore, acquire, type Form, FORMS, timed } from '../../fixtures/conformance/forms.ts'
import { playRows, row } from '../row.ts'
import type { Scene } from '../scene.ts'

/** Two permits, down to none and up again. */
async function downAndUp({ check }: Scene, form: Form, semaphore: AnySemaphore): Promise<void> {
  check.equal(semaphore.value, 2)
  check.equal(await acquire(form, semaphore), true)
  check.equal(semaphore.value, 1)
  check.equal(await acquire(form, semaphore), true)
  check.equal(semaphore.value, 0)
  check.equal(semaphore.tryAcquire(), false)
  check.equal(semaphore.value, 0)
  check.equal(semaphore.release(), undefined)
  check.equal(semaphore.value, 1)
  check.equal(semaphore.release(), undefined)
  check.equal(semaphore.value, 2)
}

row('_TestSemaphore', 'test_semaphore', 'a semaphore counts down and up, and beyond where it began', async scene => {
  const { ctx, check, own } = scene
  for (const form of FORMS) {
    const semaphore = own(new ctx.Semaphore(2))
    await downAndUp(scene, form, semaphore)
    check.equal(semaphore.release(), undefined)
    check.equal(semaphore.value, 3)
    check.equal(semaphore.release(), undefined)
    check.equal(semaphore.value, 4)
  }
})

row(
  '_TestSemaphore',
  'test_bounded_semaphore',
  'a bounded semaphore counts down and up, and never beyond where it began',
  async scene => {
    const { ctx, check, own } = scene
    for (const form of FORMS) {
      const semaphore = own(new ctx.BoundedSemaphore(2))
      await downAndUp(scene, form, semaphore)
      check.throws(() => semaphore.release(), { name: 'MultiprocessingError', code: 'ERR_NOT_HELD' })
      check.equal(semaphore.value, 2)
    }
  },
  'a release too many is a MultiprocessingError ERR_NOT_HELD (Python: ValueError, and the test has that line commented out)',
)

row(
  '_TestSemaphore',
  'test_timeout',
  'waiting for a permit ends when its time is up, and without a time to wait at once',
  async ({ ctx, check, own }) => {
    const semaphore = own(new ctx.Semaphore(0))
    check.equal(semaphore.tryAcquire(), false)
    for (const form of FORMS) {
      check.equal(await acquire(form, semaphore, { timeout: 0 }), false)
      check.equal(await acquire(form, semaphore, { timeout: -1 }), false)
      for (const timeout of [82, 35]) {
        const [taken, elapsed] = await timed(() => acquire(form, semaphore, { timeout }))
        check.equal(taken, false)
        check.lasted(elapsed, timeout)
      }
    }
    check.equal(semaphore.value, 0)
  },
  'acquire(False) is tryAcquire(), or acquire({ timeout: 0 })',
)

playRows({ crew: 1 })
