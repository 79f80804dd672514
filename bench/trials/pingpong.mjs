/** Ping-pong over a Pipe: a small integer to another process and back. */

import { median, quantile } from '../harness/statistics.mjs'
import { echo, echoSync } from '../programs/pipe-ends.mjs'
import { judgeRatios, metricsIn, tabulateBesidePython } from '../support/beside-python.mjs'
import { listOthers } from '../support/beside-others.mjs'
import { timeRoundTrips, timeRoundTripsSync } from '../support/round-trips.mjs'

export const title =
  'a round trip of a small integer over a Pipe (child-process: its IPC; worker-threads: postMessage, or a word in memory that blocks)'

export const drivers = ['ours', 'python', 'child-process', 'worker-threads']

export const metrics = metricsIn({ µs: { better: 'lower', names: ['blocking', 'blocking-p99', 'promise', 'promise-p99'] } })

export const headlines = ['blocking', 'promise']

/** @type {NonNullable<import('../harness/contracts.mjs').Trial['toTable']>} */
export const toTable = figures =>
  [tabulateBesidePython(figures, { promise: 'blocking', 'promise-p99': 'blocking-p99' }), listOthers(figures)].join('\n')

/** @type {NonNullable<import('../harness/contracts.mjs').Trial['judge']>} */
export function judge(figures) {
  return [
    judgeRatios(figures, { bar: "blocking: faster than Python's Pipe", least: 1, pairs: { blocking: 'blocking' } }),
    judgeRatios(figures, {
      bar: 'promises: at least 2 times as fast as the IPC of child_process',
      least: 2,
      pairs: { promise: 'promise' },
      driver: 'child-process',
    }),
  ]
}

/** @type {import('../harness/contracts.mjs').Trial['measure']} */
export async function measure(driver, { quick }) {
  const counts = quick ? { warmUp: 50, rounds: 300 } : { warmUp: 2_000, rounds: 20_000 }
  if (driver.runProgram) return driver.runProgram('wait.py', counts)
  if (driver.library) return { values: await measureOurs(driver.library, counts) }
  const { promise } = (await driver.loadRoundTrips?.()) ?? {}
  const times = await promise?.(counts)
  return times === undefined ? { values: {}, unavailable: { promise: 'not offered' } } : { values: summarize('promise', times) }
}

/** @param {string} path @param {import('../harness/contracts.mjs').RoundTripCounts} counts */
async function measureOurs(path, counts) {
  const library = await import(path)
  const blocking = await withEcho(library, echoSync, async connection =>
    timeRoundTripsSync(ball => {
      connection.sendSync(ball)
      return connection.recvSync()
    }, counts),
  )
  const promise = await withEcho(library, echo, connection =>
    timeRoundTrips(async ball => {
      await connection.send(ball)
      return connection.recv()
    }, counts),
  )
  return { ...summarize('blocking', blocking), ...summarize('promise', promise) }
}

/**
 * @param {any} library
 * @param {typeof echo | typeof echoSync} target
 * @param {(connection: any) => Promise<Float64Array>} play
 */
async function withEcho({ Pipe, Process }, target, play) {
  const [here, there] = Pipe()
  const child = new Process({ target, args: [there] })
  await child.start()
  there.close()
  const times = await play(here)
  await here.send(null)
  await child.join()
  here.close()
  return times
}

/** @param {string} form @param {Float64Array} times */
function summarize(form, times) {
  return { [form]: median(times), [`${form}-p99`]: quantile(times, 0.99) }
}
