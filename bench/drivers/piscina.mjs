/** piscina: threads that sleep in `Atomics.wait` while they have nothing to do. */

import { Piscina } from 'piscina'

/** @type {import('../harness/contracts.mjs').Driver} */
export const driver = {
  openPool,
  library: import.meta.resolve('piscina'),
  lacks: {
    map: 'piscina has no map',
    wait: 'piscina has no channel between two workers',
  },
}

// Made once: what a careful user would do.
const whoAmI = { name: 'whoAmI' }
const squareAll = { name: 'squareAll' }
const burn = { name: 'burn' }
const changeArray = { name: 'changeArray' }

/** @type {NonNullable<import('../harness/contracts.mjs').Driver['openPool']>} */
function openPool(workers, usage) {
  const pool = new Piscina({
    filename: new URL('../support/tasks.mjs', import.meta.url).href,
    minThreads: workers,
    maxThreads: workers,
    // A worker that has its next tasks already never waits for one: about twice the rate of the default, 1.
    concurrentTasksPerWorker: usage === 'burst' ? 16 : 1,
  })
  return {
    workersAre: /** @type {const} */ ('thread'),
    whoAmI: () => pool.run(undefined, whoAmI),
    squareAll: chunk => pool.run(chunk, squareAll),
    burn: loops => pool.run(loops, burn),
    changeArray: array => pool.run(array, changeArray),
    close: () => pool.destroy(),
  }
}
