/** What it costs to send a function: in the process that sends it, in the worker that builds it, and both with the call. */

import { awaitsBefore, awaitsAfter, firstCapture, knownFunctions, knownSites, newSites } from '../support/sending-parts.mjs'
import { builds, calls } from '../support/sending-pool-parts.mjs'
import { judgeSending, tabulateSending } from '../support/sending-report.mjs'

export const title = 'a function sent to a worker: by reference where it is exported, by value where it is not'

export const drivers = ['ours', 'python']

const units = {
  µs: [
    'known-reference',
    'known-closure',
    'same-captures',
    'other-number',
    'other-object',
    'other-10kb',
    'payload-object',
    'payload-10kb',
    'build-reference',
    'build-first',
    'build-known',
    'build-other-number',
    'build-other-10kb',
    'build-new-site',
    'call-reference',
    'call-closure',
    'call-other-number',
    'call-new-site',
    'pickle-dumps',
    'pickle-loads',
  ],
  ms: [
    'first-capture',
    'new-site',
    'new-site-same-file',
    'new-site-long-file',
    'new-site-long-file-first',
    'awaits-before',
    'awaits-after',
  ],
  times: ['awaits-slowdown'],
}

export const metrics = Object.fromEntries(
  Object.entries(units).flatMap(([unit, names]) => names.map(name => [name, { unit, better: /** @type {const} */ ('lower') }])),
)

export const headlines = ['known-closure', 'known-reference']

export const toTable = tabulateSending

export const judge = judgeSending

/** In this order: the first capture is the process's first, and the awaits enclose the captures. */
const parts = [awaitsBefore, firstCapture, knownFunctions, knownSites, newSites, awaitsAfter, builds, calls]

const sizesOf = (/** @type {boolean} */ quick) =>
  quick
    ? { awaits: 200_000, batch: 200, batches: 3, sites: 20, modules: 4, longModules: 1, builds: 10, calls: 30 }
    : { awaits: 4_000_000, batch: 2_000, batches: 21, sites: 300, modules: 30, longModules: 3, builds: 50, calls: 500 }

/** @typedef {ReturnType<typeof sizesOf>} Sizes */

/** @type {import('../harness/contracts.mjs').Trial['measure']} */
export async function measure(driver, { quick }) {
  const sizes = sizesOf(quick)
  if (driver.runProgram) return driver.runProgram('function_send.py', sizes)
  if (!driver.loadFunctionSending) return { values: {}, unavailable: { 'known-closure': 'sends no functions' } }
  const sending = await driver.loadFunctionSending()
  /** @type {Record<string, number>} */
  const values = {}
  /** @type {Record<string, string>} */
  const unavailable = {}
  for (const part of parts) {
    const results = await part(sending, sizes)
    for (const [name, result] of Object.entries(results)) {
      if (typeof result === 'number') values[name] = result
      else unavailable[name] = result.reason
    }
  }
  const { 'awaits-before': before = Number.NaN, 'awaits-after': after = Number.NaN } = values
  return { values: { ...values, 'awaits-slowdown': after / before }, unavailable }
}
