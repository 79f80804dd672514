/** From nothing to a first result, in a process that has imported the library and used none of it. */

import { importTimes } from '../support/import-time.mjs'
import { checkWorker } from '../support/warm-up.mjs'

export const title = 'from making a pool to the result of its first task; and what importing the library takes'

export const metrics = /** @type {const} */ ({
  'fork-exit': { unit: 'ms', better: 'lower' },
  'first-result': { unit: 'ms', better: 'lower' },
  'fork-message': { unit: 'ms', better: 'lower' },
  import: { unit: 'ms', better: 'lower' },
  'import-nothing': { unit: 'ms', better: 'lower' },
  'import-added': { unit: 'ms', better: 'lower' },
})

export const headlines = ['fork-exit', 'first-result']

/** @type {import('../harness/contracts.mjs').Trial['measure']} */
export async function measure(driver, { workers, quick }) {
  if (driver.runProgram) return driver.runProgram('pool_start.py', { workers })
  if (!driver.openPool) return { values: {}, unavailable: { 'first-result': driver.lacks?.pool ?? 'no pool' } }
  const values = { ...(await driver.startBareProcesses?.()), 'first-result': await clockFirstResult(driver.openPool, workers) }
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
