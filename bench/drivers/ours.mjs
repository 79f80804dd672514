/** polyprocess itself: the built package of this repository, used as its users use it. */

import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { weighOurPools } from '../support/idle-memory.mjs'
import { clockStarts } from '../support/pool-starts.mjs'
import { burn, changeArray, square, squareAll, whoAmI } from '../support/tasks.mjs'

const library = new URL('../../dist/index.js', import.meta.url)
const wait = new URL('./ours-wait.mjs', import.meta.url)
const mainJob = new URL('../../dist/tools/main-job-main.js', import.meta.url)

if (!existsSync(library)) throw new Error('dist/index.js does not exist: run `npm run build` first')
const { Pool } = await import(library.href)

/** @type {import('../harness/contracts.mjs').Driver} */
export const driver = {
  openPool,
  library: library.href,
  loadRoundTrips: async () => (existsSync(wait) ? await import(wait.href) : {}),
  startByMethod: workers => clockStarts(library.href, workers),
  weighIdlePools: workers => weighOurPools(library.href, workers),
  runMainJob,
  openCodec: async slots => (await import('./ours-codec.mjs')).openCodec(slots),
  loadFunctionSending: () => import('./ours-functions.mjs'),
  lacks: { wait: 'bench/drivers/ours-wait.mjs does not exist' },
}

/** @param {number} workers */
function openPool(workers) {
  const pool = new Pool(workers)
  return {
    workersAre: /** @type {const} */ ('process'),
    whoAmI: () => pool.apply(whoAmI),
    squareAll: (/** @type {number[]} */ chunk) => pool.apply(squareAll, [chunk]),
    burn: (/** @type {number} */ loops) => pool.apply(burn, [loops]),
    changeArray: (/** @type {Float64Array} */ array) => pool.apply(changeArray, [array]),
    mapSquares: (/** @type {number[]} */ items) => pool.map(square, items),
    close: () => {
      pool.close()
      return pool.join()
    },
  }
}

/** @type {NonNullable<import('../harness/contracts.mjs').Driver['runMainJob']>} */
async function runMainJob({ workers, quick }) {
  const words = ['--json', '--jobs', String(workers), ...(quick ? ['--quick'] : [])]
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(mainJob), ...words])
  const { speedUp, sequentialSeconds, poolSeconds } = JSON.parse(stdout)
  return { values: { 'speed-up': speedUp, sequential: sequentialSeconds, pool: poolSeconds } }
}
