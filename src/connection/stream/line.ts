// Calls of this thread that wait for one direction of a stream, served in the order in which they came, whatever their form: a blocking call
// first serves those promises that were there before it.
import { ClosedError, InterruptedError, TimeoutError } from '../../base/errors.ts'
import { atDeadline, deadlineAfter, timeLeft } from '../../base/deadline.ts'
import type { ReadWaitOptions } from '../../base/wait-options.ts'
import { onAbort } from '../../sync/waiting/aborts.ts'
import { LONGEST_SLEEP } from '../../sync/waiting/doorbell.ts'
import { signalCame } from '../../sync/waiting/signals.ts'
import { besideEventLoop } from '../../sync/waiting/waits.ts'
import { DONE, INTERRUPTED, type Outcome, WOULD_WAIT } from './incoming.ts'

/** Something to be done in one direction. */
export interface Operation {
  /** Does it as far as possible. `timeout`: ms to wait. @throws what makes it impossible */
  attempt(timeout: number): Outcome
  /** It has to be done to its end, whether or not somebody waits for that. */
  readonly isBegun: boolean
  /** It will not be attempted (again). */
  drop?(): void
}

interface Entry {
  readonly operation: Operation
  /** Null: nobody waits for it. */
  waiter: { resolve(): void; reject(error: unknown): void } | null
  /** It is being attempted, and a program's code that runs within that may call anything: it has what it came for. */
  isBusy: boolean
}

export class Line {
  readonly #entries = new Set<Entry>()
  #busy = 0
  /** Called when there is something to wait for, or not any more. */
  readonly #changed: (change: { held: number }) => void

  constructor(changed: (change: { held: number }) => void) {
    this.#changed = changed
  }

  get isEmpty(): boolean {
    return this.#entries.size <= this.#busy
  }

  /** Whether the first is done in part. */
  get isBegun(): boolean {
    for (const { operation } of this.#entries) return operation.isBegun
    return false
  }

  /** Settles when the operation is done. Holds the event loop open until then. @throws TimeoutError, the reason of the signal, or what it throws */
  enqueue(operation: Operation, { timeout, signal }: ReadWaitOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      const entry = this.#add(operation, 1)
      const end = (error: unknown): void => this.#callOff(entry, error)
      const cancelAbort = onAbort(signal, () => end(signal?.reason))
      const cancelDeadline = atDeadline(deadlineAfter(timeout), () => {
        this.serve()
        end(timedOut(operation))
      })
      const settle = (settled: () => void): void => {
        cancelAbort()
        cancelDeadline()
        settled()
      }
      entry.waiter = { resolve: () => settle(resolve), reject: error => settle(() => reject(error)) }
    })
  }

  /** Leaves the operation to the event loop; nobody waits for it, and it does not hold the event loop open. */
  finishLater(operation: Operation): void {
    this.#add(operation, 0)
  }

  /** Does what can be done without waiting. Returns whether something was. */
  serve(): boolean {
    let served = false
    for (const entry of this.#entries) {
      if (entry.isBusy) continue
      if (this.#attempt(entry, 0) !== DONE) return served
      served = true
    }
    return served
  }

  /** Blocks this thread until the operation is done. False: the time was up first. @throws InterruptedError, or what it throws */
  block(operation: Operation, deadline: number): boolean {
    if (timeLeft(deadline) === 0) return this.#serveAll(operation)
    return besideEventLoop(() => this.#sleep(operation, deadline))
  }

  /** Ends all of them. */
  failAll(error: () => unknown): void {
    for (const entry of this.#entries) {
      if (entry.isBusy) continue
      entry.operation.drop?.()
      this.#settle(entry, error())
    }
  }

  /** In a forked child: it is the parent who waits for these. */
  forget(): void {
    this.#entries.clear()
  }

  /** What cannot be waited for is not in the line, lest it take what its caller does not hear of. @throws MultiprocessingError `EMFILE` */
  #add(operation: Operation, held: number): Entry {
    const entry: Entry = { operation, waiter: null, isBusy: false }
    this.#entries.add(entry)
    try {
      this.#changed({ held })
    } catch (error) {
      // The rest of what has begun has to follow all the same: with the next call, whatever it is.
      if (!operation.isBegun) {
        this.#entries.delete(entry)
        operation.drop?.()
      }
      throw error
    }
    return entry
  }

  #first(): Entry | undefined {
    for (const entry of this.#entries) if (!entry.isBusy) return entry
    return undefined
  }

  /** Those before it, and then itself, as far as it goes without waiting. */
  #serveAll(operation: Operation): boolean {
    this.serve()
    return this.isEmpty && operation.attempt(0) === DONE
  }

  #sleep(operation: Operation, deadline: number): boolean {
    for (;;) {
      const left = timeLeft(deadline)
      const timeout = Math.min(left, LONGEST_SLEEP)
      const first = this.#first()
      const outcome = first === undefined ? operation.attempt(timeout) : this.#attempt(first, timeout)
      if (outcome === DONE && first === undefined) return true
      if (outcome !== DONE && signalCame({ interrupted: outcome === INTERRUPTED })) throw new InterruptedError()
      if (outcome === WOULD_WAIT && left === 0) return false
    }
  }

  #attempt(entry: Entry, timeout: number): Outcome {
    let outcome: Outcome = DONE
    let failure: unknown = null
    entry.isBusy = true
    this.#busy += 1
    try {
      outcome = entry.operation.attempt(timeout)
    } catch (error) {
      failure = error
    }
    entry.isBusy = false
    this.#busy -= 1
    if (outcome === DONE) this.#settle(entry, failure)
    return outcome
  }

  /** A waiter that is gone heard why before. */
  #settle(entry: Entry, error: unknown): void {
    if (!this.#entries.delete(entry)) return
    const { waiter } = entry
    this.#changed({ held: waiter === null ? 0 : -1 })
    if (error === null) waiter?.resolve()
    else waiter?.reject(error)
  }

  #callOff(entry: Entry, error: unknown): void {
    if (!this.#entries.has(entry) || entry.waiter === null || entry.isBusy) return
    if (!entry.operation.isBegun) {
      entry.operation.drop?.()
      this.#settle(entry, error)
      return
    }
    const { waiter } = entry
    entry.waiter = null
    this.#changed({ held: -1 })
    waiter.reject(error)
  }
}

export function timedOut(operation: Operation): TimeoutError {
  if (!operation.isBegun) return new TimeoutError()
  return new TimeoutError('The wait timed out after a part of the message was sent; the rest follows as soon as there is room for it')
}

export function closedWhileWaiting(): ClosedError {
  return new ClosedError('The connection was closed while this call waited for it')
}
