/** The job of `npm start`, words counted and files hashed: what a pool is worth to real work. */

export const title = 'the job of `npm start`: how many times faster than sequentially'

export const metrics = /** @type {const} */ ({
  'speed-up': { unit: 'times', better: 'higher' },
  sequential: { unit: 's', better: 'lower' },
  pool: { unit: 's', better: 'lower' },
})

export const headlines = ['speed-up']

/** @type {import('../harness/contracts.mjs').Trial['measure']} */
export async function measure(driver, options) {
  if (driver.runMainJob) return driver.runMainJob(options)
  return { values: {}, unavailable: { 'speed-up': driver.lacks?.mainJob ?? 'the job is written for ours and for python' } }
}
