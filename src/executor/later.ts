// Waiting, as promises, for what is told by callback.
import { atDeadline, type Deadline, timeLeft } from '../base/deadline.ts'

export interface Wait {
  readonly deadline: Deadline
  readonly signal: AbortSignal | undefined
}

/**
 * Settles with true once the callback that `watch` is given has been called, and with false once the deadline has passed. `watch` returns how
 * to call it off. Rejects with the signal's reason when it is aborted.
 */
export function happens(watch: (happened: () => void) => () => void, { deadline, signal }: Wait): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const undo: (() => void)[] = []
    const settle = (act: () => void): void => {
      for (const each of undo) each()
      act()
    }
    const abort = (): void => settle(() => reject(signal?.reason))
    if (signal?.aborted === true) {
      abort()
      return
    }
    undo.push(watch(() => settle(() => resolve(true))))
    if (timeLeft(deadline) <= 0) settle(() => resolve(false))
    else undo.push(atDeadline(deadline, () => settle(() => resolve(false))))
    signal?.addEventListener('abort', abort, { once: true })
    undo.push(() => signal?.removeEventListener('abort', abort))
  })
}
