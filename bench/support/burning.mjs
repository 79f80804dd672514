/** Arithmetic of a known duration, and what the cores can do of it when nothing else is asked of them. */

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { median } from '../harness/statistics.mjs'
import { burn } from './tasks.mjs'

const program = fileURLToPath(new URL('../programs/burn-main.mjs', import.meta.url))

/** Not a time to spin for: a worker that waits for its core would seem to be working. */
export function loopsOfMillisecond() {
  const trial = 1_000_000
  const times = Array.from({ length: 30 }, () => clockBurn(trial))
  return Math.round(trial / median(times.slice(10)))
}

/** @param {number} loops */
function clockBurn(loops) {
  const start = performance.now()
  burn(loops)
  return performance.now() - start
}

/**
 * Calls per second of all of so many processes that do nothing else, at the same time.
 * @param {number} count
 * @param {number} loops
 * @param {number} calls of each
 */
export async function clockBareProcesses(count, loops, calls) {
  const children = Array.from({ length: count }, () => fork(program, [String(loops), String(calls)]))
  await Promise.all(children.map(child => once(child, 'message')))
  const times = await Promise.all(
    children.map(async child => {
      const exit = once(child, 'exit')
      child.send('go')
      const [time] = await once(child, 'message')
      await exit
      return Number(time)
    }),
  )
  return times.reduce((rate, time) => rate + (calls * 1000) / time, 0)
}
