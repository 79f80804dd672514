/** From nothing to a first result, in a process that has imported the library and used none of it; and of a second pool. */

import { judgeLimit, judgeRatios } from '../support/beside-python.mjs'
import { importTimes } from '../support/import-time.mjs'
import { checkWorker } from '../support/warm-up.mjs'

export const title = 'from making a pool to the result of its first task; and what importing the library takes'

export const metrics = /** @type {const} */ ({
  'fork-exit': { unit: 'ms', better: 'lower' },
  'first-result': { unit: 'ms', better: 'lower' },
  'second-pool': { unit: 'ms', better: 'lower' },
  'first-result-fork': { unit: 'ms', better: 'lower' },
  'first-result-forkserver': { unit: 'ms', better: 'lower' },
  'first-result-spawn': { unit: 'ms', better: 'lower' },
  'fork-message': { unit: 'ms', better: 'lower' },
  import: { unit: 'ms', better: 'lower' },
  'import-nothing': { unit: 'ms', better: 'lower' },
  'import-added': { unit: 'ms', better: 'lower' },
})

export const headlines = ['fork-exit', 'first-result']

const rivals = ['piscina', 'tinypool', 'workerpool', 'poolifier']

/** @type {NonNullable<import('../harness/contracts.mjs').Trial['judge']>} */
export function judge(figures) {
  const best = figures
    .filter(({ driver, metric }) => rivals.includes(driver) && metric === 'first-result')
    .sort((a, b) => a.summary.median - b.summary.median)[0]
  return [
    judgeRatios(figures, {
      bar: "first result under fork: at most the best rival's",
      least: 1,
      pairs: { 'first-result-fork': 'first-result' },
      driver: best?.driver ?? 'poolifier',
    }),
    judgeRatios(figures, {
      bar: 'first result under forkserver: at most 1.15 times a bare fork',
      least: 1 / 1.15,
      pairs: { 'first-result-forkserver': 'fork-exit' },
      driver: 'child-process',
    }),
    judgeLimit(figures, { bar: 'first result of a second pool: within 20 ms', below: 20, metric: 'second-pool' }),
  ]
}

/** @type {import('../harness/contracts.mjs').Trial['measure']} */
export async function measure(driver, { workers, quick }) {
  if (driver.runProgram) return driver.runProgram('pool_start.py', { workers })
  if (!driver.openPool) return { values: {}, unavailable: { 'first-result': driver.lacks?.pool ?? 'no pool' } }
  const values = {
    ...(await driver.startBareProcesses?.()),
    'first-result': await clockFirstResult(driver.openPool, workers),
    'second-pool': await clockFirstResult(driver.openPool, workers),
    ...driver.startByMethod?.(workers),
  }
  if (driver.library === undefined) return { values }
  return { values: { ...values, ...importTimes(driver.library, quick ? 1 : 5) } }
}

/**
 * @param {NonNullable<import('../harness/contracts.mjs').Driver['openPool']>} openPool
 * @param {number} workers
 */
async function clockFirstResult(openPool, workers) {
  const start = performance.now()
  const pool = openPool(workers, 'single')
  const identity = await pool.whoAmI()
  const time = performance.now() - start
  checkWorker(identity, pool)
  await pool.close()
  return time
}
