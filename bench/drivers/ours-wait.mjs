/**
 * Two words in shared memory that two processes wait on by turns. Locks and queues stand on these words, which the package does not
 * export yet; so this one trial takes them from the unbundled build that the tests use.
 */

import { existsSync, readdirSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { timeRoundTrips, timeRoundTripsSync } from '../support/round-trips.mjs'

const build = new URL('../../build/src/', import.meta.url)
if (!existsSync(build)) throw new Error('build/ does not exist: run `npm run build` first')
const { Process } = await import(new URL('process/process.js', build).href)
const { WaitWord } = await import(new URL('sync/waiting/wait-word.js', build).href)
const { echo, echoSync, setAll } = await import('../programs/wait-echo.mjs')

/** The value of a word before the first ball, and what tells the other side to stop: no ball of the trial. */
const nothing = -1_000_000_000
const stop = 1_000_000_000

/** @type {import('../harness/contracts.mjs').RoundTrips} */
export function blocking(counts) {
  return withEcho(echoSync, async (there, back) => {
    let last = nothing
    return timeRoundTripsSync(ball => {
      there.set(ball)
      back.waitSync(last)
      last = ball
      return back.value
    }, counts)
  })
}

/** @type {import('../harness/contracts.mjs').RoundTrips} */
export function promise(counts) {
  return withEcho(echo, (there, back) => {
    let last = nothing
    return timeRoundTrips(async ball => {
      there.set(ball)
      await back.wait(last)
      last = ball
      return back.value
    }, counts)
  })
}

/**
 * @param {(there: number, back: number, stop: number) => unknown} echoFunction
 * @param {(there: any, back: any) => Promise<Float64Array>} play
 */
async function withEcho(echoFunction, play) {
  const [there, back] = [WaitWord.create(), WaitWord.create()]
  there.set(nothing)
  back.set(nothing)
  const child = new Process({ target: echoFunction, args: [there.reference, back.reference, stop] })
  await child.start()
  try {
    return await play(there, back)
  } finally {
    there.set(stop)
    await child.join()
  }
}

/**
 * As many waits as `count`, each on a word of its own, all woken by one other process.
 * @param {number} count
 */
export async function manyWaits(count) {
  const words = Array.from({ length: count }, () => WaitWord.create())
  const threads = readdirSync('/proc/self/task').length
  const waits = words.map(word => word.wait(0))
  const waker = new Process({ target: setAll, args: [words.map(word => word.reference)] })
  // The child reports that it is about to begin by the first word; until then nothing is woken.
  const delays = monitorEventLoopDelay({ resolution: 1 })
  await waker.start()
  await waits[0]
  const extraThreads = readdirSync('/proc/self/task').length - threads
  delays.enable()
  const start = performance.now()
  await Promise.all(waits)
  const time = performance.now() - start
  // One more turn, so that the delay of the last one is counted.
  await new Promise(resolve => setTimeout(resolve, 5))
  delays.disable()
  await waker.join()
  // The histogram counts the interval between two of its ticks, of which 1 ms is the timer's own.
  return { 'loop-delay': delays.max / 1e6, 'all-woken': time, 'extra-threads': extraThreads }
}
