// How many futures of several have ended, and whether that is enough.
import { expected } from '../base/validate.ts'
import { Future } from './future.ts'
import type { FutureState } from './future-state.ts'

export type ReturnWhen = 'FIRST_COMPLETED' | 'FIRST_EXCEPTION' | 'ALL_COMPLETED'

const RETURN_WHEN: readonly ReturnWhen[] = ['FIRST_COMPLETED', 'FIRST_EXCEPTION', 'ALL_COMPLETED']

/** @throws TypeError */
export function checkReturnWhen(value: unknown = 'ALL_COMPLETED'): ReturnWhen {
  if ((RETURN_WHEN as readonly unknown[]).includes(value)) return value as ReturnWhen
  throw new TypeError(expected('returnWhen', "'FIRST_COMPLETED', 'FIRST_EXCEPTION' or 'ALL_COMPLETED'", value))
}

/** Each once, with its state. @throws TypeError for what is no iterable of futures */
export function statesOf<T>(futures: Iterable<Future<T>>): Map<Future<T>, FutureState<T>> {
  if (typeof (futures as Partial<Iterable<unknown>> | null | undefined)?.[Symbol.iterator] !== 'function') {
    throw new TypeError(expected('futures', 'an iterable of futures', futures))
  }
  const states = new Map<Future<T>, FutureState<T>>()
  for (const future of futures) states.set(future, Future.stateOf(future))
  return states
}

export class Tally {
  readonly #returnWhen: ReturnWhen
  readonly #total: number
  #left = 0
  #hasFailed = false

  constructor(states: Iterable<FutureState<unknown>>, returnWhen: ReturnWhen) {
    this.#returnWhen = returnWhen
    let total = 0
    for (const { settled, hasFailed } of states) {
      total += 1
      if (settled === null) this.#left += 1
      if (hasFailed) this.#hasFailed = true
    }
    this.#total = total
  }

  /** One more has ended. */
  count(state: FutureState<unknown>): void {
    this.#left -= 1
    if (state.hasFailed) this.#hasFailed = true
  }

  get isEnough(): boolean {
    if (this.#left === 0) return true
    if (this.#returnWhen === 'FIRST_COMPLETED') return this.#left < this.#total
    return this.#returnWhen === 'FIRST_EXCEPTION' && this.#hasFailed
  }
}
