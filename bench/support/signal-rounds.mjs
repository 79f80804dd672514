/** Rounds of signals between two processes of ours: by events and by a condition, in both forms. */

import { echoCondition, echoConditionSync, echoEvent, echoEventSync } from '../programs/ping-pong.mjs'
import { timeRoundTrips, timeRoundTripsSync } from './round-trips.mjs'

/** @typedef {import('../harness/contracts.mjs').RoundTripCounts} RoundTripCounts */
/** @typedef {import('../programs/ping-pong.mjs').Court} Court */

/**
 * Each resolves with the microseconds of every round.
 * @type {Record<string, (library: any, counts: RoundTripCounts) => Promise<Float64Array>>}
 */
export const signalRounds = {
  'event-blocking': (library, counts) =>
    withEcho(library, echoEventSync, counts, async ({ there, back }) =>
      timeRoundTripsSync(ball => {
        there.set()
        back.waitSync()
        back.clear()
        return ball
      }, counts),
    ),
  'event-promise': (library, counts) =>
    withEcho(library, echoEvent, counts, ({ there, back }) =>
      timeRoundTrips(async ball => {
        there.set()
        await back.wait()
        back.clear()
        return ball
      }, counts),
    ),
  'condition-blocking': (library, counts) =>
    withEcho(library, echoConditionSync, counts, async ({ back, condition }) => {
      back.waitSync()
      condition.acquireSync()
      const times = timeRoundTripsSync(ball => {
        condition.notify()
        condition.waitSync()
        return ball
      }, counts)
      condition.release()
      return times
    }),
  'condition-promise': (library, counts) =>
    withEcho(library, echoCondition, counts, async ({ back, condition }) => {
      await back.wait()
      await condition.acquire()
      const times = await timeRoundTrips(async ball => {
        condition.notify()
        await condition.wait()
        return ball
      }, counts)
      condition.release()
      return times
    }),
}

/**
 * @param {any} library
 * @param {(court: Court) => unknown} echo
 * @param {RoundTripCounts} counts
 * @param {(court: Court) => Promise<Float64Array>} play
 */
async function withEcho({ Condition, Event, Process }, echo, { warmUp, rounds }, play) {
  const court = { there: new Event(), back: new Event(), condition: new Condition(), rounds: warmUp + rounds }
  const child = new Process({ target: echo, args: [court] })
  await child.start()
  const times = await play(court)
  await child.join()
  if (child.exitCode !== 0) throw new Error(`The other side ended with exit code ${child.exitCode}`)
  return times
}
