// A timeout becomes a deadline at the door, so that it bounds the whole operation and not each of its steps.

/** A moment on the monotonic clock, in ms. Infinity: never. */
export type Deadline = number

export function deadlineAfter(timeout: number): Deadline {
  return performance.now() + timeout
}

/** The ms that are left, never negative. */
export function timeLeft(deadline: Deadline): number {
  return Math.max(0, deadline - performance.now())
}
