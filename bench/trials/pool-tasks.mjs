/** Tasks submitted one by one, none awaited before all are submitted: what a task costs a pool that is never idle. */

import { median, quantile } from '../harness/statistics.mjs'
import { repeat } from '../support/repeat.mjs'
import { checkElsewhere, warmUp } from '../support/warm-up.mjs'

export const title = 'tasks submitted one by one in bursts of 20,000, all awaited; a task returns who ran it'

export const metrics = /** @type {const} */ ({
  'tasks-per-second': { unit: 'tasks/s', better: 'higher' },
  'latency-p50': { unit: 'ms', better: 'lower' },
  'latency-p99': { unit: 'ms', better: 'lower' },
})

export const headlines = ['tasks-per-second']

/** @type {import('../harness/contracts.mjs').Trial['measure']} */
export async function measure(driver, { workers, quick }) {
  const sizes = quick ? { workers, tasks: 2_000, leastTimes: 1, leastTime: 0 } : { workers, tasks: 20_000, leastTimes: 2, leastTime: 1_000 }
  if (driver.runProgram) return driver.runProgram('pool_tasks.py', sizes)
  if (!driver.openPool) return { values: {}, unavailable: { 'tasks-per-second': driver.lacks?.pool ?? 'no pool' } }
  const pool = driver.openPool(workers, 'burst')
  await warmUp(pool, workers)
  /** @type {Set<number>} */
  const seen = new Set()
  await clockBurst(pool, sizes, seen)
  const { times, time } = await repeat(sizes, () => clockBurst(pool, sizes, seen))
  const latencies = await clockEachTask(pool, sizes, seen)
  // Over all bursts: a pool whose workers help themselves may leave a short burst to one of them.
  checkElsewhere(seen, pool, workers)
  await pool.close()
  return {
    values: {
      'tasks-per-second': (times * sizes.tasks * 1000) / time,
      'latency-p50': median(latencies),
      'latency-p99': quantile(latencies, 0.99),
    },
  }
}

/**
 * @param {import('../harness/contracts.mjs').BenchPool} pool
 * @param {{ tasks: number }} sizes
 * @param {Set<number>} seen
 */
async function clockBurst(pool, { tasks }, seen) {
  const promises = new Array(tasks)
  const start = performance.now()
  for (let task = 0; task < tasks; task += 1) promises[task] = pool.whoAmI()
  const identities = await Promise.all(promises)
  const time = performance.now() - start
  for (const identity of identities) seen.add(identity)
  return time
}

/**
 * A burst of its own, because two looks at the clock cost a noticeable share of a cheap task.
 * @param {import('../harness/contracts.mjs').BenchPool} pool
 * @param {{ tasks: number }} sizes
 * @param {Set<number>} seen
 */
async function clockEachTask(pool, { tasks }, seen) {
  const latencies = new Float64Array(tasks)
  const clockTask = async (/** @type {number} */ task) => {
    const start = performance.now()
    const identity = await pool.whoAmI()
    latencies[task] = performance.now() - start
    return identity
  }
  const identities = await Promise.all(Array.from({ length: tasks }, (_, task) => clockTask(task)))
  for (const identity of identities) seen.add(identity)
  return latencies
}
