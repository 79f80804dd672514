/** What exists: a trial or driver is its name here and the module of that name in its folder. */

export const trialNames = Object.freeze([
  'pool-tasks',
  'pool-sequential',
  'pool-map',
  'pool-start',
  'pool-imap',
  'pool-large',
  'pool-scaling',
  'pool-memory',
  'process-start',
  'wait',
  'many-waits',
  'pool-churn',
  'main-job',
  'codec',
  'function-send',
  'lock',
  'lock-contended',
  'condition',
  'barrier',
  'value',
  'queue',
  'queue-many',
  'large',
  'pipe',
  'pingpong',
])

/** Who has processes, threads or a pool of them: they take part in every trial that names no others. */
const poolDrivers = Object.freeze(['ours', 'python', 'child-process', 'worker-threads', 'piscina', 'tinypool', 'workerpool', 'poolifier'])

/** Who turns values into bytes and back. */
export const codecDrivers = Object.freeze(['ours', 'v8', 'msgpackr-identity', 'msgpackr', 'msgpackr-records', 'json'])

export const driverNames = Object.freeze([...new Set([...poolDrivers, ...codecDrivers])])

/** The drivers that need a package of bench/package.json. */
export const packagedDrivers = Object.freeze([
  'piscina',
  'tinypool',
  'workerpool',
  'poolifier',
  'msgpackr',
  'msgpackr-records',
  'msgpackr-identity',
])

/**
 * Those of the wanted drivers that take part in the trial.
 * @param {import('./contracts.mjs').Trial} trial
 * @param {readonly string[]} wanted
 */
export function takingPart({ drivers = poolDrivers }, wanted) {
  return drivers.filter(name => wanted.includes(name))
}

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
