/** `map` of a million squares with default chunks: what an item costs when the library packs the items. */

import { repeat } from '../support/repeat.mjs'
import { warmUp } from '../support/warm-up.mjs'

export const title = 'map of 1,000,000 squares with default chunks'

export const metrics = /** @type {const} */ ({
  'items-per-second': { unit: 'items/s', better: 'higher' },
  'hand-chunked-items-per-second': { unit: 'items/s', better: 'higher' },
})

export const headlines = ['items-per-second']

/** @type {import('../harness/contracts.mjs').Trial['measure']} */
export async function measure(driver, { workers, quick }) {
  const sizes = quick
    ? { workers, items: 20_000, leastTimes: 1, leastTime: 0 }
    : { workers, items: 1_000_000, leastTimes: 1, leastTime: 1_000 }
  if (driver.runProgram) return driver.runProgram('pool_map.py', sizes)
  if (!driver.openPool) return { values: {}, unavailable: { 'items-per-second': driver.lacks?.pool ?? 'no pool' } }
  const pool = driver.openPool(workers, 'single')
  await warmUp(pool, workers)
  const byHand = (/** @type {number[]} */ items) => mapByHand(pool, items, workers)
  const values = { 'hand-chunked-items-per-second': await itemsPerSecond(byHand, sizes) }
  const measurement = pool.mapSquares
    ? { values: { ...values, 'items-per-second': await itemsPerSecond(pool.mapSquares, sizes) } }
    : { values, unavailable: { 'items-per-second': driver.lacks?.map ?? 'has no map' } }
  await pool.close()
  return measurement
}

/**
 * @param {(items: number[]) => Promise<number[]>} map
 * @param {{ items: number, leastTimes: number, leastTime: number }} sizes
 */
async function itemsPerSecond(map, sizes) {
  const items = Array.from({ length: sizes.items }, (_, index) => index)
  await map(items.slice(0, Math.ceil(sizes.items / 100)))
  const { times, time } = await repeat(sizes, () => clockMap(map, items))
  return (times * items.length * 1000) / time
}

/**
 * @param {(items: number[]) => Promise<number[]>} map
 * @param {number[]} items
 */
async function clockMap(map, items) {
  const start = performance.now()
  const squares = await map(items)
  const time = performance.now() - start
  if (squares.length !== items.length) throw new Error(`Expected ${items.length} squares, got ${squares.length}`)
  const wrong = squares.findIndex((value, index) => value !== index * index)
  if (wrong !== -1) throw new Error(`Expected the square of ${wrong}, got ${squares[wrong]}`)
  return time
}

/**
 * What a user of a pool without `map` writes; the chunks are as many as Python's default makes.
 * @param {import('../harness/contracts.mjs').BenchPool} pool
 * @param {number[]} items
 * @param {number} workers
 */
async function mapByHand(pool, items, workers) {
  const size = Math.ceil(items.length / (workers * 4))
  const chunks = []
  for (let start = 0; start < items.length; start += size) chunks.push(pool.squareAll(items.slice(start, start + size)))
  return (await Promise.all(chunks)).flat()
}
