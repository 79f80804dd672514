/** What exists: a trial or driver is its name here and the module of that name in its folder. */

export const trialNames = Object.freeze([
  'pool-tasks',
  'pool-sequential',
  'pool-map',
  'pool-start',
  'wait',
  'many-waits',
  'pool-churn',
  'main-job',
])

export const driverNames = Object.freeze([
  'ours',
  'python',
  'child-process',
  'worker-threads',
  'piscina',
  'tinypool',
  'workerpool',
  'poolifier',
])

/** The drivers that are packages of bench/package.json, under the same name. */
export const packagedDrivers = Object.freeze(['piscina', 'tinypool', 'workerpool', 'poolifier'])

/**
 * @param {string} name
 * @returns {Promise<import('./contracts.mjs').Trial>}
 */
export async function loadTrial(name) {
  return await import(`../trials/${name}.mjs`)
}

/**
 * @param {string} name
 * @returns {Promise<import('./contracts.mjs').Driver>}
 */
export async function loadDriver(name) {
  const module = await import(`../drivers/${name}.mjs`)
  return module.driver
}
