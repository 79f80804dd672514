// Moments at which a pool has something to do. Of its own and not a timer each, so that a thread that blocks for its pool, whose
// event loop does not turn, can ask for what is due. They do not keep the process running: what is pending does that.
import { type Deadline, LONGEST_TIMER, timeLeft } from '../../base/deadline.ts'

interface Alarm {
  readonly at: Deadline
  readonly callback: () => void
}

export class Alarms {
  readonly #alarms = new Set<Alarm>()
  #timer: NodeJS.Timeout | undefined
  #timerAt: Deadline = Infinity

  /** Calls `callback` at that moment or soon after it, never before. Returns how to call it off. */
  set(at: Deadline, callback: () => void): () => void {
    const alarm = { at, callback }
    this.#alarms.add(alarm)
    if (at < this.#timerAt) this.#arm(at)
    return () => void this.#alarms.delete(alarm)
  }

  /** The next one; Infinity: none. */
  get next(): Deadline {
    let next = Infinity
    for (const { at } of this.#alarms) if (at < next) next = at
    return next
  }

  /** Runs what is due. */
  run(): void {
    if (this.#alarms.size === 0) return
    const now = performance.now()
    for (const alarm of [...this.#alarms]) {
      if (alarm.at <= now && this.#alarms.delete(alarm)) alarm.callback()
    }
  }

  /** Nothing is due any more. */
  clear(): void {
    this.#alarms.clear()
    clearTimeout(this.#timer)
    this.#timerAt = Infinity
  }

  #arm(at: Deadline): void {
    clearTimeout(this.#timer)
    this.#timerAt = at
    if (at === Infinity) return
    // A timer that fires early is set again: Node counts from the beginning of the event loop's turn.
    this.#timer = setTimeout(() => this.#fire(), Math.min(Math.ceil(timeLeft(at)), LONGEST_TIMER)).unref()
  }

  #fire(): void {
    this.#timerAt = Infinity
    try {
      this.run()
    } finally {
      this.#arm(this.next)
    }
  }
}
