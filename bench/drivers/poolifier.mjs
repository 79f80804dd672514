/** poolifier: a fixed pool of threads without its task queue, the fastest of its pools here. */

import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { FixedThreadPool } from 'poolifier'

const program = fileURLToPath(new URL('../programs/poolifier-worker-main.mjs', import.meta.url))

/** @type {import('../harness/contracts.mjs').Driver} */
export const driver = {
  openPool,
  library: import.meta.resolve('poolifier'),
  lacks: { wait: 'poolifier has no channel between two workers' },
}

/** @param {number} workers */
function openPool(workers) {
  /** @type {FixedThreadPool<any, any>} */
  const pool = new FixedThreadPool(workers, program)
  return {
    workersAre: /** @type {const} */ ('thread'),
    whoAmI: () => pool.execute(undefined, 'whoAmI'),
    squareAll: (/** @type {number[]} */ chunk) => pool.execute(chunk, 'squareAll'),
    burn: (/** @type {number} */ loops) => pool.execute(loops, 'burn'),
    changeArray: (/** @type {Float64Array} */ array) => pool.execute(array, 'changeArray'),
    // It sends an item per message: it has a map, but no chunks.
    mapSquares: (/** @type {number[]} */ items) => pool.mapExecute(items, 'square'),
    close: () => closeReady(pool),
  }
}

/**
 * Its `destroy()` waits for ever now and then, although its workers have ended, and more often before all of them are up.
 * @param {FixedThreadPool<any, any>} pool
 */
async function closeReady(pool) {
  while (!pool.info.ready) await sleep(1)
  const destroyed = pool.destroy()
  while (pool.info.workerNodes > 0) await sleep(1)
  await Promise.race([destroyed, sleep(100)])
}
