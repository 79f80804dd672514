// CPython: _TestPoolWorkerLifetime, TestPoolNotLeakOnFailure and the row of TestInitializers that is about pools. Python plays the first
// with processes only.
import { FORMS } from '../../fixtures/conformance/forms.ts'
import { getResult, joinPool } from '../../fixtures/pool-rows/calls.ts'
import { countInitialized, meet, squareBy, squareOnceSet } from '../../fixtures/pool-rows/tasks.ts'
import { until } from '../../helpers/conditions.ts'
import { runProgram } from '../../helpers/programs.ts'
import { playRows, row } from '../row.ts'
import { range, squares, withPool } from './pools.ts'

row(
  '_TestPoolWorkerLifetime',
  'test_pool_worker_lifetime',
  'workers are replaced after maxTasksPerChild tasks, and no task is lost',
  async scene => {
    const { ctx, check, own } = scene
    const all = own(new ctx.Barrier(3))
    for (const form of FORMS) {
      await withPool(scene, { processes: 3, maxTasksPerChild: 10 }, async pool => {
        const first = await Promise.all(range(3).map(() => pool.apply(meet, [all])))
        const results = range(100).map(x => pool.applyAsync(squareBy, [x]))
        const tasksOf = new Map(first.map(name => [name, 1]))
        for (const [x, result] of results.entries()) {
          const [value, name] = await getResult(form, result)
          check.equal(value, x * x)
          tasksOf.set(name, (tasksOf.get(name) ?? 0) + 1)
        }
        check.ok(Math.max(...tasksOf.values()) <= 10)
        check.ok(tasksOf.size >= 11)
        // A worker that is about to be forked has a seat already.
        const running = (): number => pool.stats.workers.filter(({ pid }) => pid > 0).length
        await until(() => pool.stats.workers.length === 3 && running() === 3, 'the pool is full again, and all of it runs')
        check.ok(pool.stats.workers.some(({ name }) => !first.includes(name)))
        check.equal(pool.stats.workersDied, 0)
        pool.close()
        check.equal(await joinPool(form, pool), true)
      })
    }
  },
)

row(
  '_TestPoolWorkerLifetime',
  'test_pool_worker_lifetime_early_close',
  'a pool of workers for one task each does all it has when it is closed',
  async scene => {
    const { ctx, check, own } = scene
    for (const form of FORMS) {
      const mayEnd = own(new ctx.Event())
      await withPool(scene, { processes: 3, maxTasksPerChild: 1 }, async pool => {
        const results = range(6).map(x => pool.applyAsync(squareOnceSet, [x, mayEnd]))
        pool.close()
        check.equal(await joinPool(form, pool, { timeout: 0 }), false)
        mayEnd.set()
        check.equal(await joinPool(form, pool), true)
        check.equal(await Promise.all(results.map(result => getResult(form, result))), squares(6))
      })
    }
  },
)

row(
  '_TestPoolWorkerLifetime',
  'test_pool_maxtasksperchild_invalid',
  'maxTasksPerChild is an integer of at least 1',
  ({ ctx, check }) => {
    for (const value of [0, -1, 0.5]) {
      check.throws(() => new ctx.Pool({ processes: 3, maxTasksPerChild: value }), { name: 'RangeError', message: /`maxTasksPerChild`/ })
    }
    const text = '12' as unknown as number
    check.throws(() => new ctx.Pool({ processes: 3, maxTasksPerChild: text }), { name: 'TypeError', message: /`maxTasksPerChild`/ })
  },
  'a RangeError, for a string a TypeError (Python: ValueError)',
)

row(
  '_TestPoolWorkerLifetime',
  'test_worker_finalization_via_atexit_handler_of_multiprocessing',
  'a program that keeps a pool to its end ends well',
  async ({ ctx, check }) => {
    const program = new URL('../../fixtures/pool-rows/kept-program.js', import.meta.url)
    for (const form of FORMS) {
      check.equal(await runProgram(program, [ctx.startMethod, form]), { status: 0, signal: null, stdout: '[ 0, 1, 4 ]\n', stderr: '' })
    }
  },
)

row(
  'TestPoolNotLeakOnFailure',
  'test_release_unused_processes',
  'a pool whose workers cannot be started fails and leaves nothing',
  async ({ ctx, check }) => {
    const program = new URL('../../fixtures/pool-rows/refused-program.js', import.meta.url)
    const { status, stdout, stderr } = await runProgram(program, [ctx.startMethod], { shell: 'ulimit -n 150' })
    check.equal([status, stderr], [0, ''])
    check.equal(JSON.parse(stdout), { code: 'EMFILE', grown: [], results: [4] })
  },
  'it fails only if the system grants no worker at all, in its constructor',
)

row(
  'TestInitializers',
  'test_pool_initializer',
  'the initializer of a pool is a function, and runs in its worker',
  async scene => {
    const { ctx, check, own } = scene
    check.throws(() => new ctx.Pool({ initializer: 1 as never }), { name: 'TypeError', message: /`initializer`/ })
    for (const form of FORMS) {
      const count = own(new ctx.Value('i', 0))
      await withPool(scene, { processes: 1, initializer: countInitialized, initArgs: [count] }, async pool => {
        pool.close()
        check.equal(await joinPool(form, pool), true)
      })
      check.equal(count.value, 1)
    }
  },
  'it counts in a Value (Python: in a manager’s Namespace)',
)

playRows({ crew: 1 })
