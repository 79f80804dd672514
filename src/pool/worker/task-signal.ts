// The signal of the task that runs here. It is made when it is asked for, and looks into shared memory when it is asked whether it is
// aborted: a task that computes and never turns its event loop hears of it, too.
import { TimeoutError } from '../../base/errors.ts'
import { CANCEL_TIMEOUT, CANCEL_TERMINATED } from '../protocol.ts'
import type { Place } from './place.ts'

/** Which task runs at this moment; undefined: none. */
let running: () => Place | undefined = () => undefined

/** A worker says how it knows. */
export function setRunningTask(current: () => Place | undefined): void {
  running = current
}

const NEVER = new AbortController().signal

/**
 * Inside a task: a signal that is aborted by its caller's signal, by its timeout and by `terminate()`. A task that has asked for it is
 * given a second to end by itself before its worker is stopped. `aborted` is true also in a task that never awaits; its `abort` event
 * needs a turn of the event loop. Elsewhere: a signal that never aborts.
 *
 * The reason is a TimeoutError, or an AbortError: the one that the caller gave stays with the caller.
 * @example for (const part of parts) { taskSignal().throwIfAborted(); work(part) }
 */
export function taskSignal(): AbortSignal {
  return running()?.signal ?? NEVER
}

/** A signal that asks `reason` whenever it is asked itself; 0: not aborted. */
export function lookingSignal(reason: () => number): { signal: AbortSignal; look: () => void } {
  const controller = new AbortController()
  const { signal } = controller
  const look = (): void => {
    const why = reason()
    if (why !== 0) controller.abort(errorFor(why))
  }
  const aborted = Object.getOwnPropertyDescriptor(AbortSignal.prototype, 'aborted')?.get as (this: AbortSignal) => boolean
  Object.defineProperty(signal, 'aborted', {
    configurable: true,
    get() {
      if (!aborted.call(signal)) look()
      return aborted.call(signal)
    },
  })
  return { signal, look }
}

function errorFor(reason: number): Error {
  if (reason === CANCEL_TIMEOUT) return new TimeoutError('The task has taken longer than its timeout')
  const text = reason === CANCEL_TERMINATED ? 'The pool of this task was terminated' : 'The task was aborted by its caller'
  return new DOMException(text, 'AbortError')
}
