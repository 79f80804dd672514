/** Ten thousand promises wait in one process, each on a word of its own, and another process wakes them all. */

export const title = '10,000 promise waits pending in one process, then woken by another'

export const metrics = /** @type {const} */ ({
  'loop-delay': { unit: 'ms', better: 'lower' },
  'all-woken': { unit: 'ms', better: 'lower' },
  'extra-threads': { unit: 'threads', better: 'lower' },
})

export const headlines = ['loop-delay']

/** @type {import('../harness/contracts.mjs').Trial['measure']} */
export async function measure(driver, { quick }) {
  const manyWaits = (await driver.loadRoundTrips?.())?.manyWaits
  if (manyWaits === undefined)
    return { values: {}, unavailable: { 'loop-delay': 'has nothing in shared memory that a promise can wait on' } }
  return { values: await manyWaits(quick ? 1_000 : 10_000) }
}
