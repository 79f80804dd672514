// Whether a promise to receive should look a few times before it leaves the thread to the event loop. That saves a turn of it where the
// answer comes within microseconds, as in a conversation of two processes; where it does not, it keeps the event loop from its work for some
// 10 µs, and on a busy machine for as long as the others take. So it is done while it helps, and tried now and then while it does not.

const MOST = 8
/** So many calls do without, after the last looks were in vain. */
const PAUSE = 100
/** Milliseconds: who comes back later has let somebody run who had other things to do. */
const TOO_LONG = 0.1

export class Patience {
  #score = 1

  /** For a call that found nothing. Runs `look` if it is worth it; false: it did not help. */
  helps(look: () => boolean): boolean {
    if (this.#score <= 0) {
      this.#score += 1
      return false
    }
    const start = performance.now()
    const found = look()
    const tookLong = performance.now() - start > TOO_LONG
    if (found && !tookLong) this.#score = Math.min(MOST, this.#score + 1)
    else this.#score -= 2
    if (this.#score <= 0) this.#score = -PAUSE
    return found
  }
}
