/** Ping-pong: a small integer to another process and back, by a call that blocks and by one that is awaited. */

import { median, quantile } from '../harness/statistics.mjs'

export const title = 'a round trip of a small integer between two processes (worker-threads: two threads)'

export const metrics = /** @type {const} */ ({
  blocking: { unit: 'µs', better: 'lower' },
  'blocking-p99': { unit: 'µs', better: 'lower' },
  promise: { unit: 'µs', better: 'lower' },
  'promise-p99': { unit: 'µs', better: 'lower' },
})

export const headlines = ['blocking', 'promise']

const forms = /** @type {const} */ (['blocking', 'promise'])

/** @type {import('../harness/contracts.mjs').Trial['measure']} */
export async function measure(driver, { quick }) {
  const counts = quick ? { warmUp: 50, rounds: 300 } : { warmUp: 1_000, rounds: 10_000 }
  if (driver.runProgram) return driver.runProgram('wait.py', counts)
  const roundTrips = (await driver.loadRoundTrips?.()) ?? {}
  /** @type {Record<string, number>} */
  const values = {}
  /** @type {Record<string, string>} */
  const unavailable = {}
  for (const form of forms) {
    const times = await roundTrips[form]?.(counts)
    if (times === undefined) unavailable[form] = driver.lacks?.[form] ?? driver.lacks?.wait ?? 'not offered'
    else Object.assign(values, { [form]: median(times), [`${form}-p99`]: quantile(times, 0.99) })
  }
  return { values, unavailable }
}
