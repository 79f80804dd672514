/** Tasks of a millisecond of arithmetic, and more and more workers: how much of the cores is left for the work. */

import { availableParallelism } from 'node:os'
import { metricsIn } from '../support/beside-python.mjs'
import { clockBareProcesses, loopsOfMillisecond } from '../support/burning.mjs'
import { repeat } from '../support/repeat.mjs'
import { judgeScaling, tabulateScaling, workerCounts } from '../support/scaling-report.mjs'
import { checkWorker } from '../support/warm-up.mjs'

export const title = 'tasks of 1 ms of arithmetic with 1 to 64 workers'

export const metrics = metricsIn({
  'tasks/s': { better: 'higher', names: ['bare-1', 'bare-all', ...workerCounts.map(count => `workers-${count}`)] },
})

export const headlines = ['workers-64']

export const toTable = tabulateScaling

export const judge = judgeScaling

/** @type {import('../harness/contracts.mjs').Trial['measure']} */
export async function measure(driver, { quick }) {
  const cores = availableParallelism()
  const sizes = quick ? { cores, tasks: 100, leastTimes: 1, leastTime: 0 } : { cores, tasks: 500, leastTimes: 2, leastTime: 1_000 }
  if (driver.runProgram) return driver.runProgram('pool_scaling.py', { ...sizes, workerCounts })
  if (!driver.openPool) return { values: {}, unavailable: { 'workers-64': driver.lacks?.pool ?? 'no pool' } }
  const loops = loopsOfMillisecond()
  /** @type {Record<string, number>} */
  const values = {
    'bare-1': await clockBareProcesses(1, loops, sizes.tasks),
    'bare-all': await clockBareProcesses(cores, loops, sizes.tasks),
  }
  for (const count of workerCounts) {
    const pool = driver.openPool(count, 'single')
    await letAllBurn(pool, { count, loops })
    values[`workers-${count}`] = await tasksPerSecond(pool, loops, { ...sizes, tasks: sizes.tasks * Math.min(cores, count) })
    await pool.close()
  }
  return { values }
}

/** Longer than the slowest library takes to start 64 processes on two cores. */
const patience = 20_000

/**
 * Until all workers have done something; that some are never needed is no failure.
 * @param {import('../harness/contracts.mjs').BenchPool} pool
 * @param {{ count: number, loops: number }} given
 */
async function letAllBurn(pool, { count, loops }) {
  const seen = new Set()
  const deadline = performance.now() + patience
  while (seen.size < count && performance.now() < deadline) {
    for (const identity of await Promise.all(Array.from({ length: count * 4 }, () => pool.burn(loops)))) seen.add(identity)
  }
}

/**
 * @param {import('../harness/contracts.mjs').BenchPool} pool
 * @param {number} loops
 * @param {{ tasks: number, leastTimes: number, leastTime: number }} sizes
 */
async function tasksPerSecond(pool, loops, sizes) {
  const { times, time } = await repeat(sizes, async () => {
    const start = performance.now()
    const identities = await Promise.all(Array.from({ length: sizes.tasks }, () => pool.burn(loops)))
    const burst = performance.now() - start
    for (const identity of identities) checkWorker(identity, pool)
    return burst
  })
  return (times * sizes.tasks * 1000) / time
}
