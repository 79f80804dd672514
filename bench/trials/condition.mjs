/** From a signal of one process until the other one, which waited for it, goes on: half a round, there and back. */

import { median, quantile } from '../harness/statistics.mjs'
import { besidePython, judgeRatios, metricsIn, tabulateBesidePython } from '../support/beside-python.mjs'
import { signalRounds } from '../support/signal-rounds.mjs'

export const title = 'from set() or notify() in one process until the waiter in another one runs: half a round trip'

export const drivers = besidePython

const names = Object.keys(signalRounds)

export const metrics = metricsIn({ µs: { better: 'lower', names: names.flatMap(name => [name, `${name}-p99`]) } })

export const headlines = ['event-blocking']

/** Python has no promises: beside them stands what it has. */
const counterparts = Object.fromEntries(
  names.flatMap(name => ['', '-p99'].map(part => [`${name}${part}`, `${name.replace('promise', 'blocking')}${part}`])),
)

/** @type {NonNullable<import('../harness/contracts.mjs').Trial['toTable']>} */
export const toTable = figures => tabulateBesidePython(figures, counterparts)

/** @type {NonNullable<import('../harness/contracts.mjs').Trial['judge']>} */
export function judge(figures) {
  return names.map(name =>
    judgeRatios(figures, {
      bar: `${name.replace('-', ', ')}: no slower than Python's, which blocks`,
      least: 1,
      pairs: { [name]: counterparts[name] ?? name },
    }),
  )
}

/** @type {import('../harness/contracts.mjs').Trial['measure']} */
export async function measure(driver, { quick }) {
  const counts = quick ? { warmUp: 50, rounds: 300 } : { warmUp: 1_000, rounds: 10_000 }
  if (driver.runProgram) return driver.runProgram('condition.py', counts)
  const library = await import(/** @type {string} */ (driver.library))
  /** @type {Record<string, number>} */
  const values = {}
  for (const [name, rounds] of Object.entries(signalRounds)) {
    const times = (await rounds(library, counts)).map(time => time / 2)
    Object.assign(values, { [name]: median(times), [`${name}-p99`]: quantile(times, 0.99) })
  }
  return { values }
}
