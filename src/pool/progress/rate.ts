// How fast items come, smoothed: an average of what came lately, in which an age of `SPAN` weighs e times less. It is divided by the sum
// of its weights, so that it is right from the first item on and not only after a while (the bias correction of Adam, Kingma and Ba).
//
// Items come in chunks, with nothing in between. So the rate is taken from one change to the next, and time without one only
// counts down what remains.

/** ms. */
const SHORTEST_SPAN = 5000
/** A slow task list is looked at for longer. */
const SPAN_OF_ELAPSED = 1 / 3

export class Rate {
  #count = 0
  #changedAt = 0
  #rate = 0
  #weight = 0

  /** `count` of them are there, `elapsed` ms after the beginning. */
  update(count: number, elapsed: number): void {
    const gap = elapsed - this.#changedAt
    if (count === this.#count || gap <= 0) return
    const kept = Math.exp(-gap / Math.max(SHORTEST_SPAN, elapsed * SPAN_OF_ELAPSED))
    this.#rate = this.#rate * kept + ((count - this.#count) / gap) * (1 - kept)
    this.#weight = this.#weight * kept + (1 - kept)
    this.#count = count
    this.#changedAt = elapsed
  }

  /** Items a ms; undefined before the first. */
  get perMillisecond(): number | undefined {
    return this.#weight === 0 ? undefined : this.#rate / this.#weight
  }

  /** ms until there are `total`; undefined before the first. */
  remaining(total: number, elapsed: number): number | undefined {
    const rate = this.perMillisecond
    if (rate === undefined) return undefined
    const left = total - this.#count
    if (left <= 0) return 0
    const estimate = left / rate - (elapsed - this.#changedAt)
    // When the time has run out without an item, it is slower than it was: the average of all the time says by how much.
    return estimate > 0 ? estimate : (left * elapsed) / this.#count
  }
}
