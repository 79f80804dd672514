// Threads as processes: what they share with their process, and what ends only them.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { isMainThread, threadId } from 'node:worker_threads'
import { getContext, Pool, ThreadPool } from '../../src/index.ts'
import * as targets from '../fixtures/process/targets.ts'
import { runProgram } from '../helpers/programs.ts'
import { countThreads } from '../helpers/resources.ts'
import { until } from '../helpers/conditions.ts'
import { reached, withWords } from '../helpers/wait-words.ts'
import { answerFile, ask } from '../process/methods.ts'

const context = getContext('thread')

test('a thread is of this process, and is not its main thread', async () => {
  assert.ok(isMainThread)
  const seen = await ask(context, () => [process.pid, isMainThread, threadId > 0])
  assert.deepEqual(seen, [process.pid, false, true])
})

test('process.exit() in a thread ends only the thread', async () => {
  const file = answerFile()
  const child = new context.Process({
    target: (path: string) => {
      setTimeout(() => process.getBuiltinModule('node:fs').writeFileSync(path, ''), 60_000)
      process.exit(17)
    },
    args: [file],
  })
  await child.start()
  await child.join()
  assert.equal(child.exitCode, 17)
  assert.ok(!existsSync(file))
})

test('an error that a thread does not catch ends only the thread', async () => {
  const child = await new context.Process({ target: targets.failInTimer, args: ['in a thread'], stderr: 'ignore' }).start()
  await child.join()
  assert.equal(child.exitCode, 1)
})

test('threads that were ended are gone, with all that they held', () =>
  withWords(async arrived => {
    const before = countThreads()
    const children = [targets.stay, targets.spin, targets.stay].map(target => new context.Process({ target, args: [arrived.reference] }))
    for (const child of children) await child.start()
    await reached(arrived, 3)
    children[0]?.kill()
    children[1]?.terminate()
    children[2]?.interrupt()
    for (const child of children) await child.join()
    assert.deepEqual(
      children.map(child => child.exitCode),
      [-9, -15, -2],
    )
    await until(() => countThreads() <= before + 1, 'the threads are gone')
  }))

test('a thread that waits for a shared word, blocking, is ended too', () =>
  withWords(async (arrived, never) => {
    const child = new context.Process({ target: targets.blockOn, args: [arrived.reference, never.reference] })
    await child.start()
    await reached(arrived, 1)
    child.terminate()
    assert.equal(await child.join({ timeout: 20_000 }), true)
    assert.equal(child.exitCode, -15)
  }))

test('what a thread is given is a copy, as for any process', async () => {
  const list = [1, 2]
  const seen = await ask(
    context,
    (given: number[]) => {
      given.push(3)
      return given
    },
    list,
  )
  assert.deepEqual(
    [seen, list],
    [
      [1, 2, 3],
      [1, 2],
    ],
  )
})

test('ThreadPool is the Pool of this context', async () => {
  assert.equal(ThreadPool, context.Pool)
  const pool = new ThreadPool(2)
  assert.ok(pool instanceof Pool)
  const pids = await pool.map(() => process.pid, [1, 2, 3, 4], { chunkSize: 1 })
  assert.deepEqual([...new Set(pids)], [process.pid])
  assert.equal(await pool.apply(() => isMainThread), false)
  await pool[Symbol.asyncDispose]()
})

test('who blocks for a thread that could not be made is told, whatever he waits with', async () => {
  const program = new URL('../fixtures/context/refused-thread-program.js', import.meta.url)
  const { stdout, stderr, status } = await runProgram(program, [], { shell: 'ulimit -n 150' })
  const none = 'Error EMFILE'
  const broken = 'BrokenPoolError ERR_WORKER_INIT_FAILED'
  assert.deepEqual([stdout, stderr, status], [`${broken}\n${broken}\ntrue 255\n1 255\n${none}\n${none}\n1 4 9\n`, '', 0])
})

test('who blocks for a thread that ends without a word is told of its end', () => {
  const child = new context.Process({
    target: () => {
      process.removeAllListeners('exit')
      process.exit(3)
    },
  })
  child.startSync()
  assert.equal(child.joinSync({ timeout: 20_000 }), true)
  assert.equal(child.exitCode, 255)
})
