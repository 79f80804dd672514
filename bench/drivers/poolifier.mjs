/** poolifier: a fixed pool of threads without its task queue, the fastest of its pools here. */

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
    // It sends an item per message: it has a map, but no chunks.
    mapSquares: (/** @type {number[]} */ items) => pool.mapExecute(items, 'square'),
    close: () => pool.destroy(),
  }
}
