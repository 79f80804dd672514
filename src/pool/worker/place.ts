// One of the tasks that a worker has in hand: its place in the seat, its signal, and what it waits for.
import type { SeatWords } from '../workforce/seat-words.ts'
import { lookingSignal } from './task-signal.ts'

export class Place {
  readonly number: number
  readonly #seat: SeatWords
  #id = 0
  #signal: { signal: AbortSignal; look: () => void } | null = null
  /** Of a generator that waits for its reader. */
  #resume: (() => void) | null = null

  constructor(seat: SeatWords, number: number) {
    this.#seat = seat
    this.number = number
  }

  /** The task is this worker's from now on. */
  hold(id: number): void {
    this.#id = id
    this.#seat.hold(this.number, id)
  }

  /** False: this worker is being stopped for its task. */
  letGo(): boolean {
    this.#signal = null
    return this.#seat.letGo(this.number, this.#id)
  }

  get id(): number {
    return this.#id
  }

  /** It was called off, for whatever reason. */
  get isCancelled(): boolean {
    return this.#seat.cancelReason(this.number, this.#id) !== 0
  }

  /** Nobody waits for it any more. */
  get isGivenUp(): boolean {
    return this.#seat.isGivenUp(this.number, this.#id)
  }

  get signal(): AbortSignal {
    if (this.#signal === null) {
      const id = this.#id
      this.#signal = lookingSignal(() => this.#seat.cancelReason(this.number, id))
      this.listen()
    }
    return this.#signal.signal
  }

  /** It heeds being called off. */
  listen(): void {
    this.#seat.setListens(this.number, this.#id)
  }

  /** The pool may have said something. */
  look(): void {
    this.#signal?.look()
    const resume = this.#resume
    this.#resume = null
    resume?.()
  }

  /** Items that its reader has taken. */
  get taken(): number {
    return this.#seat.credit(this.number, this.#id)
  }

  /** Resolves when the pool may have said something: look again. */
  nextWord(): Promise<void> {
    return new Promise(resolve => {
      this.#resume = resolve
    })
  }
}
