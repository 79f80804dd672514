// What a pool calls of its user's code, and what it must not do in the middle of a worker's results: soon, each by itself. A promise job
// does it; or who blocks this thread, whose promise jobs stand still.

export class Jobs {
  #jobs: (() => void)[] = []
  #isDue = false

  /** Must not throw. */
  add(job: () => void): void {
    this.#jobs.push(job)
    if (this.#isDue) return
    this.#isDue = true
    queueMicrotask(() => {
      this.#isDue = false
      this.run()
    })
  }

  /** The same, but the event loop has a turn before it. */
  addForTurn(job: () => void): void {
    this.#jobs.push(job)
    setImmediate(() => this.run())
  }

  get hasSome(): boolean {
    return this.#jobs.length > 0
  }

  /** Those that there are now, and what they leave to be done when they block themselves. */
  run(): void {
    for (let left = this.#jobs.length; left > 0; left -= 1) this.#jobs.shift()?.()
  }
}
