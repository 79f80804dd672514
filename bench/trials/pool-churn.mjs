/** A thousand pools made and disposed of in one process: what is left of them. */

import { readdirSync, readFileSync } from 'node:fs'

export const title = '1,000 pools of one worker made, used and disposed of in one process; what has grown since the 20th'

export const metrics = /** @type {const} */ ({
  'pool-life': { unit: 'ms', better: 'lower' },
  'descriptors-grown': { unit: 'descriptors', better: 'lower' },
  'threads-grown': { unit: 'threads', better: 'lower' },
  'children-left': { unit: 'processes', better: 'lower' },
  'mappings-grown': { unit: 'mappings', better: 'lower' },
})

export const headlines = ['pool-life']

const warmUp = 20

/** @type {import('../harness/contracts.mjs').Trial['measure']} */
export async function measure(driver, { quick }) {
  if (driver.runProgram || !driver.openPool)
    return { values: {}, unavailable: { 'pool-life': 'counts descriptors and mappings of a node process' } }
  const pools = quick ? 50 : 1_000
  for (let count = 0; count < warmUp; count += 1) await livePool(driver.openPool(1, 'single'))
  const before = resources()
  const start = performance.now()
  for (let count = 0; count < pools; count += 1) await livePool(driver.openPool(1, 'single'))
  const time = performance.now() - start
  const after = resources()
  return {
    values: {
      'pool-life': time / pools,
      'descriptors-grown': after.descriptors - before.descriptors,
      'threads-grown': after.threads - before.threads,
      'children-left': after.children,
      'mappings-grown': after.mappings - before.mappings,
    },
  }
}

/** @param {import('../harness/contracts.mjs').BenchPool} pool */
async function livePool(pool) {
  await pool.whoAmI()
  await pool.close()
}

/** The collector may map and unmap a few segments of its own between two counts. */
function resources() {
  const threads = readdirSync('/proc/self/task')
  const children = threads
    .flatMap(thread => readFileSync(`/proc/self/task/${thread}/children`, 'utf8').split(' '))
    .filter(pid => pid !== '')
  // Only what is shared or backed by a file: the heap's own anonymous mappings come and go.
  const mappings = readFileSync('/proc/self/maps', 'utf8')
    .split('\n')
    .filter(line => / [r-][w-][x-]s | \//.test(line))
  return { descriptors: readdirSync('/proc/self/fd').length, threads: threads.length, children: children.length, mappings: mappings.length }
}
