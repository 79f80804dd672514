// Ctrl-C reaches every process of a terminal. What becomes of a pool then is its maker's business.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { Pool } from '../../src/pool/pool.ts'
import { echo, pid, square } from '../fixtures/pool/work.ts'
import { childrenOf } from '../helpers/resources.ts'

const FUTEX = '202 '

test('a worker that waits for room for its results outlives SIGINT, and no result is lost', async () => {
  const pool = new Pool(1)
  try {
    const worker = await pool.apply(pid)
    await pool.apply(echo, ['']) // A function that is known is sent at once.
    const text = 'x'.repeat(9000)
    const results = Array.from({ length: 100 }, () => pool.apply(echo, [text]))
    for (let round = 0; round < 5; round += 1) {
      // This thread reads no results meanwhile, so the worker comes to stand still.
      sleepsInFutex(worker)
      process.kill(worker, 'SIGINT')
    }
    assert.ok((await Promise.all(results)).every(result => result === text))
    assert.equal(await pool.apply(pid), worker)
  } finally {
    await pool[Symbol.asyncDispose]()
  }
})

test('SIGINT to workers that are just starting does not break the pool', async () => {
  const pool = new Pool(1)
  try {
    // The task waits for the first worker that comes up; each one before it is hit as soon as it is there.
    let done = false
    const result = pool.apply(square, [3]).finally(() => {
      done = true
    })
    const hit = new Set<number>()
    while (!done && hit.size < 6) {
      for (const child of childrenOf(process.pid)) {
        if (!hit.has(child)) process.kill(child, 'SIGINT')
        hit.add(child)
      }
      await turn()
    }
    assert.equal(await result, 9)
  } finally {
    await pool[Symbol.asyncDispose]()
  }
})

/** Blocks this thread until that process's main thread has stood still for a while in the system call that waits. */
function sleepsInFutex(process: number): void {
  for (let times = 0; times < 20; times += 1) {
    if (!readFileSync(`/proc/${process}/syscall`, 'latin1').startsWith(FUTEX)) times = 0
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
  }
}
