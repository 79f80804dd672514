const MOVED_AT_ONCE = 64

/** First in, first out. What was taken is let go of at once, also while more keeps coming. */
export class Fifo<T> {
  #items: (T | undefined)[] = []
  #head = 0

  get length(): number {
    return this.#items.length - this.#head
  }

  push(item: T): void {
    this.#items.push(item)
  }

  /** Undefined when there is none. */
  shift(): T | undefined {
    if (this.#head === this.#items.length) return undefined
    const item = this.#items[this.#head]
    this.#items[this.#head] = undefined
    this.#head += 1
    if (this.#head === this.#items.length || (this.#head >= MOVED_AT_ONCE && this.#head * 2 >= this.#items.length)) {
      // At most as many are moved as were taken, so that a shift costs the same however long the queue is.
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return item
  }

  clear(): void {
    this.#items = []
    this.#head = 0
  }
}
