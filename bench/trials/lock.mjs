/** A lock that nobody else wants: what it costs to take and give back, and to have many. */

import { besidePython, judgeLimit, judgeRatios, metricsIn, tabulateBesidePython } from '../support/beside-python.mjs'
import { clockByTurns } from '../support/clock-loops.mjs'
import { clockCreation } from '../support/lock-creation.mjs'
import { bareAwait, barePair, lockLoops, rlockLoops } from '../support/lock-loops.mjs'

export const title = 'taking and giving back a lock that nobody else wants; creating many'

export const drivers = besidePython

const kinds = ['', 'rlock-']

export const metrics = metricsIn({
  ns: {
    better: 'lower',
    names: [
      ...kinds.flatMap(kind => [`${kind}acquire-release`, `${kind}with`, `${kind}with-run`, `${kind}with-hold`]),
      'atomics-pair',
      'await-acquire',
      'await-run',
      'rlock-await-run',
      'await-resolved',
    ],
  },
  µs: { better: 'lower', names: ['create-each'] },
  ms: { better: 'lower', names: ['create-time'] },
  MB: { better: 'lower', names: ['create-memory'] },
  bytes: { better: 'lower', names: ['memory-each'] },
})

export const headlines = ['acquire-release']

const withForms = /** @type {const} */ ({ 'with-run': 'with', 'with-hold': 'with' })

/** @type {NonNullable<import('../harness/contracts.mjs').Trial['toTable']>} */
export const toTable = figures =>
  tabulateBesidePython(figures, { ...withForms, 'rlock-with-run': 'rlock-with', 'rlock-with-hold': 'rlock-with' })

/** @type {NonNullable<import('../harness/contracts.mjs').Trial['judge']>} */
export function judge(figures) {
  return [
    judgeRatios(figures, {
      bar: 'taking and giving back, blocking: at least 3 times as fast as Python',
      least: 3,
      pairs: { 'acquire-release': 'acquire-release' },
    }),
    judgeRatios(figures, {
      bar: "Python's `with lock`: at least 3 times as fast, by runSync() and by holdSync()",
      least: 3,
      pairs: withForms,
    }),
    judgeRatios(figures, {
      bar: 'await acquire() and release(): at most twice the await of a resolved promise',
      least: 0.5,
      pairs: { 'await-acquire': 'await-resolved' },
      driver: 'ours',
    }),
    judgeLimit(figures, { bar: 'creating 100,000 locks: less than 1,000 ms', below: 1_000, metric: 'create-time' }),
    judgeLimit(figures, { bar: '100,000 locks: less than 20 MB', below: 20, metric: 'create-memory' }),
  ]
}

/** @type {import('../harness/contracts.mjs').Trial['measure']} */
export async function measure(driver, { quick }) {
  const sizes = quick
    ? { batch: 2_000, batches: 3, warmUps: 3, locks: 100_000, pythonLocks: 2_000 }
    : { batch: 50_000, batches: 21, warmUps: 5, locks: 100_000, pythonLocks: 20_000 }
  if (driver.runProgram) return driver.runProgram('lock.py', sizes)
  const library = await import(/** @type {string} */ (driver.library))
  const creation = await clockCreation(library, sizes.locks)
  const times = await clockByTurns(
    {
      ...lockLoops(new library.Lock()),
      ...rlockLoops(new library.RLock()),
      'atomics-pair': barePair(),
      'await-resolved': bareAwait(),
    },
    sizes,
  )
  return { values: { ...times, ...creation } }
}
