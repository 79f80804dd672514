/** The clock of what takes nanoseconds: loops of many rounds, by turns, so that whatever else the machine does meets all of them. */

import { median } from '../harness/statistics.mjs'

/**
 * The loop itself is the driver's, not a function called for each round: that call would be a good part of the figure.
 * @typedef {(rounds: number) => unknown} Loop
 */

/**
 * @typedef {object} LoopSizes
 * @property {number} batch rounds of a batch
 * @property {number} batches
 * @property {number} warmUps unclocked batches before
 */

/**
 * Nanoseconds of a round of each loop: the median of its batches.
 * @param {Record<string, Loop>} loops a loop may return a promise
 * @param {LoopSizes} sizes
 */
export async function clockByTurns(loops, { batch, batches, warmUps }) {
  const clocked = Object.entries(loops).map(([name, loop]) => ({ name, loop, times: /** @type {number[]} */ ([]) }))
  for (let turn = -warmUps; turn < batches; turn += 1) {
    for (const { loop, times } of clocked) {
      const start = performance.now()
      const end = loop(batch)
      if (end instanceof Promise) await end
      const time = performance.now() - start
      if (turn >= 0) times.push((time * 1e6) / batch)
    }
  }
  return Object.fromEntries(clocked.map(({ name, times }) => [name, median(times)]))
}
