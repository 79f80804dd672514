/** `imap` of a hundred thousand squares, read one by one: what an item costs that is asked for by itself. */

import { besidePython, judgeRatios, metricsIn, tabulateBesidePython } from '../support/beside-python.mjs'
import { repeat } from '../support/repeat.mjs'
import { square, whoAmI } from '../support/tasks.mjs'
import { warmUp } from '../support/warm-up.mjs'

export const title = 'imap of 100,000 squares, read one by one'

export const drivers = besidePython

export const metrics = metricsIn({
  'items/s': { better: 'higher', names: ['one-by-one', 'default', 'unordered-one-by-one', 'unordered-default'] },
})

export const headlines = ['one-by-one']

/** Python's default is one by one. */
const counterparts = { default: 'one-by-one', 'unordered-default': 'unordered-one-by-one' }

/** @type {NonNullable<import('../harness/contracts.mjs').Trial['toTable']>} */
export const toTable = figures => tabulateBesidePython(figures, counterparts)

/** @type {NonNullable<import('../harness/contracts.mjs').Trial['judge']>} */
export function judge(figures) {
  return [
    judgeRatios(figures, {
      bar: "at least 10 times as fast as Python's imap, each as it is by default",
      least: 10,
      pairs: { default: 'one-by-one' },
    }),
    judgeRatios(figures, {
      bar: 'the same with a chunkSize of 1, a task for each item',
      least: 10,
      pairs: { 'one-by-one': 'one-by-one' },
    }),
  ]
}

/** @type {import('../harness/contracts.mjs').Trial['measure']} */
export async function measure(driver, { workers, quick }) {
  const sizes = quick
    ? { workers, items: 5_000, leastTimes: 1, leastTime: 0 }
    : { workers, items: 100_000, leastTimes: 2, leastTime: 1_000 }
  if (driver.runProgram) return driver.runProgram('pool_imap.py', sizes)
  const { Pool } = await import(/** @type {string} */ (driver.library))
  const pool = new Pool(workers)
  await warmUp({ whoAmI: () => pool.apply(whoAmI) }, workers)
  const one = { chunkSize: 1 }
  /** @type {Record<string, (items: Iterable<number>) => AsyncIterable<number>>} */
  const ways = {
    'one-by-one': items => pool.imap(square, items, one),
    default: items => pool.imap(square, items),
    'unordered-one-by-one': items => pool.imapUnordered(square, items, one),
    'unordered-default': items => pool.imapUnordered(square, items),
  }
  /** @type {Record<string, number>} */
  const values = {}
  for (const [name, way] of Object.entries(ways)) values[name] = await itemsPerSecond(way, sizes)
  pool.close()
  await pool.join()
  return { values }
}

/**
 * @param {(items: Iterable<number>) => AsyncIterable<number>} way
 * @param {{ items: number, leastTimes: number, leastTime: number }} sizes
 */
async function itemsPerSecond(way, sizes) {
  await clock(way, Math.ceil(sizes.items / 10))
  const { times, time } = await repeat(sizes, () => clock(way, sizes.items))
  return (times * sizes.items * 1000) / time
}

/**
 * In order or not, the squares have one sum.
 * @param {(items: Iterable<number>) => AsyncIterable<number>} way
 * @param {number} count
 */
async function clock(way, count) {
  let sum = 0
  const start = performance.now()
  for await (const value of way(numbers(count))) sum += value
  const time = performance.now() - start
  const expected = ((count - 1) * count * (2 * count - 1)) / 6
  if (sum !== expected) throw new Error(`Expected ${expected} as the sum of the squares, got ${sum}`)
  return time
}

/** @param {number} count */
function* numbers(count) {
  for (let number = 0; number < count; number += 1) yield number
}
