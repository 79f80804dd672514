import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Counts, type PoolStats } from '../../../src/pool/watching/counts.ts'

test('what is counted is what happened, and each try that a worker began has its times', () => {
  const counts = new Counts()
  counts.taskDone(10, 1)
  counts.taskDone(20, 2)
  counts.taskFailed(30, 3)
  counts.taskRetried()
  counts.taskFailed(40, 4)
  counts.taskFailedUnstarted()
  counts.workerDied()
  const stats: PoolStats = { ...counts.snapshot(), workers: [], queued: 0, running: 0 }
  const { done, failed, retried, workersDied, runTime, waitTime } = stats
  assert.deepEqual({ done, failed, retried, workersDied }, { done: 2, failed: 2, retried: 1, workersDied: 1 })
  assert.deepEqual([runTime.count, runTime.min, runTime.mean, runTime.max], [4, 10, 25, 40])
  assert.deepEqual([waitTime.count, waitTime.min, waitTime.mean, waitTime.max], [4, 1, 2.5, 4])
})

test('a snapshot stays as it was taken', () => {
  const counts = new Counts()
  const before = counts.snapshot()
  counts.taskDone(1, 1)
  assert.equal(before.done, 0)
  assert.equal(before.runTime.count, 0)
  assert.equal(counts.snapshot().done, 1)
})
