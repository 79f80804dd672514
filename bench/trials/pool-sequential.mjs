/** Each task awaited before the next is submitted: what one call costs a program that has nothing else to do. */

import { median, quantile } from '../harness/statistics.mjs'
import { checkWorker, warmUp } from '../support/warm-up.mjs'

export const title = 'one task awaited after the other'

export const metrics = /** @type {const} */ ({
  'task-p50': { unit: 'µs', better: 'lower' },
  'task-p99': { unit: 'µs', better: 'lower' },
})

export const headlines = ['task-p50']

/** @type {import('../harness/contracts.mjs').Trial['measure']} */
export async function measure(driver, { workers, quick }) {
  const sizes = { workers, tasks: quick ? 300 : 5_000 }
  if (driver.runProgram) return driver.runProgram('pool_sequential.py', sizes)
  if (!driver.openPool) return { values: {}, unavailable: { 'task-p50': driver.lacks?.pool ?? 'no pool' } }
  const pool = driver.openPool(workers, 'single')
  await warmUp(pool, workers)
  const times = await clockTasks(pool, sizes.tasks)
  await pool.close()
  return { values: { 'task-p50': median(times), 'task-p99': quantile(times, 0.99) } }
}

/**
 * @param {import('../harness/contracts.mjs').BenchPool} pool
 * @param {number} tasks
 */
async function clockTasks(pool, tasks) {
  const times = new Float64Array(tasks)
  // Some more before those that count: the bursts of the warm-up took another path.
  for (let task = -Math.ceil(tasks / 5); task < tasks; task += 1) {
    const start = performance.now()
    const identity = await pool.whoAmI()
    const time = performance.now() - start
    checkWorker(identity, pool)
    if (task >= 0) times[task] = time * 1000
  }
  return times
}
