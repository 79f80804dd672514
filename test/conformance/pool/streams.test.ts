// CPython: _TestPool, the rows about imap and imap_unordered. Python plays them with a manager, too, which comes with managers.
import { FORMS, type Form } from '../../fixtures/conformance/forms.ts'
import { imap, imapUnordered, type Next } from '../../fixtures/pool-rows/calls.ts'
import { square } from '../../fixtures/pool-rows/tasks.ts'
import { playRows, row } from '../row.ts'
import type { Scene } from '../scene.ts'
import { collect, range, SayWhenError, sayWhen, squares } from './pools.ts'

const ascending = (a: number, b: number): number => a - b

row('_TestPool', 'test_imap', 'results come one by one in the order of their items, and then the end', async ({ check, pool }) => {
  const workers = await pool()
  for (const form of FORMS) {
    check.equal(await collect(imap(form, workers, square, range(10))), squares(10))
    for (const [count, options] of [
      [10, {}],
      [1000, { chunkSize: 100 }],
    ] as const) {
      const next = imap(form, workers, square, range(count), options)
      for (let index = 0; index < count; index += 1) check.equal(await next(), { value: index * index, done: false })
      for (let again = 0; again < 2; again += 1) check.equal(await next(), { value: undefined, done: true })
    }
  }
})

row(
  '_TestPool',
  'test_imap_handle_iterable_exception',
  'what the input throws comes behind the results of the items before it, and is the end',
  async ({ check, pool }) => {
    const workers = await pool()
    for (const form of FORMS) {
      for (const [total, when, chunkSize] of [...AT_ONCE, [10, 3, 1], [20, 7, 2], [20, 7, 4]] as const) {
        const next = imap(form, workers, square, sayWhen(total, when), { chunkSize })
        for (const value of squares(Math.max(0, when))) check.equal(await next(), { value, done: false })
        await check.rejects(next, SayWhenError)
        check.equal(await next(), { value: undefined, done: true })
      }
    }
  },
  'no result is lost: also the items of the chunk that the failure is in are done (Python drops these)',
)

/** Inputs that fail at the very first; twice, since nothing is to be left of the first. */
const AT_ONCE = [
  [1, -1, 1],
  [1, -1, 1],
] as const

row('_TestPool', 'test_imap_unordered', 'results come in any order', async ({ check, pool }) => {
  const workers = await pool()
  for (const form of FORMS) {
    for (const [count, options] of [
      [10, {}],
      [1000, { chunkSize: 100 }],
    ] as const) {
      const results = await collect(imapUnordered(form, workers, square, range(count), options))
      check.equal(results.sort(ascending), squares(count))
    }
  }
})

row(
  '_TestPool',
  'test_imap_unordered_handle_iterable_exception',
  'what the input throws comes among the results of the items before it, once',
  async scene => {
    for (const form of FORMS) {
      for (const [total, when, chunkSize] of [...AT_ONCE, [10, 3, 1], [20, 7, 2]] as const) {
        const { results, failures } = await readOn(scene, form, sayWhen(total, when), chunkSize)
        scene.check.equal(results.sort(ascending), squares(Math.max(0, when)))
        scene.check.equal(
          failures.map(error => error instanceof SayWhenError),
          [true],
        )
      }
    }
  },
  'no result is lost: those that are not ready when the failure comes can be read after it, and the chunk that it is in is done',
)

/** All that comes, read on behind failures. */
async function readOn(
  { pool }: Scene,
  form: Form,
  items: Iterable<number>,
  chunkSize: number,
): Promise<{ results: number[]; failures: unknown[] }> {
  const next: Next<number> = imapUnordered(form, await pool(), square, items, { chunkSize })
  const results: number[] = []
  const failures: unknown[] = []
  for (let isOver = false; !isOver; ) {
    try {
      const result = await next()
      if (result.done === true) isOver = true
      else results.push(result.value)
    } catch (error) {
      failures.push(error)
    }
  }
  return { results, failures }
}

playRows({ crew: 4 })
