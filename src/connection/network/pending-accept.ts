// Calls that wait for a connection, in both forms: each is settled once, by an arrival or an error.
import type { Arrival } from './visitors.ts'

export interface PendingAccept {
  resolve(arrival: Arrival): void
  reject(error: unknown): void
}

/** Of the promise form. */
export class PromisedAccept implements PendingAccept {
  isSettled = false
  /** To be called when it is settled. */
  readonly endings: (() => void)[] = []
  readonly #resolve: (arrival: Arrival) => void
  readonly #reject: (error: unknown) => void

  constructor(resolve: (arrival: Arrival) => void, reject: (error: unknown) => void) {
    this.#resolve = resolve
    this.#reject = reject
  }

  resolve(arrival: Arrival): void {
    this.#end()
    this.#resolve(arrival)
  }

  reject(error: unknown): void {
    this.#end()
    this.#reject(error)
  }

  #end(): void {
    this.isSettled = true
    for (const ending of this.endings.splice(0)) ending()
  }
}

/** Of the form that blocks the thread, which looks whether it is settled. */
export class BlockedAccept implements PendingAccept {
  #outcome: { readonly arrival: Arrival } | { readonly error: unknown } | null = null

  resolve(arrival: Arrival): void {
    this.#outcome = { arrival }
  }

  reject(error: unknown): void {
    this.#outcome = { error }
  }

  /** Null: it is not settled. @throws what it was rejected with */
  take(): Arrival | null {
    if (this.#outcome === null) return null
    if ('error' in this.#outcome) throw this.#outcome.error
    return this.#outcome.arrival
  }
}
