// How many items a task gets. Of short calls many, so that what a task costs is shared by them; of long ones few, so that no worker has
// to be waited for in the end. How long they are is seen as they come back.
//
// Guided self-scheduling (C. Polychronopoulos and D. Kuck, 1987): never more than a worker's share of half of what is left.

/** So many times as many as were seen are not too many to try. */
const GROWTH = 64
/** Of one task: its message is in memory at once. */
const MOST_ITEMS = 2 ** 18
/** Tasks that a worker has or can take at once, of one map. */
export const TASKS_PER_WORKER = 2
/** Of a stream it will not run out of these before this thread looks again: so many tasks, or as many as take it so many ms. */
const LEAST_AHEAD = 16
const MOST_AHEAD = 256
const AHEAD = 1

export class ChunkSizes {
  readonly #workers: number
  readonly #fixed: number | undefined
  readonly #aim: number
  /** ms an item takes; negative: unknown. */
  #perItem = -1
  #largest = 1

  /** `aim`: ms that a task takes at best. `fixed`: the size that was asked for. */
  constructor(workers: number, aim: number, fixed: number | undefined) {
    this.#workers = workers
    this.#aim = aim
    this.#fixed = fixed
  }

  get isFixed(): boolean {
    return this.#fixed !== undefined
  }

  /** Of the next task, if so many items are left. */
  next(left = Infinity): number {
    if (this.#fixed !== undefined) return this.#fixed
    const share = Math.ceil(left / (this.#workers * TASKS_PER_WORKER))
    const worthwhile = this.#perItem > 0 ? Math.floor(this.#aim / this.#perItem) : this.#largest
    return Math.max(1, Math.min(share, worthwhile, this.#largest, MOST_ITEMS))
  }

  /** How many tasks a worker may be ahead of the reader of a stream. */
  get ahead(): number {
    if (this.#perItem < 0) return LEAST_AHEAD
    const inTime = Math.floor(AHEAD / (this.#perItem * this.next()))
    return Math.max(LEAST_AHEAD, Math.min(inTime, MOST_AHEAD))
  }

  /** A task of so many items has taken so many ms. */
  learn(items: number, time: number): void {
    const perItem = time / items
    // The first calls of a function are slow, and a worker may have to wait for its processor: what was quick counts, and what is slow
    // has to stay so to be believed.
    this.#perItem = this.#perItem < 0 ? perItem : Math.min(perItem, this.#perItem * 2)
    this.#largest = Math.max(this.#largest, items * GROWTH)
  }
}
