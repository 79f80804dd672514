/** Several processes want one lock all the time: how often it changes hands, and who gets it. */

import { contend, contendSync } from '../programs/contend.mjs'
import { besidePython, judgeRatios, metricsIn, tabulateBesidePython } from '../support/beside-python.mjs'
import { runTeam } from '../support/team.mjs'

export const title = 'processes that take one lock, add 1 to a shared counter and give it back, for a fixed time'

export const drivers = besidePython

const crowds = [2, 4, 16]
const promiseCrowds = [4]

/** `fairness`: the largest share of the operations as a multiple of the smallest one. */
export const metrics = metricsIn({
  'ops/s': { better: 'higher', names: [...crowds.map(size => `total-${size}`), ...promiseCrowds.map(size => `promise-total-${size}`)] },
  times: { better: 'lower', names: [...crowds.map(size => `fairness-${size}`), ...promiseCrowds.map(size => `promise-fairness-${size}`)] },
})

export const headlines = ['total-4']

const inPromiseForm = Object.fromEntries(
  promiseCrowds.flatMap(size => ['total', 'fairness'].map(metric => [`promise-${metric}-${size}`, `${metric}-${size}`])),
)

/** @type {NonNullable<import('../harness/contracts.mjs').Trial['toTable']>} */
export const toTable = figures => tabulateBesidePython(figures, inPromiseForm)

/** @type {NonNullable<import('../harness/contracts.mjs').Trial['judge']>} */
export function judge(figures) {
  return crowds.map(size =>
    judgeRatios(figures, {
      bar: `${size} processes that want one lock, blocking: at least as many operations as in Python`,
      least: 1,
      pairs: { [`total-${size}`]: `total-${size}` },
    }),
  )
}

/** @type {import('../harness/contracts.mjs').Trial['measure']} */
export async function measure(driver, { quick }) {
  const times = quick ? { warmUp: 20, time: 100 } : { warmUp: 500, time: 2_000 }
  if (driver.runProgram) return driver.runProgram('lock_contended.py', { ...times, crowds })
  const library = await import(/** @type {string} */ (driver.library))
  /** @type {Record<string, number>} */
  const values = {}
  for (const size of crowds) Object.assign(values, await holdContest(library, contendSync, { prefix: '', size, ...times }))
  for (const size of promiseCrowds) Object.assign(values, await holdContest(library, contend, { prefix: 'promise-', size, ...times }))
  return { values }
}

/**
 * @param {any} library
 * @param {typeof contend | typeof contendSync} target
 * @param {{ prefix: string, size: number, warmUp: number, time: number }} sizes `warmUp` and `time` in milliseconds
 */
async function holdContest(library, target, { prefix, size, ...times }) {
  const contest = { lock: new library.Lock(), counter: new library.RawArray('i32', 1), start: new library.Barrier(size), ...times }
  const members = Array.from({ length: size }, () => [contest])
  const lines = await runTeam(library, target, members)
  const expected = lines.reduce((all, [count = 0, , unclocked = 0]) => all + count + unclocked, 0)
  if (contest.counter[0] !== expected) {
    throw new Error(`Expected the counter to be ${expected}, got ${contest.counter[0]}`)
  }
  const counts = lines.map(([count = 0]) => count)
  const rate = lines.reduce((all, [count = 0, spent = Number.NaN]) => all + (count * 1_000) / spent, 0)
  return { [`${prefix}total-${size}`]: rate, [`${prefix}fairness-${size}`]: Math.max(...counts) / Math.min(...counts) }
}
