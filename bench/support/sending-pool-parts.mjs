/** The worker's side of `function-send`, and a whole call: there, run, and back. */

import { median } from '../harness/statistics.mjs'
import { largeObject, makeWithNumber, makeWithObject } from './closures.mjs'
import { importGeneratedModules } from './generated-modules.mjs'
import { clockEach, functionsOf } from './sending-clock.mjs'
import { square } from './tasks.mjs'

/** @typedef {import('../harness/contracts.mjs').FunctionSending} FunctionSending */
/** @typedef {import('../harness/contracts.mjs').CallingPool} CallingPool */
/** @typedef {import('../harness/contracts.mjs').AnyFunction} AnyFunction */
/** @typedef {import('../trials/function-send.mjs').Sizes} Sizes */

/** No other part has captured these numbers. */
const unused = 1_000_000

/** What a worker does before it runs a function for the first time, and before the next times. @param {FunctionSending} sending @param {Sizes} sizes */
export function builds(sending, { builds: times, modules }) {
  return withPool(sending, async pool => {
    const build = async (/** @type {AnyFunction[]} */ functions) => {
      const definitions = functions.map(sending.define)
      try {
        return await pool.build(definitions.map(({ reference, generation }) => ({ reference, generation })))
      } finally {
        for (const definition of definitions) definition.letGo()
      }
    }
    const fresh = async (/** @type {AnyFunction[]} */ functions) => median((await build(functions)).fresh)
    const sites = await importGeneratedModules({ count: modules, lines: 100 })
    await build([square]) // The worker imports the module of the square and compiles what makes functions.
    return clockEach({
      'build-reference': () => fresh([square]),
      'build-first': () => fresh([makeWithNumber(unused)]),
      'build-known': async () => (await build([square])).known,
      'build-other-number': () => fresh(functionsOf(times, index => makeWithNumber(unused + index + 1))),
      'build-other-10kb': () => fresh(functionsOf(times, index => makeWithObject(largeObject(unused + index)))),
      'build-new-site': () => fresh(sites.map(functions => functions[0] ?? square)),
    })
  })
}

/** `await pool.apply(fn, [1])`, one after the other. @param {FunctionSending} sending @param {Sizes} sizes */
export function calls(sending, { calls: times, modules }) {
  return withPool(sending, async pool => {
    const closure = makeWithNumber(2 * unused)
    const sites = await importGeneratedModules({ count: modules, lines: 100 })
    await medianCall(
      pool,
      functionsOf(times, () => square),
    ) // Both sides are warm, whatever is called after.
    return clockEach({
      'call-reference': () =>
        medianCall(
          pool,
          functionsOf(times, () => square),
        ),
      'call-closure': () =>
        medianCall(
          pool,
          functionsOf(times, () => closure),
        ),
      'call-other-number': () =>
        medianCall(
          pool,
          functionsOf(times, index => makeWithNumber(2 * unused + index)),
        ),
      'call-new-site': () =>
        medianCall(
          pool,
          sites.map(functions => functions[0] ?? square),
        ),
    })
  })
}

/**
 * @template R
 * @param {FunctionSending} sending
 * @param {(pool: CallingPool) => Promise<R>} use
 */
async function withPool(sending, use) {
  const pool = sending.openPool()
  try {
    return await use(pool)
  } finally {
    await pool.close()
  }
}

/**
 * @param {CallingPool} pool
 * @param {AnyFunction[]} functions
 * @returns {Promise<number>} microseconds
 */
async function medianCall(pool, functions) {
  const times = []
  for (const fn of functions) {
    const start = performance.now()
    const result = await pool.call(fn, [1])
    times.push((performance.now() - start) * 1_000)
    if (result !== fn(1)) throw new Error(`Expected a worker to return ${fn(1)}, got ${result}`)
  }
  return median(times)
}
