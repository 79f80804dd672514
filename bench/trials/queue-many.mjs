/** Many producers and as many consumers on one queue. */

import { consume, produce } from '../programs/crowd.mjs'
import { besidePython, judgeRatios, metricsIn, tabulateBesidePython } from '../support/beside-python.mjs'
import { runTeam } from '../support/team.mjs'

export const title = 'integers per second through one queue from many processes to as many, by calls that block'

export const drivers = besidePython

const crowds = [4, 20]
const maxSizes = { '': 0, '-bounded': 1_000 }

export const metrics = metricsIn({
  'items/s': { better: 'higher', names: crowds.flatMap(size => Object.keys(maxSizes).map(bound => `${size}x${size}${bound}`)) },
})

export const headlines = ['20x20']

/** @type {NonNullable<import('../harness/contracts.mjs').Trial['toTable']>} */
export const toTable = figures => tabulateBesidePython(figures)

/** @type {NonNullable<import('../harness/contracts.mjs').Trial['judge']>} */
export function judge(figures) {
  return [
    judgeRatios(figures, {
      bar: "20 producers and 20 consumers: at least 10 times Python's",
      least: 10,
      pairs: { '20x20': '20x20', '20x20-bounded': '20x20-bounded' },
    }),
  ]
}

/** @type {import('../harness/contracts.mjs').Trial['measure']} */
export async function measure(driver, { quick }) {
  const count = quick ? 10_000 : driver.runProgram ? 200_000 : 1_000_000
  // As many again before the clock starts: forty processes compile the same code on a few processors, each for itself.
  const all = { warmUp: quick ? 2_000 : count, count }
  if (driver.runProgram) return driver.runProgram('queue_many.py', { ...all, crowds, maxSizes })
  const library = await import(/** @type {string} */ (driver.library))
  /** @type {Record<string, number>} */
  const values = {}
  for (const size of crowds) {
    for (const [bound, maxSize] of Object.entries(maxSizes))
      values[`${size}x${size}${bound}`] = await run(library, { size, maxSize, ...all })
  }
  return { values }
}

/**
 * @param {any} library
 * @param {{ size: number, maxSize: number, warmUp: number, count: number }} sizes
 */
async function run(library, { size, maxSize, warmUp, count }) {
  const queue = new library.Queue({ maxSize })
  const crowd = { queue, start: new library.Barrier(2 * size), warmUp: warmUp / size, count: count / size }
  const producing = runTeam(library, produce, Array(size).fill([crowd]))
  const lines = await runTeam(library, consume, Array(size).fill([crowd]))
  await producing
  queue.close()
  const each = count / size
  const expected = (size * each * (each - 1)) / 2
  const sum = lines.reduce((total, [, part = Number.NaN]) => total + part, 0)
  if (sum !== expected) throw new Error(`Expected the items to add up to ${expected}, got ${sum}`)
  return (count * 1_000) / Math.max(...lines.map(([time = Number.NaN]) => time))
}
