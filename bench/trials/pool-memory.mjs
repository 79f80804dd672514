/** What pools take: a program that streams ten million items, and workers that have nothing to do. */

import { judgeLimit, judgeRatios, metricsIn, tabulateBesidePython } from '../support/beside-python.mjs'
import { listOthers } from '../support/beside-others.mjs'
import { startMethods } from '../support/idle-memory.mjs'
import { square } from '../support/tasks.mjs'

export const title = '10,000,000 items through imapUnordered from a generator: memory of the program; and private memory of 8 idle workers'

export const drivers = ['ours', 'python', 'child-process']

export const metrics = metricsIn({
  MB: {
    better: 'lower',
    names: [
      ...['rss-begin', 'rss-highest', 'rss-end', 'rss-grown'],
      ...startMethods.flatMap(method => [`${method}-private`, `${method}-beside`]),
      'child-process-private',
    ],
  },
  'items/s': { better: 'higher', names: ['items-per-second'] },
})

export const headlines = ['rss-grown', 'child-process-private']

/** @type {NonNullable<import('../harness/contracts.mjs').Trial['toTable']>} */
export const toTable = figures => [tabulateBesidePython(figures), listOthers(figures)].join('\n')

/** @type {NonNullable<import('../harness/contracts.mjs').Trial['judge']>} */
export function judge(figures) {
  return [
    judgeLimit(figures, {
      bar: 'memory flat: at no moment 64 MB more than after the first hundredth of the items',
      below: 64,
      metric: 'rss-grown',
    }),
    judgeRatios(figures, {
      bar: 'private memory of 8 idle workers: at most a tenth of 8 idle child processes',
      least: 10,
      pairs: { 'fork-private': 'child-process-private', 'forkserver-private': 'child-process-private' },
      driver: 'child-process',
    }),
  ]
}

const idleWorkers = 8

/** @type {import('../harness/contracts.mjs').Trial['measure']} */
export async function measure(driver, { workers, quick }) {
  const given = { workers, idleWorkers, items: quick ? 200_000 : 10_000_000, chunkSize: 1_000 }
  if (driver.runProgram) return driver.runProgram('pool_memory.py', given)
  // First: what the stream leaves behind would be inherited.
  const idle = (await driver.weighIdlePools?.(idleWorkers)) ?? { values: {} }
  if (driver.library === undefined) return idle
  return { ...idle, values: { ...idle.values, ...(await stream(driver.library, given)) } }
}

/**
 * @param {string} path
 * @param {{ workers: number, items: number }} given
 */
async function stream(path, { workers, items }) {
  const { Pool } = await import(path)
  const pool = new Pool(workers)
  let [begin, highest, seen, sum] = [0, 0, 0, 0]
  const every = Math.min(10_000, items / 100)
  const start = performance.now()
  for await (const value of pool.imapUnordered(square, numbers(items))) {
    sum += value
    seen += 1
    if (seen % every !== 0) continue
    const now = process.memoryUsage.rss() / 1e6
    if (seen <= items / 100) begin = now
    highest = Math.max(highest, now)
  }
  const seconds = (performance.now() - start) / 1000
  if (seen !== items || !isSum(sum, items)) throw new Error(`Expected the squares of ${items} items, got ${seen} with the sum ${sum}`)
  const end = process.memoryUsage.rss() / 1e6
  pool.close()
  await pool.join()
  return {
    ...{ 'rss-begin': begin, 'rss-highest': highest, 'rss-end': end, 'rss-grown': highest - begin },
    'items-per-second': items / seconds,
  }
}

/** Beyond what numbers can count exactly, the order of the items decides about the last digits. @param {number} sum @param {number} items */
function isSum(sum, items) {
  const expected = ((items - 1) * items * (2 * items - 1)) / 6
  return Math.abs(sum - expected) <= expected * 1e-9
}

/** @param {number} count */
function* numbers(count) {
  for (let number = 0; number < count; number += 1) yield number
}
