import { deadlineAfter } from '../base/deadline.ts'
import { TimeoutError } from '../base/errors.ts'
import { Fifo } from '../base/fifo.ts'
import { readWaitOptions, type WaitOptions } from '../base/wait-options.ts'
import type { Future } from './future.ts'
import type { FutureState } from './future-state.ts'
import { happens, type Wait } from './later.ts'
import { statesOf } from './tally.ts'

/** How a future ended, and which it was. */
export type CompletedFuture<T> = PromiseSettledResult<T> & { readonly future: Future<T> }

/**
 * How each of these ended, as they end: first those that have already, each future once. They may be of several executors. What comes is
 * not the futures themselves, since `for await` would await them, and a failed one would end the loop.
 * @throws TimeoutError from `next()`, `timeout` ms after this call, with how many have not ended; the signal's reason. Nothing comes after that
 * @example for await (const done of asCompleted(futures)) if (done.status === 'fulfilled') use(done.value)
 */
export function asCompleted<T>(futures: Iterable<Future<T>>, options?: WaitOptions): AsyncIterableIterator<CompletedFuture<T>> {
  const { timeout, signal } = readWaitOptions(options)
  return new Completed(statesOf(futures), { deadline: deadlineAfter(timeout), signal }).outcomes()
}

class Completed<T> {
  readonly #states: ReadonlyMap<Future<T>, FutureState<T>>
  readonly #wait: Wait
  readonly #ready = new Fifo<CompletedFuture<T>>()
  readonly #callOff: (() => void)[] = []
  #wake = (): void => {}

  constructor(states: ReadonlyMap<Future<T>, FutureState<T>>, wait: Wait) {
    this.#states = states
    this.#wait = wait
    for (const [future, state] of states) this.#callOff.push(state.whenEnded(() => this.#ended(future, state)))
  }

  async *outcomes(): AsyncGenerator<CompletedFuture<T>, undefined, undefined> {
    try {
      for (let left = this.#states.size; left > 0; left -= 1) yield await this.#next()
    } finally {
      for (const each of this.#callOff) each()
    }
  }

  #ended(future: Future<T>, state: FutureState<T>): void {
    this.#ready.push({ ...(state.settled as PromiseSettledResult<T>), future })
    this.#wake()
  }

  async #next(): Promise<CompletedFuture<T>> {
    this.#wait.signal?.throwIfAborted()
    if (this.#ready.length === 0) await happens(ended => this.#onEnded(ended), this.#wait)
    const next = this.#ready.shift()
    if (next === undefined) throw new TimeoutError(this.#unfinished())
    return next
  }

  #onEnded(ended: () => void): () => void {
    this.#wake = ended
    return () => {
      this.#wake = () => {}
    }
  }

  #unfinished(): string {
    let unfinished = 0
    for (const { settled } of this.#states.values()) if (settled === null) unfinished += 1
    return `${unfinished} (of ${this.#states.size}) futures unfinished`
  }
}
