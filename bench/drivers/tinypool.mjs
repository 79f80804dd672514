/** tinypool with child processes, because processes are what we compare; it can do threads too. */

import Tinypool from 'tinypool'

/** @type {import('../harness/contracts.mjs').Driver} */
export const driver = {
  openPool,
  library: import.meta.resolve('tinypool'),
  lacks: {
    map: 'tinypool has no map',
    wait: 'tinypool has no channel between two workers',
  },
}

const whoAmI = { name: 'whoAmI' }
const squareAll = { name: 'squareAll' }
const burn = { name: 'burn' }
const changeArray = { name: 'changeArray' }

/** @type {NonNullable<import('../harness/contracts.mjs').Driver['openPool']>} */
function openPool(workers, usage) {
  const pool = new Tinypool({
    runtime: 'child_process',
    filename: new URL('../support/tasks.mjs', import.meta.url).href,
    minThreads: workers,
    maxThreads: workers,
    // The same setting as piscina's, with the same effect.
    concurrentTasksPerWorker: usage === 'burst' ? 16 : 1,
    // The default is faster for small values, but makes objects of arrays.
    serialization: usage === 'large' ? 'advanced' : 'json',
  })
  return {
    workersAre: /** @type {const} */ ('process'),
    whoAmI: () => pool.run(undefined, whoAmI),
    squareAll: chunk => pool.run(chunk, squareAll),
    burn: loops => pool.run(loops, burn),
    changeArray: array => pool.run(array, changeArray),
    close: () => pool.destroy(),
  }
}
