// CPython: the tests of test_concurrent_futures/test_shutdown.py that look at workers or at the end of a program, and
// FailingInitializerResourcesTest of test_init.py.
import { type Future, ProcessPoolExecutor } from '../../../src/futures.ts'
import { fail, nameOfWorker, same } from '../../fixtures/conformance/executors.ts'
import { FORMS } from '../../fixtures/conformance/forms.ts'
import { Program, runProgram } from '../../helpers/programs.ts'
import { resources } from '../../helpers/resources.ts'
import { until } from '../../helpers/conditions.ts'
import { playRows, row } from '../row.ts'
import { Holding, withExecutor } from './executors.ts'

const programOf = (name: string): URL => new URL(`../../fixtures/executor-rows/${name}-program.js`, import.meta.url)

row('ExecutorShutdownTest', 'test_interpreter_shutdown', 'a program that ends without shutdown does what was submitted', async scene => {
  const end = await runProgram(programOf('kept'), [scene.ctx.startMethod])
  scene.check.equal(end, { status: 0, signal: null, stdout: 'apple\n', stderr: '' })
})

row(
  'ExecutorShutdownTest',
  'test_submit_after_interpreter_shutdown',
  'when the program is over nothing is taken any more',
  async scene => {
    const { status, stdout, stderr } = await runProgram(programOf('late'), [scene.ctx.startMethod])
    scene.check.equal([status, stderr], [0, ''])
    const refused = 'ClosedError: This process is about to end: its executors take no more tasks'
    scene.check.equal(stdout, `42\n${refused}\n${refused}\n`)
  },
  'a ClosedError in a listener to `exit` (Python: RuntimeError in a function of atexit)',
)

for (const [cls, name] of [
  ['ThreadPoolShutdownTest', 'test_threads_terminate'],
  ['ProcessPoolShutdownTest', 'test_processes_terminate'],
] as const) {
  row(cls, name, 'three tasks that block have three workers, which are gone after the shutdown', async scene => {
    const holding = new Holding(scene)
    // What the library has for all executors comes with the first.
    await withExecutor(scene, { maxWorkers: 1 }, async executor => scene.check.ok(await executor.submit(nameOfWorker)))
    const before = resources()
    const executor = new ProcessPoolExecutor({ context: scene.ctx, maxWorkers: 5 })
    const running = await holding.running(executor, 3)
    holding.letGo()
    scene.check.equal(new Set(await Promise.all(running)).size, 3)
    await executor.shutdown()
    const left = (): boolean => resources().children > before.children || resources().threads > before.threads
    await until(() => !left(), 'the workers are gone')
    scene.check.ok(!left())
  })
}

row(
  'ProcessPoolShutdownTest',
  'test_shutdown_gh_132969_case_2',
  'a shutdown that does not wait, after a failure, with more workers than tasks, comes to its end',
  async scene => {
    const executor = new ProcessPoolExecutor({ context: scene.ctx, maxWorkers: 4, maxTasksPerChild: 1 })
    const futures: Future<unknown>[] = [executor.submit(same, 1), executor.submit(fail, 'expected'), executor.submit(same, 1)]
    scene.check.equal(await futures[0], 1)
    scene.check.ok((await futures[1]?.exception()) instanceof RangeError)
    await executor.shutdown({ wait: false })
    await executor.shutdown()
    scene.check.equal(await futures[2]?.result({ timeout: 0 }), 1)
  },
)

for (const [index, name] of ['test_spawn', 'test_forkserver'].entries()) {
  const form = FORMS[index] ?? 'promise'
  row('FailingInitializerResourcesTest', name, `an initializer that throws leaves nothing behind (${form})`, async scene => {
    const program = new Program(programOf('failing'), [scene.ctx.startMethod, form])
    program.child.stdin.end()
    const { status, stdout, stderr } = await program.ended
    scene.check.equal([status, stdout, stderr], [0, 'BrokenPoolError RangeError\n', ''])
    scene.check.equal(program.processes(), [])
  })
}

playRows({ crew: 1 })
