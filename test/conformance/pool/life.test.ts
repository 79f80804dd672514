// CPython: _TestPool, the rows about pools as such. Python plays them with a manager, too, which comes with managers.
import { BrokenPoolError, ClosedError } from '../../../src/index.ts'
import { FORMS, type Form } from '../../fixtures/conformance/forms.ts'
import { getResult, imap, imapUnordered, joinPool, map } from '../../fixtures/pool-rows/calls.ts'
import { countAndSleep, meet, square } from '../../fixtures/pool-rows/tasks.ts'
import { playRows, row } from '../row.ts'
import { collect, range, squares, withPool } from './pools.ts'

/** Longer than a row may last, in ms. */
const FOREVER = 3_600_000

row(
  '_TestPool',
  'test_make_pool',
  'a pool has as many workers as it is told, and at least one',
  async scene => {
    const { ctx, check, own } = scene
    for (const processes of [-1, 0]) check.throws(() => new ctx.Pool(processes), { name: 'RangeError', message: /`processes`/ })
    const all = own(new ctx.Barrier(3))
    await withPool(scene, 3, async pool => {
      const names = await Promise.all(range(3).map(() => pool.apply(meet, [all])))
      check.equal(new Set(names).size, 3)
      check.equal(pool.stats.workers.map(({ name }) => name).sort(), names.sort())
      pool.close()
      check.equal(await pool.join(), true)
      check.equal(pool.stats.workers, [])
    })
  },
  'a RangeError (Python: ValueError)',
)

row('_TestPool', 'test_terminate', 'a pool whose workers sleep, with thousands of tasks that wait, is terminated at once', async scene => {
  const { ctx, check, own, counted } = scene
  for (const form of FORMS) {
    const begun = own(new ctx.Semaphore(0))
    const pool = new ctx.Pool(3)
    const result = pool.starmapAsync(
      countAndSleep,
      range(10_000).map(() => [begun, FOREVER]),
      { chunkSize: 1 },
    )
    await counted(begun, 3)
    pool.terminate()
    check.equal(await joinPool(form, pool), true)
    await check.rejects(() => getResult(form, result), BrokenPoolError)
    check.equal(begun.value, 3)
  }
})

row('_TestPool', 'test_empty_iterable', 'no items are no results', async scene => {
  const { check } = scene
  for (const form of FORMS) {
    await withPool(scene, 1, async pool => {
      check.equal(await map(form, pool, square, []), [])
      check.equal(await collect(imap(form, pool, square, [])), [])
      check.equal(await collect(imapUnordered(form, pool, square, [])), [])
      check.equal(await getResult(form, pool.mapAsync(square, [])), [])
      pool.close()
      check.equal(await joinPool(form, pool), true)
    })
  }
})

row('_TestPool', 'test_context', 'a pool that is disposed of has ended, and takes nothing more', async scene => {
  const { check } = scene
  for (const form of FORMS) {
    const pool = await withPool(scene, 2, async opened => {
      check.equal(await getResult(form, opened.mapAsync(square, range(10))), squares(10))
      return opened
    })
    check.equal(await joinPool(form, pool), true)
    check.throws(() => pool.mapAsync(square, range(10)), ClosedError)
  }
})

row(
  '_TestPool',
  'test_enter',
  'a pool that was disposed of cannot be used in another block',
  async scene => {
    const { check } = scene
    const disposed = await withPool(scene, 1, async pool => pool)
    for (const form of FORMS) {
      await check.rejects(() => use(form), ClosedError)
      check.equal(await joinPool(form, disposed), true)
    }

    async function use(form: Form): Promise<void> {
      try {
        await map(form, disposed, square, [1])
      } finally {
        await disposed[Symbol.asyncDispose]()
      }
    }
  },
  'JavaScript’s `using` asks nothing at its beginning: the first call throws (Python: entering throws)',
)

playRows({ crew: 1 })
