import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { Semaphore } from '../../../src/sync/semaphore.ts'

test('a child process that ends does not end a blocking wait, also if the program has a handler for another signal', async () => {
  const ignore = (): void => {}
  process.on('SIGUSR2', ignore)
  using semaphore = new Semaphore(0)
  try {
    const children = Array.from({ length: 3 }, () => spawn('/bin/sleep', ['0.1'], { stdio: 'ignore' }))
    assert.equal(semaphore.acquireSync({ timeout: 500 }), false)
    await Promise.all(children.map(child => child.exitCode ?? once(child, 'exit')))
  } finally {
    process.off('SIGUSR2', ignore)
  }
})
