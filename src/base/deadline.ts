// A timeout becomes a deadline at the door, so that it bounds the whole operation and not each of its steps.

/** A moment on the monotonic clock, in ms. Infinity: never. */
export type Deadline = number

/** The longest that a timer of Node's can be: with more it fires at once. */
const LONGEST_TIMER = 0x7fffffff

export function deadlineAfter(timeout: number): Deadline {
  return performance.now() + timeout
}

/** The ms that are left, never negative. */
export function timeLeft(deadline: Deadline): number {
  return Math.max(0, deadline - performance.now())
}

/** Calls `callback` once the deadline has passed; for one that never comes it does nothing. Returns how to call it off. */
export function atDeadline(deadline: Deadline, callback: () => void): () => void {
  if (deadline === Infinity) return () => {}
  let timer: NodeJS.Timeout
  const wait = (): void => {
    const left = timeLeft(deadline)
    timer = left > LONGEST_TIMER ? setTimeout(wait, LONGEST_TIMER) : setTimeout(callback, left)
  }
  wait()
  return () => clearTimeout(timer)
}
