/** Numbers, arrays and structs in shared memory, used by one process: what it costs to be able to share them. */

import { besidePython, judgeRatios, metricsIn, tabulateBesidePython } from '../support/beside-python.mjs'
import { clockByTurns } from '../support/clock-loops.mjs'
import { clockSums } from '../support/shared-sum.mjs'
import { numberLoops, structLoops } from '../support/value-loops.mjs'

export const title = 'shared numbers, arrays and structs, used by one process'

export const drivers = besidePython

export const metrics = metricsIn({
  ns: {
    better: 'lower',
    names: ['increment', 'increment-run', 'increment-acquire', 'increment-add', 'raw-increment', 'struct-read', 'struct-write'],
  },
  ms: { better: 'lower', names: ['sum-shared', 'sum-plain', 'struct-create'] },
})

export const headlines = ['increment-run', 'increment']

const lockedForms = /** @type {const} */ ({ 'increment-run': 'increment', 'increment-acquire': 'increment' })

/** @type {NonNullable<import('../harness/contracts.mjs').Trial['toTable']>} */
export const toTable = figures => tabulateBesidePython(figures, { ...lockedForms, 'increment-add': 'increment' })

/** @type {NonNullable<import('../harness/contracts.mjs').Trial['judge']>} */
export function judge(figures) {
  return [
    judgeRatios(figures, {
      bar: 'adding 1 with the lock held: at least 10 times as fast as Python, by runSync() and by acquireSync()',
      least: 10,
      pairs: lockedForms,
    }),
    judgeRatios(figures, {
      bar: 'the sum of a SharedArray: at most 5 % longer than that of a Float64Array',
      least: 1 / 1.05,
      pairs: { 'sum-shared': 'sum-plain' },
      driver: 'ours',
    }),
  ]
}

/** @type {import('../harness/contracts.mjs').Trial['measure']} */
export async function measure(driver, { quick }) {
  const sizes = quick
    ? { batch: 2_000, batches: 3, warmUps: 3, length: 1_000_000, sums: 3, points: 10_000 }
    : { batch: 50_000, batches: 21, warmUps: 5, length: 10_000_000, sums: 21, points: 100_000 }
  if (driver.runProgram) return driver.runProgram('value.py', sizes)
  const library = await import(/** @type {string} */ (driver.library))
  const sums = clockSums(library, sizes)
  const { points, time } = createPoints(library, sizes.points)
  const times = await clockByTurns({ ...numberLoops(library), ...structLoops(points) }, sizes)
  return { values: { ...times, ...sums, 'struct-create': time } }
}

/**
 * An array of structs, from values that are there.
 * @param {any} library
 * @param {number} count
 */
function createPoints({ RawArray, defineStruct }, count) {
  const Point = defineStruct({ x: 'f64', y: 'f64' })
  const items = Array.from({ length: count }, (_, index) => ({ x: index, y: -index }))
  const start = performance.now()
  const points = new RawArray(Point, items)
  return { points, time: performance.now() - start }
}
