// Items of a stream that travel together, as the owner of their task. There may be as many as there are items: nothing is made for each
// but itself.
import type { CallSite } from '../../base/call-site.ts'
import type { Outcome } from '../calls/outcome.ts'
import type { Submitted } from '../pool-core.ts'
import type { TaskOwner } from '../tasks/task.ts'

/** Who hears of the chunks of a stream. */
export interface ChunkUse<R> {
  readonly callSite: CallSite
  /** The outcome of its next item. */
  came(chunk: ItemChunk<R>, outcome: Outcome<R>): void
  /** The task ended well; `values`: what it returned. */
  succeeded(chunk: ItemChunk<R>, values: unknown, time: number): void
  failed(chunk: ItemChunk<R>, error: unknown): void
  late(): void
}

const NONE: readonly never[] = []

export class ItemChunk<R> implements TaskOwner {
  readonly #use: ChunkUse<R>
  items: readonly unknown[]
  task: Submitted | null = null
  /** Items whose outcomes have come. */
  came = 0
  isComplete = false
  /** Of its items from the first on, as far as they have come and not gone; null: none. */
  #outcomes: Outcome<R>[] | null = null

  constructor(items: readonly unknown[], use: ChunkUse<R>) {
    this.items = items
    this.#use = use
  }

  get callSite(): CallSite {
    return this.#use.callSite
  }

  item(value: unknown): void {
    this.#use.came(this, { value: value as R })
  }

  itemFailed(error: unknown): void {
    this.#use.came(this, { error })
  }

  succeed(values: unknown, time: number): void {
    this.#use.succeeded(this, values, time)
  }

  fail(error: unknown): void {
    this.#use.failed(this, error)
  }

  late(): void {
    this.#use.late()
  }

  keep(outcome: Outcome<R>): void {
    if (this.#outcomes === null) this.#outcomes = [outcome]
    else this.#outcomes.push(outcome)
  }

  /** Those that were kept, once. */
  takeOutcomes(): readonly Outcome<R>[] {
    const outcomes = this.#outcomes ?? NONE
    this.#outcomes = null
    return outcomes
  }
}
