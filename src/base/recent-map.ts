/** A map that keeps the entries used last: at most `limit`. */
export class RecentMap<K, V> {
  readonly #entries = new Map<K, V>()
  readonly #limit: number
  readonly #onForget: (value: V) => void

  /** `onForget` hears of each value that has to make room. */
  constructor(limit: number, onForget: (value: V) => void = () => {}) {
    this.#limit = limit
    this.#onForget = onForget
  }

  get size(): number {
    return this.#entries.size
  }

  has(key: K): boolean {
    return this.#entries.has(key)
  }

  /** The value, which counts as used now. */
  get(key: K): V | undefined {
    const value = this.#entries.get(key)
    if (value === undefined) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, value)
    return value
  }

  set(key: K, value: V): void {
    this.#entries.delete(key)
    this.#entries.set(key, value)
    if (this.#entries.size <= this.#limit) return
    const [oldest] = this.#entries
    if (oldest === undefined) return
    this.#entries.delete(oldest[0])
    this.#onForget(oldest[1])
  }

  delete(key: K): void {
    this.#entries.delete(key)
  }

  values(): IterableIterator<V> {
    return this.#entries.values()
  }
}
