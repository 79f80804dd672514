import type { ItemResult } from './try-items.ts'

/** How many items came to which end so far, and the words for it. */
export class Tally {
  #total = 0
  #failed = 0
  #timedOut = 0
  #triedAgain = 0

  add({ outcome, tries }: ItemResult): void {
    this.#total += 1
    if (tries > 1) this.#triedAgain += 1
    if (outcome.ok) return
    this.#failed += 1
    if (outcome.why === 'time') this.#timedOut += 1
  }

  /** How many items have an outcome. */
  get total(): number {
    return this.#total
  }

  get failed(): number {
    return this.#failed
  }

  get triedAgain(): number {
    return this.#triedAgain
  }

  /** For the progress bar. */
  get note(): string {
    return `${this.#failed === 0 ? '' : ` | ${this.#failed} failed`}${this.#triedAgain === 0 ? '' : ` | ${this.#triedAgain} tried again`}`
  }

  /** When all is done. */
  summarize(): string {
    if (this.#failed === 0) return `all ${this.#total} items succeeded${this.#again()}`
    return `${this.#failed} of ${this.#total} items failed${this.#ofThemInTime()}${this.#again()}`
  }

  /** When it ended early. */
  summarizeStopped(): string {
    return `${this.#total - this.#failed} succeeded, ${this.#failed} failed${this.#ofThemInTime()}${this.#again()}`
  }

  #ofThemInTime(): string {
    return this.#timedOut === 0 ? '' : ` (${this.#timedOut} timed out)`
  }

  #again(): string {
    return this.#triedAgain === 0 ? '' : `; ${this.#triedAgain} tried again`
  }
}
