/** workerpool with child processes, its functions registered in a worker file. */

import { fileURLToPath } from 'node:url'
import workerpool from 'workerpool'

const program = fileURLToPath(new URL('../programs/workerpool-worker-main.mjs', import.meta.url))

/** @type {import('../harness/contracts.mjs').Driver} */
export const driver = {
  openPool,
  library: import.meta.resolve('workerpool'),
  lacks: {
    map: 'workerpool has no map',
    wait: 'workerpool has no channel between two workers',
  },
}

/** @type {NonNullable<import('../harness/contracts.mjs').Driver['openPool']>} */
function openPool(workers, usage) {
  const forkOpts = usage === 'large' ? { serialization: /** @type {const} */ ('advanced') } : {}
  const pool = workerpool.pool(program, { workerType: 'process', minWorkers: workers, maxWorkers: workers, forkOpts })
  return {
    workersAre: /** @type {const} */ ('process'),
    // Its promises are its own; a plain one is what every other driver returns.
    whoAmI: () => Promise.resolve(pool.exec('whoAmI', [])),
    squareAll: chunk => Promise.resolve(pool.exec('squareAll', [chunk])),
    burn: loops => Promise.resolve(pool.exec('burn', [loops])),
    changeArray: array => Promise.resolve(pool.exec('changeArray', [array])),
    close: () => Promise.resolve(pool.terminate()),
  }
}
