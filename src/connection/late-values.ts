// Values that a blocking call cannot have: what they name has to be imported first, and imports need the event loop. They stay first in
// line for the next call.
import { atDeadline, deadlineAfter } from '../base/deadline.ts'
import { MultiprocessingError, TimeoutError } from '../base/errors.ts'
import type { ReadWaitOptions } from '../base/wait-options.ts'
import { onAbort } from '../sync/waiting/aborts.ts'

interface LateValue {
  readonly promise: Promise<unknown>
  settled: { value: unknown } | { error: unknown } | null
}

export class LateValues {
  readonly #values: LateValue[] = []

  get isEmpty(): boolean {
    return this.#values.length === 0
  }

  /** @throws MultiprocessingError `ERR_NOT_LOADED` always */
  add(promise: Promise<unknown>): never {
    const late: LateValue = { promise, settled: null }
    promise.then(
      value => {
        late.settled = { value }
      },
      (error: unknown) => {
        late.settled = { error }
      },
    )
    this.#values.push(late)
    throw notLoaded()
  }

  /** @throws TimeoutError and the reason of the signal: then it stays first in line */
  take({ timeout, signal }: ReadWaitOptions): Promise<unknown> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      const first = this.#values.shift() as LateValue
      const end = (error: unknown): void => {
        this.#values.unshift(first)
        reject(error)
      }
      const cancelAbort = onAbort(signal, () => {
        cancelDeadline()
        end(signal?.reason)
      })
      const cancelDeadline = atDeadline(deadlineAfter(timeout), () => {
        cancelAbort()
        end(new TimeoutError())
      })
      const cancel = (): void => {
        cancelAbort()
        cancelDeadline()
      }
      first.promise.finally(cancel).then(resolve, reject)
    })
  }

  /** Nobody can ask for them any more. */
  drop(): void {
    this.#values.length = 0
  }

  /** @throws MultiprocessingError `ERR_NOT_LOADED` while it is not there */
  takeSync(): unknown {
    const [first] = this.#values as [LateValue]
    if (first.settled === null) throw notLoaded()
    this.#values.shift()
    if ('error' in first.settled) throw first.settled.error
    return first.settled.value
  }
}

function notLoaded(): MultiprocessingError {
  return new MultiprocessingError(
    'The message names a module that this process has not imported yet, and a call that blocks cannot wait for that: `await recv()` gives it, or import the module before',
    { code: 'ERR_NOT_LOADED' },
  )
}
