// Runs of units (spans of a segment, segments of the arena) in a table of one word each, taken and given back by many processes
// at once, any of which may be killed between any two steps. No lock and no list: each word says by itself what it is.
//
//   word        meaning                                               changed by
//   FREE        nobody's; clean (never used or punched) or dirty      whoever claims it: exchange to HELD or BODY
//   HELD(who)   head of a run that `who` is taking or giving back     only `who`, or the reaper once `who` is dead
//   BODY(head)  a unit behind that head                               the holder of the head
//   RUN(n)      head of a run of n units, in use                      whoever gives it back: exchange to HELD
//   CELLS(c)    a unit cut into small cells of size class c           nobody: it stays
//
// take:      head FREE -> HELD(me); bodies FREE -> BODY(head), upwards; [the caller prepares]; head -> RUN(n)
// give back: head RUN(n) -> HELD(me); bodies BODY(head) -> FREE, downwards; head -> FREE
// At every step in between the head is HELD, and the bodies that belong to it are those directly behind it that say so. So
// whoever finds HELD(dead) frees BODY(head), BODY(head), ... until the first other word, then the head: no record is needed of
// how far the dead one came, and doing it twice does no harm. A body names its head, so a unit that has been taken by somebody
// else in the meantime is never mistaken for one's own.
import { type OwnerId, stateOf, stateWord, valueOf } from '../identity.ts'
import { exchange, load, raise, store, type Words } from '../words.ts'

const STATE_FREE = 0
const STATE_HELD = 1
const STATE_RUN = 2
const STATE_BODY = 3
const STATE_CELLS = 4

const FREE_CLEAN = stateWord(STATE_FREE, 0)
const FREE_DIRTY = stateWord(STATE_FREE, 1)

export type RunEntry =
  | { readonly kind: 'free'; readonly dirty: boolean }
  | { readonly kind: 'held'; readonly owner: OwnerId }
  | { readonly kind: 'run'; readonly length: number }
  | { readonly kind: 'body'; readonly head: number }
  | { readonly kind: 'cells'; readonly sizeClass: number }

export class RunTable {
  readonly #words: Words
  readonly #base: number
  readonly #first: number
  readonly #count: number
  readonly #limitWord: number | null
  #dirtyTaken = 0

  /**
   * The table's words begin at `base`; units from `first` to `count - 1` may be taken. The word at `limitWord` says where those
   * begin that never were: it is raised before a unit is taken, or a reaper would not look at what the dead one held.
   */
  constructor(words: Words, base: number, first: number, count: number, limitWord: number | null = null) {
    this.#words = words
    this.#base = base
    this.#first = first
    this.#count = count
    this.#limitWord = limitWord
  }

  /** Takes `length` units side by side and leaves their head HELD by `owner`; -1 when there is no such room. */
  take(length: number, owner: OwnerId, from = this.#first): number {
    let head = Math.max(from, this.#first)
    while (head + length <= this.#count) {
      const blocker = this.#firstTaken(head, length)
      if (blocker === -1) {
        if (this.#claim(head, length, owner)) return head
        head += 1
      } else {
        head = blocker + 1
      }
    }
    return -1
  }

  /** After `take`: the run is in use from here on, and the owner of the block decides its fate, not who took it. */
  commit(head: number, length: number): void {
    store(this.#words, this.#base + head, stateWord(STATE_RUN, length))
  }

  /** After `take(1)`: the unit holds small cells from now on, for good. */
  commitCells(head: number, sizeClass: number): void {
    store(this.#words, this.#base + head, stateWord(STATE_CELLS, sizeClass))
  }

  /** First half of giving back: false when it is no run (somebody else was first). The bodies are still there. */
  hold(head: number, owner: OwnerId): boolean {
    const word = load(this.#words, this.#base + head)
    return stateOf(word) === STATE_RUN && exchange(this.#words, this.#base + head, word, stateWord(STATE_HELD, owner))
  }

  /** Second half of giving back, and what a reaper does with the HELD head of a dead owner. */
  release(head: number, options: { dirty: boolean }): void {
    const free = options.dirty ? FREE_DIRTY : FREE_CLEAN
    const body = stateWord(STATE_BODY, head)
    for (let unit = head + this.heldLength(head) - 1; unit > head; unit -= 1) exchange(this.#words, this.#base + unit, body, free)
    store(this.#words, this.#base + head, free)
  }

  /** How many units the run at `head` has; 0 when it is none. */
  lengthAt(head: number): number {
    const word = load(this.#words, this.#base + head)
    return stateOf(word) === STATE_RUN ? valueOf(word) : 0
  }

  /** The size class of a unit with cells; -1 when it has none. */
  sizeClassAt(unit: number): number {
    const word = load(this.#words, this.#base + unit)
    return stateOf(word) === STATE_CELLS ? valueOf(word) : -1
  }

  /** How many units hang on a HELD head, itself included. */
  heldLength(head: number): number {
    const body = stateWord(STATE_BODY, head)
    let end = head + 1
    while (end < this.#count && load(this.#words, this.#base + end) === body) end += 1
    return end - head
  }

  /** How many dirty units `take` has used up since the last call; those it had to give back count the other way. */
  dirtyTaken(): number {
    const taken = this.#dirtyTaken
    this.#dirtyTaken = 0
    return taken
  }

  /** How many units below `limit` are free and dirty. */
  countDirty(limit: number): number {
    let count = 0
    for (let unit = this.#first; unit < limit; unit += 1) if (load(this.#words, this.#base + unit) === FREE_DIRTY) count += 1
    return count
  }

  /** Takes this unit if it is free and dirty, and leaves it HELD by `owner`. */
  takeDirty(unit: number, owner: OwnerId): boolean {
    return exchange(this.#words, this.#base + unit, FREE_DIRTY, stateWord(STATE_HELD, owner))
  }

  /** What a word says, for checks and counts. */
  entryAt(unit: number): RunEntry {
    const word = load(this.#words, this.#base + unit)
    const value = valueOf(word)
    switch (stateOf(word)) {
      case STATE_FREE:
        return { kind: 'free', dirty: word === FREE_DIRTY }
      case STATE_HELD:
        return { kind: 'held', owner: value }
      case STATE_RUN:
        return { kind: 'run', length: value }
      case STATE_BODY:
        return { kind: 'body', head: value }
      case STATE_CELLS:
        return { kind: 'cells', sizeClass: value }
      default:
        throw new Error(`Word ${unit} of a run table holds ${word}, which no step writes: memory was overwritten`)
    }
  }

  get first(): number {
    return this.#first
  }

  get count(): number {
    return this.#count
  }

  /** The highest of `length` units that is not free; -1: all are. From the top, so that the search jumps as far as it can. */
  #firstTaken(head: number, length: number): number {
    for (let unit = head + length - 1; unit >= head; unit -= 1) {
      if (stateOf(load(this.#words, this.#base + unit)) !== STATE_FREE) return unit
    }
    return -1
  }

  #claim(head: number, length: number, owner: OwnerId): boolean {
    if (this.#limitWord !== null) raise(this.#words, this.#limitWord, head + length)
    if (!this.#exchangeFree(head, stateWord(STATE_HELD, owner))) return false
    const body = stateWord(STATE_BODY, head)
    for (let unit = head + 1; unit < head + length; unit += 1) {
      if (!this.#exchangeFree(unit, body)) {
        this.#dirtyTaken -= this.heldLength(head)
        this.release(head, { dirty: true })
        return false
      }
    }
    return true
  }

  #exchangeFree(unit: number, to: number): boolean {
    const word = load(this.#words, this.#base + unit)
    if (stateOf(word) !== STATE_FREE || !exchange(this.#words, this.#base + unit, word, to)) return false
    if (word === FREE_DIRTY) this.#dirtyTaken += 1
    return true
  }
}
