// CPython: ExecutorDeadlockTest of test_concurrent_futures/test_deadlock.py. What breaks Python's executor fails one future here.
import { type Future, type ProcessPoolExecutor, WorkerDiedError } from '../../../src/futures.ts'
import { MultiprocessingError } from '../../../src/index.ts'
import {
  CrashAtUnpickle,
  crash,
  ErrorAtPickle,
  ErrorAtUnpickle,
  ExitAtUnpickle,
  exit,
  fail,
  make,
  power,
  same,
} from '../../fixtures/conformance/executors.ts'
import { playRows, row } from '../row.ts'
import type { Scene } from '../scene.ts'
import { Holding, withExecutor } from './executors.ts'

const CLASS = 'ExecutorDeadlockTest'
const GOES_ON = 'in Python the executor is broken from then on, with all of its futures'
/** More than a pipe takes at once, and than a cell of a ring has. */
const BIG = 'x'.repeat(1 << 20)

/** Two others wait behind what goes wrong; they are done all the same, and so is one that comes later. */
async function goesWrong(
  scene: Scene,
  submit: (executor: ProcessPoolExecutor) => Future<unknown>,
  isExpected: (error: unknown) => boolean,
): Promise<void> {
  await withExecutor(scene, { maxWorkers: 2 }, async executor => {
    const wrong = submit(executor)
    const others = [executor.submit(power, 2, 3), executor.submit(power, 2, 4)]
    const error = await wrong.exception({ timeout: 30_000 })
    scene.check.ok(isExpected(error), `${error}`)
    scene.check.equal(await Promise.all(others), [8, 16])
    scene.check.equal(await executor.submit(power, 2, 5), 32)
  })
}

const isDeath = (error: unknown): boolean => error instanceof WorkerDiedError
/** It says so, with the text of the user's error. */
const isUnreadable = (error: unknown): boolean => error instanceof MultiprocessingError && /at unpickle/.test(error.message)
const isOfUser = (error: unknown): boolean => error instanceof RangeError

const rows: [string, string, (executor: ProcessPoolExecutor) => Future<unknown>, (error: unknown) => boolean, string?][] = [
  ['test_error_at_task_pickle', 'an argument that cannot be sent fails its future', e => e.submit(same, new ErrorAtPickle()), isOfUser],
  ['test_exit_at_task_unpickle', 'a worker exits while it reads a task', e => e.submit(same, new ExitAtUnpickle()), isDeath, GOES_ON],
  ['test_error_at_task_unpickle', 'a task that cannot be read', e => e.submit(same, new ErrorAtUnpickle()), isUnreadable, GOES_ON],
  ['test_crash_at_task_unpickle', 'a worker crashes while it reads a task', e => e.submit(same, new CrashAtUnpickle()), isDeath, GOES_ON],
  ['test_crash_during_func_exec_on_worker', 'a worker crashes in a task', e => e.submit(crash), isDeath, GOES_ON],
  [
    'test_exit_during_func_exec_on_worker',
    'a task ends its worker by process.exit()',
    e => e.submit(exit, 3),
    error => error instanceof WorkerDiedError && error.exitCode === 3,
    'sys.exit() is an exception, which the future gets; process.exit() ends the worker, and the future says so',
  ],
  ['test_error_during_func_exec_on_worker', 'a task throws', e => e.submit(fail, 'in the task'), isOfUser],
  ['test_crash_during_result_pickle_on_worker', 'a worker crashes at its result', e => e.submit(make, 'CrashAtPickle'), isDeath, GOES_ON],
  [
    'test_exit_during_result_pickle_on_worker',
    'a worker exits at its result',
    e => e.submit(make, 'ExitAtPickle'),
    isDeath,
    'as with test_exit_during_func_exec_on_worker',
  ],
  ['test_error_during_result_pickle_on_worker', 'a result cannot be sent', e => e.submit(make, 'ErrorAtPickle'), isOfUser],
  [
    'test_error_during_result_unpickle_in_result_handler',
    'a result cannot be read here',
    e => e.submit(make, 'ErrorAtUnpickle'),
    isUnreadable,
    GOES_ON,
  ],
  ['test_crash_big_data', 'a worker crashes while much is sent to it', e => crashUnderBigData(e), isDeath, GOES_ON],
]

for (const [name, sentence, submit, isExpected, differs] of rows) {
  row(CLASS, name, `${sentence}: nothing hangs`, scene => goesWrong(scene, submit, isExpected), differs)
}

/** The big ones wait in the ring, and in this process, when the worker dies. */
function crashUnderBigData(executor: ProcessPoolExecutor): Future<unknown> {
  const crashing = executor.submit(crash)
  for (let index = 0; index < 8; index += 1) executor.submit(same, BIG)
  return crashing
}

row(CLASS, 'test_shutdown_deadlock', 'a worker that crashes after shutdown() was called is no hang', async scene => {
  await withExecutor(scene, { maxWorkers: 2 }, async executor => {
    const crashing = executor.submit(crash)
    const other = executor.submit(power, 2, 3)
    await executor.shutdown()
    scene.check.ok(isDeath(await crashing.exception({ timeout: 0 })))
    scene.check.equal(await other.result({ timeout: 0 }), 8)
  })
})

row(CLASS, 'test_shutdown_deadlock_pickle', 'shutdown without waiting, after a task that cannot be sent, is no hang', async scene => {
  await withExecutor(scene, { maxWorkers: 2 }, async executor => {
    scene.check.equal(await executor.submit(power, 2, 3), 8)
    const wrong = executor.submit(same, new ErrorAtPickle())
    await executor.shutdown({ wait: false })
    scene.check.ok(isOfUser(await wrong.exception({ timeout: 30_000 })))
    await executor.shutdown()
    scene.check.throws(() => executor.submit(power, 2, 3), { name: 'ClosedError' })
  })
})

row(CLASS, 'test_gh105829_should_not_deadlock_if_wakeup_pipe_full', 'any number of submits while nobody looks are no hang', async scene => {
  const holding = new Holding(scene)
  await withExecutor(scene, { maxWorkers: 1 }, async executor => {
    await holding.running(executor, 1)
    const futures = Array.from({ length: 5000 }, (_, index) => executor.submit(same, index))
    holding.letGo()
    const results = await Promise.all(futures)
    scene.check.equal(results.length, 5000)
    scene.check.ok(results.every((value, index) => value === index))
  })
})

playRows({ crew: 1 })
