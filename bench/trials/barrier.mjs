/** How often several processes get past a barrier where all wait for all. */

import { median } from '../harness/statistics.mjs'
import { pass, passSync } from '../programs/pass-barrier.mjs'
import { besidePython, metricsIn, tabulateBesidePython } from '../support/beside-python.mjs'
import { runTeam } from '../support/team.mjs'

export const title = 'processes that pass one barrier again and again, none doing anything in between'

export const drivers = besidePython

const parties = [2, 4, 8]
const forms = /** @type {const} */ ({ blocking: passSync, promise: pass })

export const metrics = metricsIn({
  'passes/s': { better: 'higher', names: Object.keys(forms).flatMap(form => parties.map(size => `${form}-${size}`)) },
})

export const headlines = ['blocking-4']

/** Python has no promises: beside them stands what it has. */
const counterparts = Object.fromEntries(Object.keys(forms).flatMap(form => parties.map(size => [`${form}-${size}`, `blocking-${size}`])))

/** @type {NonNullable<import('../harness/contracts.mjs').Trial['toTable']>} */
export const toTable = figures => tabulateBesidePython(figures, counterparts)

/** @type {import('../harness/contracts.mjs').Trial['measure']} */
export async function measure(driver, { quick }) {
  const counts = quick ? { warmUp: 20, passes: 100 } : { warmUp: 200, passes: 3_000 }
  if (driver.runProgram) return driver.runProgram('barrier.py', { ...counts, parties })
  const library = await import(/** @type {string} */ (driver.library))
  /** @type {Record<string, number>} */
  const values = {}
  for (const [form, target] of Object.entries(forms)) {
    for (const size of parties) {
      const course = { barrier: new library.Barrier(size), ...counts }
      const members = Array.from({ length: size }, () => [course])
      const lines = await runTeam(library, target, members)
      values[`${form}-${size}`] = (counts.passes * 1_000) / median(lines.map(([time = Number.NaN]) => time))
    }
  }
  return { values }
}
