/** From starting a process to the first line of its code; and what a forked child takes: memory, and speed. */

import { loadDriver } from '../harness/registry.mjs'
import { loads, methodsOf, partsOf, runPart } from '../support/process-start-plan.mjs'
import { judgeStarts, tabulateStarts } from '../support/process-start-report.mjs'

/** @typedef {import('../support/process-start-plan.mjs').DriverName} DriverName */

export const title = 'from start() to the first line in the child, per start method; memory and speed of children'

export const drivers = /** @type {DriverName[]} */ (Object.keys(methodsOf))

const methods = methodsOf.ours

/** @type {Record<string, string[]>} */
const units = {
  ms: methods.flatMap(method => [...loads.flatMap(load => [`${method}-${load}`, `${method}-${load}-p99`]), `${method}-first`]),
  MB: [...methods.map(method => `${method}-private`), 'fork-read-dirty', 'fork-read-used'],
  times: ['speed-numeric', 'speed-allocating', 'speed-json'].flatMap(name => [name, `${name}-first`]),
}

export const metrics = Object.fromEntries(
  Object.entries(units).flatMap(([unit, names]) => names.map(name => [name, { unit, better: /** @type {const} */ ('lower') }])),
)

export const headlines = ['fork-idle', 'spawn-idle', 'thread-idle']

export const toTable = tabulateStarts

export const judge = judgeStarts

/** @type {import('../harness/contracts.mjs').Trial['measure']} */
export async function measure(driver, { quick }) {
  /** @type {Record<string, number>} */
  const values = {}
  /** @type {Record<string, string>} */
  const unavailable = {}
  for (const part of partsOf(await nameOf(driver), quick)) {
    const measured = await runPart(part)
    Object.assign(values, measured.values)
    Object.assign(unavailable, measured.unavailable)
  }
  return { values, unavailable }
}

/** Here the driver is not asked to do anything: the parts run in parents of their own, which are told who they measure. */
async function nameOf(/** @type {import('../harness/contracts.mjs').Driver} */ driver) {
  for (const name of drivers) if ((await loadDriver(name)) === driver) return name
  throw new Error('Expected one of the drivers of this trial')
}
