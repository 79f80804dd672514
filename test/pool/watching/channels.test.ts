import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { test } from 'node:test'
import { PoolWatch } from '../../../src/pool/watching/pool-watch.ts'
import { firstWorker, taskReport } from './reports.ts'

const NAMES = ['task:start', 'task:end', 'worker:start', 'worker:exit', 'error']

test('every channel says of which pool, and of what, with bytes and times', () => {
  const pool = {}
  const watch = new PoolWatch({ pool, load: () => ({ queued: 0, running: 0 }) })
  const seen: [string, object][] = []
  const subscriptions = NAMES.map(name => {
    const listener = (message: unknown): void => void seen.push([name, message as object])
    subscribe(`polyprocess:pool:${name}`, listener)
    return () => unsubscribe(`polyprocess:pool:${name}`, listener)
  })
  watch.listeners.on('error', () => {})
  const error = new Error('failed')
  watch.workerStart(firstWorker)
  watch.taskStart(taskReport({ runTime: 0, bytesBack: 0 }))
  watch.taskEnd(taskReport({ error }))
  watch.workerExit('PoolWorker-1', { exitCode: 0, signal: null })
  watch.fail(error, taskReport())
  watch.fail(error)
  for (const stop of subscriptions) stop()
  const task = { id: 7, name: 'square', pid: 4321, items: 3, waitTime: 5, attempt: 1 }
  assert.deepEqual(seen, [
    ['worker:start', { pool, worker: firstWorker }],
    ['task:start', { pool, task: { ...taskReport({ runTime: 0, bytesBack: 0 }), waitTime: 5 } }],
    ['task:end', { pool, task: { ...taskReport({ error }), waitTime: 5 } }],
    ['worker:exit', { pool, worker: { ...firstWorker, exitCode: 0, signal: null } }],
    ['error', { pool, error, task }],
    ['error', { pool, error }],
  ])
  assert.ok(seen.every(([, message]) => (message as { pool: object }).pool === pool))
})

test('a subscription asks the pool for reports, and its end takes that back', () => {
  const watch = new PoolWatch({ pool: {}, load: () => ({ queued: 0, running: 0 }) })
  const listener = (): void => {}
  assert.deepEqual([watch.wantsStarts, watch.wantsEnds], [false, false])
  subscribe('polyprocess:pool:task:start', listener)
  assert.deepEqual([watch.wantsStarts, watch.wantsEnds], [true, false])
  subscribe('polyprocess:pool:task:end', listener)
  unsubscribe('polyprocess:pool:task:start', listener)
  assert.deepEqual([watch.wantsStarts, watch.wantsEnds], [false, true])
  unsubscribe('polyprocess:pool:task:end', listener)
  assert.equal(watch.wantsEnds, false)
})
