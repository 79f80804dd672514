/** Starts processes one after the other; the clock runs from just before each start to the child's own first line. */

import { setImmediate as turn } from 'node:timers/promises'
import { quantile } from '../harness/statistics.mjs'
import { bearLoad } from './process-start-loads.mjs'
import { withRecord } from './process-start-record.mjs'
import { openStarter } from './process-start-starters.mjs'

/**
 * Both processes read the same clock: `hrtime` is the system's CLOCK_MONOTONIC.
 * @param {import('./process-start-plan.mjs').Part} part
 * @returns {Promise<import('../harness/contracts.mjs').Measurement>}
 */
export async function clockStarts(part) {
  const { method, load, starts } = part
  const starter = await openStarter(part)
  if (starter === null) return { values: {}, unavailable: { [`${method}-${load}`]: 'this start method does not work here' } }
  const drop = await bearLoad(part)
  const [first = Number.NaN, ...times] = await withRecord(record => clockEach(starter, record, starts + 1))
  drop()
  return {
    values: {
      [`${method}-${load}`]: quantile(times, 0.5),
      [`${method}-${load}-p99`]: quantile(times, 0.99),
      ...(load === 'idle' ? { [`${method}-first`]: first } : {}),
    },
  }
}

/**
 * @param {import('./process-start-starters.mjs').Starter} starter
 * @param {import('./process-start-record.mjs').Record} record
 * @param {number} count
 */
async function clockEach(starter, record, count) {
  /** @type {bigint[]} */
  const begins = []
  for (let index = 0; index < count; index += 1) {
    // What the end of the last one left to do is not part of this start.
    await turn()
    const child = starter(record.path, 'end')
    begins.push(process.hrtime.bigint())
    child.start()
    await child.ended()
  }
  const lines = record.lines()
  if (lines.length !== count) throw new Error(`Expected a line of each of ${count} children, got ${lines.length}`)
  return lines.map(([time = ''], index) => Number(BigInt(time) - (begins[index] ?? 0n)) / 1e6)
}
