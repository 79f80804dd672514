import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { PoolListeners } from '../../../src/pool/watching/pool-events.ts'
import { PoolWatch } from '../../../src/pool/watching/pool-watch.ts'
import { firstWorker, taskReport } from './reports.ts'

const info = { id: 7, name: 'square', pid: 4321, items: 3, waitTime: 5, attempt: 1 }

function newWatch(pool: object = {}): PoolWatch {
  return new PoolWatch({ pool, load: () => ({ queued: 0, running: 0 }) })
}

/** What becomes an uncaughtException while `action` runs, and until the queue of next ticks is empty. */
async function uncaughtIn(action: () => void): Promise<unknown[]> {
  const caught: unknown[] = []
  const before = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', error => caught.push(error))
  action()
  await new Promise(resolve => setImmediate(resolve))
  process.removeAllListeners('uncaughtException')
  for (const listener of before) process.on('uncaughtException', listener)
  return caught
}

test('each event comes with what the contract says, and no more', () => {
  const watch = newWatch()
  const seen: unknown[] = []
  watch.listeners.on('taskStart', task => seen.push(['taskStart', task]))
  watch.listeners.on('taskEnd', task => seen.push(['taskEnd', task]))
  watch.listeners.on('workerStart', worker => seen.push(['workerStart', worker]))
  watch.listeners.on('workerExit', worker => seen.push(['workerExit', worker]))
  watch.listeners.on('error', (...args) => seen.push(['error', ...args]))
  watch.workerStart(firstWorker)
  watch.taskStart(taskReport({ runTime: 0, bytesBack: 0 }))
  watch.taskEnd(taskReport())
  watch.taskEnd(taskReport({ error: undefined }))
  watch.workerExit('PoolWorker-1', { exitCode: null, signal: 'SIGKILL' })
  watch.fail('lost', taskReport())
  watch.fail('lost, too')
  assert.deepEqual(seen, [
    ['workerStart', { pid: 4321, name: 'PoolWorker-1' }],
    ['taskStart', info],
    ['taskEnd', { ...info, runTime: 10 }],
    ['taskEnd', { ...info, runTime: 10, error: undefined }],
    ['workerExit', { pid: 4321, name: 'PoolWorker-1', exitCode: null, signal: 'SIGKILL' }],
    ['error', 'lost', info],
    ['error', 'lost, too'],
  ])
})

test('of the end of a worker that never came up nobody hears', () => {
  const watch = newWatch()
  watch.listeners.on('workerExit', () => assert.fail('It was never announced'))
  watch.workerExit('PoolWorker-9', { exitCode: 1, signal: null })
})

test('the pool asks for starts and ends exactly while somebody listens', () => {
  const watch = newWatch()
  const listener = (): void => {}
  assert.deepEqual([watch.wantsStarts, watch.wantsEnds], [false, false])
  watch.listeners.on('taskStart', listener)
  watch.listeners.on('taskStart', listener)
  watch.listeners.on('taskEnd', listener)
  assert.deepEqual([watch.wantsStarts, watch.wantsEnds], [true, true])
  watch.listeners.off('taskStart', listener)
  watch.listeners.off('taskEnd', listener)
  assert.deepEqual([watch.wantsStarts, watch.wantsEnds], [true, false])
  watch.listeners.off('taskStart', listener)
  assert.equal(watch.wantsStarts, false)
})

test('a listener that is added with once is called once, and can be removed before', () => {
  const listeners = new PoolListeners({})
  let calls = 0
  const listener = (): void => {
    calls += 1
    if (calls === 1) listeners.emit('workerStart', { pid: 2, name: 'b' })
  }
  listeners.once('workerStart', listener)
  listeners.emit('workerStart', { pid: 1, name: 'a' })
  assert.equal(calls, 1)
  assert.equal(listeners.has('workerStart'), false)
  listeners.once('workerStart', listener)
  listeners.off('workerStart', listener)
  listeners.emit('workerStart', { pid: 3, name: 'c' })
  assert.equal(calls, 1)
})

test('the pool is the `this` of its listeners', () => {
  const pool = {}
  const listeners = new PoolListeners(pool)
  const seen: unknown[] = []
  function listener(this: unknown): void {
    seen.push(this)
  }
  listeners.on('workerStart', listener)
  listeners.once('workerStart', listener)
  listeners.emit('workerStart', { pid: 1, name: 'a' })
  assert.equal(seen.length, 2)
  assert.ok(seen.every(each => each === pool))
})

test('what a listener throws is an uncaughtException, and neither the pool nor the other listeners notice', async () => {
  const watch = newWatch()
  const failure = new Error('of a listener')
  let called = 0
  watch.listeners.on('taskEnd', () => {
    throw failure
  })
  watch.listeners.on('taskEnd', () => {
    called += 1
  })
  watch.listeners.on('error', () => {
    throw failure
  })
  const caught = await uncaughtIn(() => {
    watch.taskEnd(taskReport())
    watch.fail(new Error('unobserved'))
  })
  assert.equal(called, 1)
  assert.deepEqual(caught, [failure, failure])
})

test('an unknown event and what is no function are TypeErrors', () => {
  const listeners = new PoolListeners({})
  const listener = (): void => {}
  const message = "Expected `event` to be 'taskStart', 'taskEnd', 'workerStart', 'workerExit' or 'error', got 'taskDone'"
  for (const method of ['on', 'once', 'off'] as const) {
    assert.throws(() => listeners[method]('taskDone' as never, listener), { name: 'TypeError', message })
    assert.throws(() => listeners[method]('toString' as never, listener), TypeError)
    assert.throws(() => listeners[method]('taskEnd', 7 as never), {
      name: 'TypeError',
      message: 'Expected `listener` to be a function, got 7',
    })
  }
})

test('a failure without a listener is one process warning with the stack', async () => {
  const watch = newWatch()
  const failure = new Error('nobody looked')
  const warned = once(process, 'warning')
  watch.fail(failure, taskReport())
  const [warning] = (await warned) as [Error & { detail: string }]
  assert.equal(warning.name, 'PoolWarning')
  assert.match(warning.message, /the task square/)
  assert.equal(warning.detail, failure.stack)
})

test('whatever was thrown can be warned of', async () => {
  const watch = newWatch()
  const hostile = new Error('hostile')
  Object.defineProperty(hostile, 'stack', {
    get() {
      throw new Error('of the getter')
    },
  })
  for (const thrown of [undefined, null, 'text', { toString: null }, hostile]) {
    const warned = once(process, 'warning')
    watch.fail(thrown)
    const [warning] = (await warned) as [Error & { detail: string }]
    assert.equal(typeof warning.detail, 'string')
  }
})
