// What has come in and could not be given to the program: it names modules that have to be imported first, for which the event loop is needed,
// and the call was one that blocks or does not wait; or it could not be decoded, and was not the first of what one call took. It stays first in
// line for this thread's next call. Calls that cannot wait throw ERR_NOT_IMPORTED as long as the modules are not there; promise forms wait for
// them, and the event loop may have imported them by the time of the next blocking call. The same for queues and connections.
import { atDeadline, deadlineAfter } from '../base/deadline.ts'
import { MultiprocessingError } from '../base/errors.ts'
import type { ReadWaitOptions } from '../base/wait-options.ts'
import { arena } from '../memory/arena.ts'
import type { OwnerId } from '../memory/identity.ts'
import { onAbort } from '../sync/waiting/aborts.ts'

type Outcome = { readonly value: unknown } | { readonly error: unknown }

/** One message: what became of it, as far as that is known. */
export interface Late {
  readonly promise: Promise<unknown> | null
  outcome: Outcome | null
}

/** A value, or a promise for one. Whoever gets it hears of its failing: that is no unhandled rejection. */
export function kept(item: unknown): Late {
  if (!(item instanceof Promise)) return { promise: null, outcome: { value: item } }
  const late: Late = { promise: item, outcome: null }
  item.then(
    value => {
      late.outcome = { value }
    },
    (error: unknown) => {
      late.outcome = { error }
    },
  )
  return late
}

/** What could not be decoded. */
export function failed(error: unknown): Late {
  return { promise: null, outcome: { error } }
}

export class Undelivered {
  readonly #line: Late[] = []
  /** Whose they are: a forked child's copy of them is its parent's. */
  #owner: OwnerId = 0
  /** The call that gives what cannot be had otherwise, for errors. */
  readonly #call: string

  constructor(call: string) {
    this.#call = call
  }

  get isEmpty(): boolean {
    if (this.#line.length > 0 && this.#owner !== arena().me) this.drop()
    return this.#line.length === 0
  }

  /** Before all others, in this order. */
  keep(messages: readonly Late[]): void {
    if (messages.length === 0) return
    if (this.#owner !== arena().me) this.drop()
    this.#line.unshift(...messages)
    this.#owner = arena().me
  }

  /** The next; a promise while it is being imported. Not when it is empty. @throws what its decoding threw */
  take(): unknown {
    const { promise, outcome } = this.#line.shift() as Late
    return outcome === null ? promise : resultOf(outcome)
  }

  /** Up to `most`, up to the first that has failed. @throws what the decoding of the first threw */
  takeMany(most: number): unknown[] {
    const items: unknown[] = []
    while (items.length < most && this.#line.length > 0) {
      if (items.length > 0 && this.#hasFailed()) break
      items.push(this.take())
    }
    return items
  }

  /** The next, once it is there. Until then, when the time is up or the signal is aborted, it stays. @throws `timeIsUp`, the reason of the signal */
  takeInTime({ timeout, signal }: ReadWaitOptions, timeIsUp: () => Error): Promise<unknown> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      const first = this.#line.shift() as Late
      if (first.outcome !== null) return resolve(resultOf(first.outcome))
      const stay = (error: unknown): void => {
        cancel()
        this.keep([first])
        reject(error)
      }
      const cancelAbort = onAbort(signal, () => stay(signal?.reason))
      const cancelDeadline = atDeadline(deadlineAfter(timeout), () => stay(timeIsUp()))
      const cancel = (): void => {
        cancelAbort()
        cancelDeadline()
      }
      first.promise?.finally(cancel).then(resolve, reject)
    })
  }

  /** These, as far as they are there, for a call that cannot wait; the others stay. @throws MultiprocessingError `ERR_NOT_IMPORTED` if it is the first */
  ready(items: unknown[]): unknown[] {
    const late = items.findIndex(item => item instanceof Promise)
    if (late === -1) return items
    this.keep(items.slice(late).map(kept))
    if (late === 0) throw this.notImported()
    return items.slice(0, late)
  }

  notImported(): MultiprocessingError {
    return new MultiprocessingError(
      `The next message needs modules that this process has not imported yet, which this call cannot wait for: \`${this.#call}\` gives it, or import them before`,
      { code: 'ERR_NOT_IMPORTED' },
    )
  }

  /** Nobody can ask for them any more. */
  drop(): void {
    this.#line.length = 0
  }

  #hasFailed(): boolean {
    const outcome = this.#line[0]?.outcome ?? null
    return outcome !== null && isFailure(outcome)
  }
}

/** Its own property: somebody may have put an `error` on Object.prototype. */
function isFailure(outcome: Outcome): outcome is { readonly error: unknown } {
  return Object.hasOwn(outcome, 'error')
}

function resultOf(outcome: Outcome): unknown {
  if (isFailure(outcome)) throw outcome.error
  return outcome.value
}
