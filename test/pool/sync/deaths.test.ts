// Who blocks for a pool has no event loop that would tell of what goes wrong.
import assert from 'node:assert/strict'
import { after } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { BrokenPoolError, DeadlockError, InterruptedError, MultiprocessingError, WorkerDiedError } from '../../../src/base/errors.ts'
import { interrupt, kill, leave, refuse } from '../../fixtures/pool/sync.ts'
import * as work from '../../fixtures/pool/work.ts'
import { childrenOf, isTemplate } from '../../helpers/resources.ts'
import { readdirSync, readFileSync } from 'node:fs'
import { ALL, perMethod, PROCESSES } from '../../process/methods.ts'

after(() => assert.deepEqual(childrenOf(process.pid), []))

perMethod(PROCESSES, 'a worker that is killed, or exits, fails its task, and the next one is done by another', async context => {
  const pool = new context.Pool(1)
  for (let round = 0; round < 3; round += 1) {
    assert.throws(
      () => pool.applySync(leave, ['kill']),
      error => error instanceof WorkerDiedError && error.signal === 'SIGKILL',
    )
    assert.throws(
      () => pool.applySync(leave, ['exit']),
      error => error instanceof WorkerDiedError && error.exitCode === 7,
    )
  }
  assert.throws(() => pool.mapSync(leave, ['exit', 'kill']), WorkerDiedError)
  assert.equal(pool.applySync(work.square, [3]), 9)
  await pool[Symbol.asyncDispose]()
})

perMethod(['thread'], 'a thread that exits fails its task, and the next one is done by another', async context => {
  const pool = new context.Pool(1)
  for (let round = 0; round < 3; round += 1) assert.throws(() => pool.applySync(leave, ['exit']), WorkerDiedError)
  assert.equal(pool.applySync(work.square, [3]), 9)
  await pool[Symbol.asyncDispose]()
})

perMethod(ALL, 'an initializer that throws breaks the pool under who blocks', async context => {
  const pool = new context.Pool({ processes: 2, initializer: refuse })
  assert.throws(
    () => pool.applySync(work.square, [3]),
    error => error instanceof BrokenPoolError && (error.cause as Error).message === 'not today',
  )
  assert.throws(() => pool.mapSync(work.square, [3]), BrokenPoolError)
  assert.equal(pool.joinSync(), true)
  await pool[Symbol.asyncDispose]()
})

perMethod(ALL, 'workers are replaced after their tasks while the thread blocks', async context => {
  const pool = new context.Pool({ processes: 2, maxTasksPerChild: 2 })
  const numbers = Array.from({ length: 12 }, (_, index) => index)
  assert.deepEqual(
    pool.mapSync(work.square, numbers, { chunkSize: 1 }),
    numbers.map(x => x * x),
  )
  pool.close()
  assert.equal(pool.joinSync(), true)
})

perMethod(PROCESSES, 'a signal whose handler wants to run ends a blocking call, and its task', async context => {
  const pool = new context.Pool(1)
  let handled = 0
  const handler = (): void => {
    handled += 1
  }
  process.on('SIGINT', handler)
  try {
    assert.throws(() => pool.applySync(interrupt, [process.pid]), InterruptedError)
    assert.equal(pool.applySync(work.square, [3]), 9, 'the worker that went on has been stopped')
    assert.throws(() => pool.mapSync(interrupt, [process.pid]), InterruptedError)
    const stream = pool.imapSync(interrupt, [process.pid])
    assert.throws(() => stream.next(), InterruptedError)
    assert.equal(stream.next().done, true)
    const result = pool.applyAsync(interrupt, [process.pid])
    assert.throws(() => result.getSync(), InterruptedError)
    assert.equal(result.ready, false, 'who only waited for it has not called it off')
    result.catch(() => {})
    await turn()
    await turn()
    assert.ok(handled > 0)
  } finally {
    pool.terminate()
    while (!pool.joinSync({ timeout: 20 })) await turn()
    process.off('SIGINT', handler)
  }
})

perMethod(['forkserver'], 'a template that is killed while workers start, or between two, is no reason to hang', async context => {
  killTemplate()
  const first = new context.Pool(1)
  killTemplate()
  let failure: unknown = null
  try {
    assert.equal(first.applySync(work.square, [3]), 9)
  } catch (error) {
    failure = error
  }
  assert.ok(failure === null || failure instanceof BrokenPoolError, String(failure))
  await first[Symbol.asyncDispose]()
  const pool = new context.Pool(1)
  assert.equal(pool.applySync(work.square, [3]), 9)
  for (let round = 0; round < 3; round += 1) {
    const [template] = templates()
    assert.throws(
      () =>
        pool.applySync(
          (pid: number) => {
            process.kill(pid, 'SIGKILL')
            process.exit(1)
          },
          [template as number],
        ),
      WorkerDiedError,
    )
    assert.equal(pool.applySync(work.square, [4]), 16)
  }
  await pool[Symbol.asyncDispose]()
})

perMethod(['forkserver'], 'startSync does not hang when the template is killed while it comes up', async context => {
  killTemplate()
  // On a busy machine it may have come up; what counts is that there is an end.
  const isTold = (error: unknown): void => assert.ok(error instanceof MultiprocessingError, String(error))
  const first = new context.Process({ target: work.pid }).start().then(child => child.join(), isTold)
  killTemplate()
  try {
    new context.Process({ target: work.pid }).startSync().joinSync()
  } catch (error) {
    isTold(error)
  }
  await first
  const child = new context.Process({ target: work.pid }).startSync()
  assert.equal(child.joinSync(), true)
})

perMethod(['fork'], 'who is called in the middle of a result may not block for the next one', async context => {
  const pool = new context.Pool(1)
  const problems: unknown[] = []
  const retryIf = (): boolean => {
    try {
      pool.applySync(work.square, [1])
    } catch (error) {
      problems.push(error)
    }
    return false
  }
  assert.throws(() => pool.applySync(work.failOn, [3, 3], { retries: 1, retryIf }), RangeError)
  assert.ok(problems[0] instanceof DeadlockError)
  await pool[Symbol.asyncDispose]()
})

function killTemplate(): void {
  for (const pid of templates()) kill(pid)
}

function templates(): number[] {
  const tasks = readdirSync('/proc/self/task')
  const children = tasks.flatMap(task => readFileSync(`/proc/self/task/${task}/children`, 'latin1').split(' ').filter(Boolean))
  return children.map(Number).filter(isTemplate)
}
