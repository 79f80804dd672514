// CPython: _TestPool, the rows about what fails, and _TestPoolWorkerErrors. Python plays the first with a manager, too, which comes with
// managers, and the second with processes only.
import { inspect } from 'node:util'
import { NotSerializableError } from '../../../src/index.ts'
import { FORMS } from '../../fixtures/conformance/forms.ts'
import { apply, getResult, joinPool, map } from '../../fixtures/pool-rows/calls.ts'
import { CodedError, type Failing, giveUnsendable, LARGE, meet, raise, raiseLarge, square } from '../../fixtures/pool-rows/tasks.ts'
import { playRows, row } from '../row.ts'
import type { Scene } from '../scene.ts'
import { BROKEN, failureOf, range, SayWhenError, sayWhen, squares, withPool } from './pools.ts'

row('_TestPool', 'test_map_handle_iterable_exception', 'what the input throws is what the map fails with', async ({ check, pool }) => {
  const workers = await pool()
  const options = { chunkSize: 1 }
  for (const form of FORMS) {
    for (const items of [() => sayWhen(1, -1), () => sayWhen(1, -1), () => sayWhen(10, 3), () => BROKEN, () => BROKEN]) {
      await check.rejects(() => map(form, workers, square, items(), options), SayWhenError)
      await check.rejects(() => getResult(form, workers.mapAsync(square, items(), options)), SayWhenError)
    }
    check.equal(await map(form, workers, square, range(10), options), squares(10))
  }
})

row(
  '_TestPool',
  'test_traceback',
  'an error of a worker has its class, its fields and the stack from there; one of the input is the very same',
  async scene => {
    const { check } = scene
    for (const form of FORMS) {
      const error = await withPool(scene, 1, pool => failureOf(() => apply(form, pool, raise, [123])))
      check.equal([error.constructor, (error as CodedError).args], [CodedError, [123]])
      check.match(String(error.stack), /\n {4}at raise \(.*tasks\.[jt]s.*\n(.*\n)* {4}at \(in \w*PoolWorker-\d+.*\)/)
      check.match(inspect(error), /at raise .*tasks\.[jt]s/)
      const own = new SayWhenError('mine')
      const caught = await withPool(scene, 1, pool => failureOf(() => map(form, pool, square, sayWhen(1, -1, own), { chunkSize: 1 })))
      check.equal([caught === own, 'cause' in caught, /PoolWorker/.test(String(caught.stack))], [true, false, false])
    }
  },
  'the far stack is a part of the error’s own (Python: its cause is a RemoteTraceback)',
)

row('_TestPool', 'test_wrapped_exception', 'what a call throws is what its caller catches', async scene => {
  const { check } = scene
  for (const form of FORMS) {
    await withPool(scene, 1, async pool => {
      const error = await failureOf(() => apply(form, pool, raise, ['foo']))
      check.equal([error instanceof CodedError, error.message, error.cause], [true, 'foo', undefined])
    })
  }
})

row(
  '_TestPool',
  'test_map_no_failfast',
  'a map with large failures leaves a pool that is usable and whose join() waits for what runs',
  async scene => {
    for (const form of FORMS) {
      const failing = newFailing(scene)
      await withPool(scene, 2, async pool => {
        const { check } = scene
        const tasks = range(10).map(index => [index, failing] as [number, Failing])
        const mapped = pool.starmapAsync(raiseLarge, tasks, { chunkSize: 1 })
        const beside = range(10).map(x => pool.applyAsync(square, [x]))
        const error = await failureOf(() => getResult(form, mapped))
        check.equal([error.constructor, error.message.length], [RangeError, LARGE])
        // The second item runs until it may end, and its worker with it.
        check.ok(failing.ended.value < failing.begun.value)
        check.equal(await map(form, pool, square, range(10)), squares(10))
        for (const [x, result] of beside.entries()) check.equal(await getResult(form, result), x * x)
        failing.mayEnd.set()
        pool.close()
        check.equal(await joinPool(form, pool), true)
        check.equal(failing.ended.value, failing.begun.value)
        check.equal([pool.stats.queued, pool.stats.running, pool.stats.workersDied], [0, 0, 0])
      })
    }
  },
  'the map fails with the first failure: items that no worker has begun are dropped, and join() waits for those that run (Python’s map waits itself)',
)

function newFailing({ ctx, own }: Scene): Failing {
  return {
    all: own(new ctx.Barrier(2)),
    mayEnd: own(new ctx.Event()),
    begun: own(new ctx.Semaphore(0)),
    ended: own(new ctx.Semaphore(0)),
  }
}

row('_TestPoolWorkerErrors', 'test_async_error_callback', 'errorCallback is called with the error that get() throws', async scene => {
  const { check } = scene
  for (const form of FORMS) {
    await withPool(scene, 2, async pool => {
      const seen: unknown[] = []
      const result = pool.applyAsync(raise, ['key'], { errorCallback: error => void seen.push(error) })
      const error = await failureOf(() => getResult(form, result))
      check.equal([error.constructor, seen.length, seen[0] === error], [CodedError, 1, true])
      pool.close()
      check.equal(await joinPool(form, pool), true)
    })
  }
})

row(
  '_TestPoolWorkerErrors',
  'test_unpickleable_result',
  'results that cannot be sent are errors, and cost no worker',
  async scene => {
    const { ctx, check, own } = scene
    const all = own(new ctx.Barrier(2))
    for (const form of FORMS) {
      await withPool(scene, 2, async pool => {
        const before = (await Promise.all([pool.apply(meet, [all]), pool.apply(meet, [all])])).sort()
        for (let round = 0; round < 20; round += 1) {
          const seen: unknown[] = []
          const result = pool.applyAsync(giveUnsendable, [], { errorCallback: error => void seen.push(error) })
          const error = await failureOf(() => getResult(form, result))
          check.equal([seen.length, seen[0] === error, error instanceof NotSerializableError], [1, true, true])
          check.equal((error as NotSerializableError).path, 'result.deep[0]')
        }
        check.equal((await Promise.all([pool.apply(meet, [all]), pool.apply(meet, [all])])).sort(), before)
        check.equal(pool.stats.workersDied, 0)
        pool.close()
        check.equal(await joinPool(form, pool), true)
      })
    }
  },
  'a NotSerializableError that says where it is (Python: a MaybeEncodingError with the text of the value); functions can be sent here',
)

playRows({ crew: 2 })
