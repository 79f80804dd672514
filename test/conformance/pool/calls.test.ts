// CPython: _TestPool, the rows about calls. Python plays it with processes, threads and a manager: the last comes with managers.
import { TimeoutError } from '../../../src/index.ts'
import { FORMS, timed } from '../../fixtures/conformance/forms.ts'
import { apply, getResult, joinPool, map, starmap, waitForResult } from '../../fixtures/pool-rows/calls.ts'
import { multiply, square, squareOnceSet, toInteger } from '../../fixtures/pool-rows/tasks.ts'
import { playRows, row } from '../row.ts'
import { range, squares, withPool } from './pools.ts'

row(
  '_TestPool',
  'test_apply',
  'a function is called with its arguments in a worker',
  async ({ check, pool }) => {
    const workers = await pool()
    for (const form of FORMS) {
      check.equal(await apply(form, workers, square, [5]), 25)
      check.equal(await apply(form, workers, square, [3, 0]), 9)
    }
  },
  'functions have no keyword arguments here',
)

row('_TestPool', 'test_map', 'results are in the order of their items, whatever the size of chunks', async ({ check, pool }) => {
  const workers = await pool()
  for (const form of FORMS) {
    check.equal(await map(form, workers, square, range(10)), squares(10))
    check.equal(await map(form, workers, square, range(100), { chunkSize: 20 }), squares(100))
  }
})

row('_TestPool', 'test_starmap', 'items are lists of arguments', async ({ check, pool }) => {
  const workers = await pool()
  for (const form of FORMS) {
    check.equal(await starmap(form, workers, multiply, pairs(10)), products(10))
    check.equal(await starmap(form, workers, multiply, pairs(100), { chunkSize: 20 }), products(100))
  }
})

row('_TestPool', 'test_starmap_async', 'a result of starmapAsync() is all of its results', async ({ check, pool }) => {
  const workers = await pool()
  for (const form of FORMS) check.equal(await getResult(form, workers.starmapAsync(multiply, pairs(100))), products(100))
})

row('_TestPool', 'test_map_async', 'a result of mapAsync() is all of its results', async ({ check, pool }) => {
  const workers = await pool()
  for (const form of FORMS) check.equal(await getResult(form, workers.mapAsync(square, range(10))), squares(10))
})

row('_TestPool', 'test_map_async_callbacks', 'one of the callbacks is called, once, before a wait is over', async ({ check, pool }) => {
  const workers = await pool()
  for (const form of FORMS) {
    const called: [string, unknown][] = []
    const callbacks = {
      callback: (result: unknown) => void called.push(['callback', result]),
      errorCallback: (error: unknown) => void called.push(['errorCallback', error]),
    }
    check.equal(await waitForResult(form, workers.mapAsync(toInteger, ['1'], callbacks)), true)
    check.equal(called, [['callback', [1]]])
    check.equal(await waitForResult(form, workers.mapAsync(toInteger, ['a'], callbacks)), true)
    check.equal(called.length, 2)
    const [name, error] = called[1] as [string, unknown]
    check.equal([name, error instanceof RangeError], ['errorCallback', true])
  }
})

row(
  '_TestPool',
  'test_map_unplicklable',
  'items that cannot be sent fail the map and hang nothing',
  async ({ check, pool }) => {
    const workers = await pool()
    const items = range(10).map(() => new WeakMap()) as unknown as number[]
    for (const form of FORMS) {
      await check.rejects(() => map(form, workers, square, items), { name: 'NotSerializableError', path: 'items[0]' })
      await check.rejects(() => getResult(form, workers.mapAsync(square, items)), { name: 'NotSerializableError', path: 'items[0]' })
      check.equal(await map(form, workers, square, [3]), [9])
    }
  },
  'a NotSerializableError that says where it is (Python: whatever pickling throws), for threads, too',
)

row('_TestPool', 'test_map_chunksize', 'a map of nothing with a size of chunks ends', async ({ check, pool }) => {
  const workers = await pool()
  for (const form of FORMS) check.equal(await getResult(form, workers.mapAsync(square, [], { chunkSize: 1 }), { timeout: 20_000 }), [])
})

row('_TestPool', 'test_async', 'get() waits for the end of the task', async ({ check, pool }) => {
  const workers = await pool()
  for (const form of FORMS) {
    const [result, elapsed] = await timed(() => getResult(form, workers.applyAsync(square, [7, 82])))
    check.equal(result, 49)
    check.lasted(elapsed, 82)
  }
})

row('_TestPool', 'test_async_timeout', 'get() waits as long as it is told, and the pool is terminated beside the task', async scene => {
  const { ctx, check, own } = scene
  for (const form of FORMS) {
    await withPool(scene, 3, async pool => {
      const event = own(new ctx.Event())
      const result = pool.applyAsync(squareOnceSet, [6, event])
      const [, elapsed] = await timed(() => check.rejects(() => getResult(form, result, { timeout: 35 }), TimeoutError))
      check.lasted(elapsed, 35)
      pool.terminate()
      check.equal(await joinPool(form, pool), true)
    })
  }
})

function pairs(count: number): [number, number][] {
  return range(count).map(x => [x, count - 1 - x])
}

function products(count: number): number[] {
  return pairs(count).map(([x, y]) => x * y)
}

playRows({ crew: 4 })
