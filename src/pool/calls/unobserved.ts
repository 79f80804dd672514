// Failures that nobody has asked for. One that comes may still be asked for: results are collected one after the other, or after the
// pool's end. So each is told of when it has not been asked for in a second in which nobody was waiting for another result of the pool
// or for its end; or, if the process ends before that, then.
import { atFork } from '../../base/at-fork.ts'

interface Failed {
  readonly isObserved: boolean
  readonly failure: unknown
}

/** ms */
const REPORT_AFTER = 1000

/** Those that have something to tell. */
const all = new Set<Unobserved>()

export class Unobserved {
  readonly #report: (error: unknown) => void
  readonly #failed = new Map<Failed, number>()
  #timer: NodeJS.Timeout | undefined
  #awaited = 0

  /** `report` must not throw. */
  constructor(report: (error: unknown) => void) {
    this.#report = report
  }

  add(failed: Failed): void {
    this.#failed.set(failed, performance.now())
    this.#arm()
    if (all.size === 0) for (const event of ['beforeExit', 'exit'] as const) process.on(event, tellAll)
    all.add(this)
  }

  /** Somebody waits for results of the pool, or its end. Returns how to say that he does not any more; twice is fine. */
  awaited(): () => void {
    let isOver = false
    this.#awaited += 1
    return () => {
      if (isOver) return
      isOver = true
      this.#awaited -= 1
      // He asks for the next one now.
      const now = performance.now()
      for (const failed of this.#failed.keys()) this.#failed.set(failed, now)
    }
  }

  /** Of those that have failed before this moment. */
  tell(before: number): void {
    for (const [failed, at] of this.#failed) {
      if (at > before && !failed.isObserved) continue
      this.#failed.delete(failed)
      if (!failed.isObserved) this.#report(failed.failure)
    }
    if (this.#failed.size > 0 || !all.delete(this) || all.size > 0) return
    for (const event of ['beforeExit', 'exit'] as const) process.off(event, tellAll)
  }

  #arm(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      if (this.#awaited === 0) this.tell(performance.now() - REPORT_AFTER)
      if (this.#failed.size > 0) this.#arm()
    }, REPORT_AFTER).unref()
  }
}

function tellAll(): void {
  for (const each of [...all]) each.tell(Infinity)
}

// In a forked child: they are its parent's to tell.
atFork({
  inChild() {
    if (all.size > 0) process.off('beforeExit', tellAll).off('exit', tellAll)
    all.clear()
  },
})
