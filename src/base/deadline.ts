// A timeout becomes a deadline at the door, so that it bounds the whole operation and not each of its steps.

/** A moment on the monotonic clock, in ms. Infinity: never. */
export type Deadline = number

/** The longest that a timer of Node's can be: with more it fires at once. */
export const LONGEST_TIMER = 0x7fffffff

export function deadlineAfter(timeout: number): Deadline {
  return performance.now() + timeout
}

/** The ms that are left, never negative. */
export function timeLeft(deadline: Deadline): number {
  return Math.max(0, deadline - performance.now())
}

/**
 * Calls `callback` once the deadline has passed, never before; for one that never comes it does nothing. Returns how to call it off.
 *
 * Node counts a timer from the beginning of the event loop's turn: set after 50 ms of work, it fires 50 ms early, and is set anew.
 */
export function atDeadline(deadline: Deadline, callback: () => void): () => void {
  if (deadline === Infinity) return () => {}
  let timer: NodeJS.Timeout
  const wait = (): void => {
    timer = setTimeout(look, Math.min(timeLeft(deadline), LONGEST_TIMER))
  }
  const look = (): void => {
    if (timeLeft(deadline) > 0) wait()
    else callback()
  }
  wait()
  return () => clearTimeout(timer)
}
