// Who wakes workers for tasks that were just put. In a burst the first ones are woken at once, and then one for each so many, or at the
// burst's end: to wake somebody costs more than to put a task, and who is awake takes what there is.

/** So many wakes are made up for together. */
const WAKES_TOGETHER = 64

export class Wakes {
  readonly #wake: (count: number) => void
  /** Tasks that were put since this thread was last at rest, and how many of them somebody has still to be woken for. */
  #putInTurn = 0
  #owed = 0
  #isTurnOver = true

  /** `wake`: so many workers, if as many have nothing to do. */
  constructor(wake: (count: number) => void) {
    this.#wake = wake
  }

  /** A task was put; `workers`: how many there are. */
  forOne(workers: number): void {
    this.#putInTurn += 1
    if (this.#putInTurn <= workers) this.#wake(1)
    else this.#owed += 1
    if (this.#owed >= WAKES_TOGETHER) this.#wakeOwed()
    if (this.#isTurnOver) queueMicrotask(this.#endTurn)
    this.#isTurnOver = false
  }

  /** This thread is at rest, or about to block: who is still to be woken is woken. */
  rest(): void {
    this.#putInTurn = 0
    this.#wakeOwed()
  }

  readonly #endTurn = (): void => {
    this.#isTurnOver = true
    this.rest()
  }

  #wakeOwed(): void {
    const owed = this.#owed
    this.#owed = 0
    if (owed > 0) this.#wake(owed)
  }
}
