import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { CancelledError, type Future, type ProcessPoolExecutor, ThreadPoolExecutor, TimeoutError } from '../../src/futures.ts'
import * as work from '../fixtures/pool/work.ts'
import { runProgram } from '../helpers/programs.ts'
import { ALL, perMethod } from '../process/methods.ts'
import { Held, openExecutor, withExecutor } from './executors.ts'

function withThreads(body: (executor: ProcessPoolExecutor) => Promise<void>): Promise<void> {
  return withExecutor(new ThreadPoolExecutor({ maxWorkers: 1 }), body)
}

const stateOf = ({ done, running, cancelled }: Future<unknown>): object => ({ done, running, cancelled })

perMethod(ALL, 'a future that waits can be cancelled, and its task never starts; one that runs or has ended cannot', context =>
  withExecutor(openExecutor(context, { maxWorkers: 1 }), async executor => {
    const held = new Held()
    const running = held.submit(executor)
    await held.arrived(1)
    const waiting = held.submit(executor)
    assert.deepEqual(stateOf(running), { done: false, running: true, cancelled: false })
    assert.deepEqual(stateOf(waiting), { done: false, running: false, cancelled: false })
    assert.equal(running.cancel(), false)
    assert.equal(waiting.cancel(), true)
    assert.equal(waiting.cancel(), true, 'a second time')
    assert.deepEqual(stateOf(waiting), { done: true, running: false, cancelled: true })
    await assert.rejects(waiting.result(), { name: 'CancelledError', code: 'ERR_CANCELLED' })
    await assert.rejects(waiting.exception(), CancelledError)
    held.letGo()
    await running
    assert.deepEqual(stateOf(running), { done: true, running: false, cancelled: false })
    assert.equal(running.cancel(), false)
    assert.equal(await executor.submit(work.square, 2), 4)
    assert.equal(held.count, 1)
  }),
)

test('a future can be awaited again and again, and has what a promise has', () =>
  withThreads(async executor => {
    const future = executor.submit(work.square, 3)
    let finals = 0
    assert.deepEqual(await Promise.all([future, future, future.then(value => value + 1)]), [9, 9, 10])
    assert.equal(await future.finally(() => (finals += 1)), 9)
    const failed = executor.submit(work.failOnThree, 3)
    assert.equal(await failed.catch((error: Error) => error.message), 'no 3')
    assert.equal(await failed.then(undefined, () => 'second'), 'second')
    assert.equal(finals, 1)
  }))

test('result and exception wait for as long as they are told, and the task goes on', () =>
  withThreads(async executor => {
    const held = new Held()
    const future = held.submit(executor)
    for (const timeout of [0, -1, 20]) {
      await assert.rejects(future.result({ timeout }), TimeoutError)
      await assert.rejects(future.exception({ timeout }), {
        message: `The future did not end within ${Math.max(0, timeout)} ms; its task goes on`,
      })
    }
    const controller = new AbortController()
    const waiting = future.result({ signal: controller.signal })
    controller.abort(new Error('enough'))
    await assert.rejects(waiting, { message: 'enough' })
    await assert.rejects(future.exception({ signal: controller.signal }), { message: 'enough' })
    assert.equal(future.done, false)
    held.letGo()
    assert.equal(await future.result({ timeout: 20_000 }), process.pid)
    assert.equal(await future.result({ timeout: 0 }), process.pid)
    await assert.rejects(future.result(5 as never), /an object like \{ timeout: 1000 \}/)
  }))

test('whatever is thrown rejects, also what is false', () =>
  withThreads(async executor => {
    for (const thrown of [undefined, null, 0, '', false]) {
      const throwIt = (): never => {
        throw thrown
      }
      const [outcome] = await Promise.allSettled([executor.submit(throwIt)])
      assert.deepEqual(outcome, { status: 'rejected', reason: thrown })
    }
  }))

test('callbacks are called in their order, once, with the future, before who awaits it goes on', () =>
  withThreads(async executor => {
    const calls: string[] = []
    const held = new Held()
    const future = held.submit(executor)
    future.addDoneCallback(of => calls.push(`first ${of === future}, done: ${of.done}`))
    future.addDoneCallback(() => calls.push('second'))
    held.letGo()
    await future.then(() => calls.push('awaited'))
    future.addDoneCallback(() => calls.push('at once'))
    assert.deepEqual(calls, ['first true, done: true', 'second', 'awaited', 'at once'])
  }))

test('cancel calls the callbacks within the call', () =>
  withThreads(async executor => {
    const held = new Held()
    held.submit(executor)
    await held.arrived(1)
    const waiting = held.submit(executor)
    const seen: boolean[] = []
    waiting.addDoneCallback(({ cancelled }) => seen.push(cancelled))
    waiting.cancel()
    assert.deepEqual(seen, [true])
    assert.throws(() => waiting.addDoneCallback(7 as never), /`callback` to be a function, got 7/)
  }))

test('a callback that throws is a warning of the process, and the others are called', () =>
  withThreads(async executor => {
    const future = executor.submit(work.square, 2)
    const calls: string[] = []
    const warned = once(process, 'warning')
    future.addDoneCallback(() => {
      throw new Error('of the callback')
    })
    future.addDoneCallback(() => calls.push('after'))
    await future
    const [warning] = (await warned) as [Error & { detail?: string }]
    assert.equal(warning.name, 'FutureCallbackWarning')
    assert.match(String(warning.detail), /of the callback/)
    assert.deepEqual(calls, ['after'])
  }))

test('a future says what it is when it is shown', () =>
  withThreads(async executor => {
    const held = new Held()
    const running = held.submit(executor)
    await held.arrived(1)
    const [waiting, later] = [held.submit(executor), executor.submit(work.failOnThree, 3)]
    assert.equal(inspect(running), 'Future { running }')
    assert.equal(inspect(waiting), 'Future { waiting }')
    waiting.cancel()
    assert.equal(inspect(waiting), 'Future { cancelled }')
    held.letGo()
    assert.equal(inspect(executor.submit(work.square, Symbol('x') as never)), 'Future { finished, threw NotSerializableError }')
    await Promise.allSettled([running, later])
    assert.equal(inspect(running), `Future { finished, returned ${process.pid} }`)
    assert.equal(inspect(later), 'Future { finished, threw RangeError }')
  }))

test('a failed future that nobody looks at is silent, and an idle executor does not keep the program running', async () => {
  const { status, stdout, stderr } = await runProgram(new URL('../fixtures/executor/silent-program.js', import.meta.url))
  assert.deepEqual([status, stdout, stderr], [0, '36\n', ''])
})
