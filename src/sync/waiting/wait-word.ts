// A 32-bit word that threads of any process wait on until it changes: what futex is for blocking threads, for promises too. It is the
// plainest of the shared objects, made of nothing but what all of them stand on.
import { type Deadline, timeLeft } from '../../base/deadline.ts'
import { arena } from '../../memory/arena.ts'
import { SHARED_OBJECT } from '../../memory/identity.ts'
import type { Reference } from '../../memory/segments.ts'
import { add, load, store } from '../../memory/words.ts'
import { KIND_WORD, STATE } from '../state/object-layout.ts'
import { SharedBlock } from '../state/shared-block.ts'
import { type Kind, Listed, wakeAll } from './listed.ts'
import { waitFor, waitForSync } from './waits.ts'

/** Each wait is for the end of a value of its own. */
const WORDS: Kind = { isAvailable: () => true, wakesAll: true, inAnyOrder: true }

export class WaitWord {
  readonly reference: Reference
  readonly #block: SharedBlock

  /** The word in a block that is there; see `create`. Several objects for one word are as good as one. */
  constructor(reference: Reference) {
    this.reference = reference
    this.#block = SharedBlock.find({ reference, generation: arena().allocator.entries.generationOf(reference) }, 'word')
  }

  /** A new word with the value 0 that belongs to the tree. */
  static create(): WaitWord {
    return new WaitWord(SharedBlock.create(KIND_WORD, 'word').reference)
  }

  get value(): number {
    return load(this.#block.words, this.#block.base + STATE)
  }

  /** Sets the value and wakes all who wait for a change. */
  set(value: number): void {
    store(this.#block.words, this.#block.base + STATE, value)
    wakeAll(this.#block)
  }

  /** Adds to the value, wakes all who wait, and returns the value before. */
  add(amount: number): number {
    const before = add(this.#block.words, this.#block.base + STATE, amount)
    wakeAll(this.#block)
    return before
  }

  /** Settles once the value is not `expected`; false: the deadline passed first. Holds the event loop open until then. */
  wait(expected: number, deadline: Deadline = Infinity): Promise<boolean> {
    const options = { timeout: timeLeft(deadline), signal: undefined }
    return waitFor(new Listed(this.#block, WORDS), () => this.value !== expected, options)
  }

  /** Blocks the thread until the value is not `expected`; false: the deadline passed first. @throws InterruptedError */
  waitSync(expected: number, deadline: Deadline = Infinity): boolean {
    return waitForSync(new Listed(this.#block, WORDS), () => this.value !== expected, timeLeft(deadline))
  }

  /** Frees the word for the whole tree. Nobody may wait on it any more. */
  free(): void {
    arena().allocator.free(this.reference, SHARED_OBJECT, arena().me)
  }
}
