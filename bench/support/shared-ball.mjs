/** Two words of shared memory for the ping-pong of threads: whoever changes one wakes who sleeps on it. */

export const ping = 0
export const pong = 1
/** No round has this number: it ends the game. */
export const stopBall = -0x80000000

/** The side that serves. */
export class SharedBall {
  shared = new SharedArrayBuffer(8)
  #words = new Int32Array(this.shared)

  /** @param {number} ball any number but the last one, and not 0 the first time */
  roundTrip(ball) {
    const before = Atomics.load(this.#words, pong)
    Atomics.store(this.#words, ping, ball)
    Atomics.notify(this.#words, ping)
    return waitForChange(this.#words, pong, before)
  }

  stop() {
    Atomics.store(this.#words, ping, stopBall)
    Atomics.notify(this.#words, ping)
  }
}

/**
 * A notification may be late: meant for a change that was seen without sleeping, it wakes the next sleep. Hence the loop.
 * @param {Int32Array} words
 * @param {number} index
 * @param {number} before
 */
export function waitForChange(words, index, before) {
  while (Atomics.load(words, index) === before) Atomics.wait(words, index, before)
  return Atomics.load(words, index)
}
