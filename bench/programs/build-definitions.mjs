/** Runs in a worker of ours: makes functions from their definitions as the worker does before their first task, and clocks it. */

import { openLibrary } from '../support/open-library.mjs'

const timesKnown = 1_000

/**
 * @param {import('../harness/contracts.mjs').Place[]} places
 * @returns {Promise<import('../harness/contracts.mjs').BuildTimes>}
 */
export async function buildDefinitions(places) {
  const { WorkerFunctions } = openLibrary()
  const functions = new WorkerFunctions()
  const fresh = []
  for (const { reference, generation } of places) {
    const start = performance.now()
    const made = functions.get(reference, generation)
    if (made instanceof Promise) await made
    fresh.push((performance.now() - start) * 1000)
  }
  return { fresh, known: clockKnown(functions, places) }
}

/**
 * @param {any} functions
 * @param {import('../harness/contracts.mjs').Place[]} places
 */
function clockKnown(functions, places) {
  const start = performance.now()
  for (let count = 0; count < timesKnown; count += 1) {
    for (const { reference, generation } of places) functions.get(reference, generation)
  }
  return ((performance.now() - start) * 1000) / (timesKnown * places.length)
}
