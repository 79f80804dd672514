/** The clock of the ping-pong: one small integer there and back, again and again. */

/** @typedef {import('../harness/contracts.mjs').RoundTripCounts} RoundTripCounts */

/**
 * @param {(ball: number) => number} roundTrip blocks until the ball is back
 * @param {RoundTripCounts} counts
 * @returns {Float64Array} microseconds of each round
 */
export function timeRoundTripsSync(roundTrip, { warmUp, rounds }) {
  const times = new Float64Array(rounds)
  for (let round = -warmUp; round < rounds; round += 1) {
    const start = performance.now()
    const ball = roundTrip(round)
    const time = performance.now() - start
    checkBall(ball, round)
    if (round >= 0) times[round] = time * 1000
  }
  return times
}

/**
 * @param {(ball: number) => Promise<number>} roundTrip
 * @param {RoundTripCounts} counts
 * @returns {Promise<Float64Array>} microseconds of each round
 */
export async function timeRoundTrips(roundTrip, { warmUp, rounds }) {
  const times = new Float64Array(rounds)
  for (let round = -warmUp; round < rounds; round += 1) {
    const start = performance.now()
    const ball = await roundTrip(round)
    const time = performance.now() - start
    checkBall(ball, round)
    if (round >= 0) times[round] = time * 1000
  }
  return times
}

/**
 * @param {number} ball
 * @param {number} round
 */
function checkBall(ball, round) {
  if (ball !== round) throw new Error(`Expected ${round} to come back, got ${ball}`)
}
