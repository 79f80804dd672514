// Which words one actor writes and another touches. An access that commutes with all that others may still do need not be tried at
// more than one time. Nobody knows these words beforehand: an exploration begins with those found so far, and is repeated as long
// as it finds more. The last one found none that it had not taken into account from its start, so it is complete: a schedule that
// met another conflict would have a shortest beginning up to it, and that beginning was run in some order.
export class Conflicts {
  readonly #readers = new Map<number, number>()
  readonly #writers = new Map<number, number>()
  readonly #hints: ReadonlySet<number>
  #foundMore = false

  /** Words that are only hints: when they are touched makes no difference that matters. */
  constructor(hints: ReadonlySet<number>) {
    this.#hints = hints
  }

  /** Whether one of `others`, a bit mask, was seen to do something to the word that does not commute with this. */
  has(word: number, others: number, { write }: { write: boolean }): boolean {
    if (this.#hints.has(word)) return false
    const readers = write ? (this.#readers.get(word) ?? 0) : 0
    return ((readers | (this.#writers.get(word) ?? 0)) & others) !== 0
  }

  note(word: number, actor: number, { write }: { write: boolean }): void {
    const masks = write ? this.#writers : this.#readers
    const mask = masks.get(word) ?? 0
    const own = 1 << actor
    if ((mask & own) !== 0) return
    masks.set(word, mask | own)
    if (this.has(word, ~own, { write })) this.#foundMore = true
  }

  /** Whether more came to light since the last call. */
  foundMore(): boolean {
    const found = this.#foundMore
    this.#foundMore = false
    return found
  }
}
