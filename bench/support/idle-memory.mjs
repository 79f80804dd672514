/** The memory of pools whose workers have each done something, and now rest. */

import { setTimeout as sleep } from 'node:timers/promises'
import { descendants, privateMemory } from './memory-of.mjs'
import { pause } from './tasks.mjs'

/** A process that has just worked is not idle yet. */
const settling = 1_000
const patience = 30_000

export const startMethods = /** @type {const} */ (['fork', 'forkserver', 'spawn'])

/**
 * Private pages of all workers, and of what else a start method has running for them.
 * @param {string} path of the library
 * @param {number} workers
 * @returns {Promise<import('../harness/contracts.mjs').Measurement>}
 */
export async function weighOurPools(path, workers) {
  const library = await import(path)
  /** @type {Record<string, number>} */
  const values = {}
  /** @type {Record<string, string>} */
  const unavailable = {}
  for (const method of startMethods) {
    if (!library.getAllStartMethods().includes(method)) {
      unavailable[`${method}-private`] = 'this start method does not work here'
      continue
    }
    const pool = new (library.getContext(method).Pool)(workers)
    const pids = await letAllWork(() => pool.apply(pause), workers)
    values[`${method}-private`] = sum([...pids])
    values[`${method}-beside`] = sum(descendants().filter(pid => !pids.has(pid)))
    pool.close()
    await pool.join()
  }
  return { values, unavailable }
}

/**
 * @param {import('./hand-written-pool.mjs').HandWrittenPool} pool
 * @param {number} workers
 */
export async function weighChildren(pool, workers) {
  const pids = await letAllWork(() => pool.call('pause'), workers)
  const weight = sum([...pids])
  await pool.close()
  return weight
}

/**
 * Who the workers are, after they have come to rest.
 * @param {() => Promise<number>} work
 * @param {number} workers
 */
async function letAllWork(work, workers) {
  /** @type {Set<number>} */
  const seen = new Set()
  const deadline = performance.now() + patience
  while (seen.size < workers) {
    if (performance.now() > deadline) throw new Error(`only ${seen.size} of ${workers} workers took part`)
    for (const identity of await Promise.all(Array.from({ length: workers * 2 }, work))) seen.add(identity)
  }
  await sleep(settling)
  return seen
}

/** @param {number[]} pids */
function sum(pids) {
  return pids.reduce((total, pid) => total + privateMemory(pid), 0)
}
