// A worker's seat: a few words by which the pool sees what the worker is at, without asking it.
import { arena } from '../memory/arena.ts'
import { type Reference, segmentOf, wordOf } from '../memory/segments.ts'
import { exchange, load, store, type Words } from '../memory/words.ts'

const SEAT_BYTES = 64
const READY = 0
const IDLE = 1
const HELD = 2
const BUSY = 3

export class SeatWords {
  readonly reference: Reference
  readonly #words: Words
  readonly #base: number

  constructor(reference: Reference) {
    this.reference = reference
    this.#words = arena().segments.words(segmentOf(reference))
    this.#base = wordOf(reference)
  }

  static create(): SeatWords {
    const seat = new SeatWords(arena().allocate(SEAT_BYTES))
    for (const word of [READY, IDLE, HELD, BUSY]) store(seat.#words, seat.#base + word, 0)
    return seat
  }

  /** The worker has come up: what ends it from now on is not its start. */
  setReady(): void {
    store(this.#words, this.#base + READY, 1)
  }

  get ready(): boolean {
    return load(this.#words, this.#base + READY) !== 0
  }

  /** The worker found no task. It looks once more after this, so that a task put in between is seen by one of the two. */
  setIdle(): void {
    store(this.#words, this.#base + IDLE, 1)
  }

  clearIdle(): void {
    if (load(this.#words, this.#base + IDLE) !== 0) store(this.#words, this.#base + IDLE, 0)
  }

  /** The pool's: true for the one who may wake the worker. */
  claimIdle(): boolean {
    return load(this.#words, this.#base + IDLE) !== 0 && exchange(this.#words, this.#base + IDLE, 1, 0)
  }

  /** The task that the worker runs. Noted before its cell is released, so that at every moment one of the two names it. */
  hold(taskId: number): void {
    store(this.#words, this.#base + HELD, taskId)
    store(this.#words, this.#base + BUSY, 1)
  }

  letGo(): void {
    store(this.#words, this.#base + BUSY, 0)
  }

  /** The task that a dead worker was running, as far as the pool still waits for it; null: none. */
  get held(): number | null {
    return load(this.#words, this.#base + BUSY) === 0 ? null : load(this.#words, this.#base + HELD)
  }
}
