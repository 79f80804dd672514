/** How `function-send` clocks: one metric after the other, each of which the library may refuse. */

import { median } from '../harness/statistics.mjs'

/** @typedef {import('../harness/contracts.mjs').FunctionSending} FunctionSending */
/** @typedef {import('../harness/contracts.mjs').AnyFunction} AnyFunction */
/** @typedef {Record<string, number | { reason: string }>} Results */

/**
 * Each measurement by itself: what the library says it cannot send has a reason in place of a figure.
 * @param {Record<string, () => number | Promise<number>>} measurements
 */
export async function clockEach(measurements) {
  /** @type {Results} */
  const results = {}
  for (const [name, clock] of Object.entries(measurements)) results[name] = await unlessRefused(clock)
  return results
}

/** @param {() => number | Promise<number>} clock */
async function unlessRefused(clock) {
  try {
    return await clock()
  } catch (error) {
    if (error instanceof Error && error.name === 'NotSerializableError') return { reason: error.message }
    throw error
  }
}

/**
 * Milliseconds of a definition that is held and let go.
 * @param {FunctionSending} sending
 * @param {AnyFunction} fn
 */
export function clockDefinition(sending, fn) {
  const start = performance.now()
  sending.define(fn).letGo()
  return performance.now() - start
}

/**
 * The median of so many definitions, each of a function of its own, in milliseconds.
 * @param {FunctionSending} sending
 * @param {AnyFunction[]} functions
 */
export function medianDefinition(sending, functions) {
  return median(functions.map(fn => clockDefinition(sending, fn)))
}

/**
 * Milliseconds of something too short to be clocked once.
 * @param {() => void} work
 * @param {{ batch: number, batches: number }} sizes
 */
export function medianOfBatches(work, { batch, batches }) {
  const times = []
  for (let count = 0; count < batches; count += 1) {
    const start = performance.now()
    for (let round = 0; round < batch; round += 1) work()
    times.push((performance.now() - start) / batch)
  }
  return median(times)
}

/** @param {number} length @param {(index: number) => AnyFunction} make */
export function functionsOf(length, make) {
  return Array.from({ length }, (_, index) => make(index))
}
