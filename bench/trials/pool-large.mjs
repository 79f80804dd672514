/** A megabyte of numbers into a task and out of it: what moving the data costs beside almost no work. */

import { judgeRatios } from '../support/beside-python.mjs'
import { repeat } from '../support/repeat.mjs'
import { warmUp } from '../support/warm-up.mjs'

export const title = 'a Float64Array of 1 MB goes into a task, which changes a number, and comes back; two under way for each worker'

export const metrics = /** @type {const} */ ({ 'tasks-per-second': { unit: 'tasks/s', better: 'higher' } })

export const headlines = ['tasks-per-second']

const ofProcesses = ['child-process', 'tinypool', 'workerpool']

/** @type {NonNullable<import('../harness/contracts.mjs').Trial['judge']>} */
export function judge(figures) {
  const best = figures.filter(({ driver }) => ofProcesses.includes(driver)).sort((a, b) => b.summary.median - a.summary.median)[0]
  return [
    judgeRatios(figures, {
      bar: '1 MB in and out: at least 5 times the best pool of processes',
      least: 5,
      pairs: { 'tasks-per-second': 'tasks-per-second' },
      driver: best?.driver ?? 'child-process',
    }),
  ]
}

/** @type {import('../harness/contracts.mjs').Trial['measure']} */
export async function measure(driver, { workers, quick }) {
  const sizes = quick
    ? { workers, length: 131_072, tasks: 20, leastTimes: 1, leastTime: 0 }
    : { workers, length: 131_072, tasks: 500, leastTimes: 2, leastTime: 1_000 }
  if (driver.runProgram) return driver.runProgram('pool_large.py', sizes)
  if (!driver.openPool) return { values: {}, unavailable: { 'tasks-per-second': driver.lacks?.pool ?? 'no pool' } }
  const pool = driver.openPool(workers, 'large')
  await warmUp(pool, workers)
  await clock(pool, { ...sizes, tasks: Math.ceil(sizes.tasks / 5) })
  const { times, time } = await repeat(sizes, () => clock(pool, sizes))
  await pool.close()
  return { values: { 'tasks-per-second': (times * sizes.tasks * 1000) / time } }
}

/**
 * @param {import('../harness/contracts.mjs').BenchPool} pool
 * @param {{ workers: number, length: number, tasks: number }} sizes
 */
async function clock(pool, { workers, length, tasks }) {
  let next = 0
  const start = performance.now()
  await Promise.all(
    Array.from({ length: workers * 2 }, async () => {
      const array = new Float64Array(length)
      while (next < tasks) await roundTrip(pool, array, next++)
    }),
  )
  return performance.now() - start
}

/**
 * @param {import('../harness/contracts.mjs').BenchPool} pool
 * @param {Float64Array} array
 * @param {number} number
 */
async function roundTrip(pool, array, number) {
  array[0] = number
  array[array.length - 1] = 2 * number + 1
  const changed = await pool.changeArray(array)
  const isRight = changed instanceof Float64Array && changed.length === array.length && changed[0] === 3 * number + 1
  if (!isRight || changed === array) throw new Error(`Expected another array that begins with ${3 * number + 1}, got ${changed}`)
}
