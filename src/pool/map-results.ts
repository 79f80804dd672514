// The results of one map while its chunks come in, in any order.
import type { CallSite } from '../base/call-site.ts'
import type { TaskOwner } from './dispatcher.ts'

export class MapResults<R> {
  readonly #results: R[]
  readonly #resolve: (results: R[]) => void
  readonly #reject: (error: unknown) => void
  readonly #callSite: CallSite
  #left: number

  constructor(
    { count, callSite }: { count: number; callSite: CallSite },
    resolve: (results: R[]) => void,
    reject: (error: unknown) => void,
  ) {
    this.#results = new Array(count)
    this.#left = count
    this.#callSite = callSite
    this.#resolve = resolve
    this.#reject = reject
  }

  /** For the chunk that begins with item `start`. */
  ownerOfChunk(start: number): TaskOwner {
    return {
      succeed: (_kind, payload) => this.#fill(start, payload as R[]),
      fail: this.#reject,
      callSite: this.#callSite,
    }
  }

  #fill(start: number, values: readonly R[]): void {
    for (let index = 0; index < values.length; index += 1) this.#results[start + index] = values[index] as R
    this.#left -= values.length
    if (this.#left === 0) this.#resolve(this.#results)
  }
}
