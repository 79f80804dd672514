// What comes out of `imapSync` and `imapUnorderedSync`: this thread blocks for each result that is not there yet.
import { Fifo } from '../../base/fifo.ts'
import { NEEDS_IMPORT, neverReady } from '../calls/blocking.ts'
import { type Outcome, unwrap } from '../calls/outcome.ts'
import type { PoolCore } from '../pool-core.ts'
import type { StreamInlet, StreamSource } from './result-stream.ts'

/** Where results come from, and what shows how far they are. */
export interface SyncSource extends StreamSource {
  tick(): void
}

/** Reads its input only as fast as it is read. `return()`, `break` and disposal call off what is pending. */
export class SyncStream<R> implements IterableIterator<R, undefined> {
  readonly #core: PoolCore
  readonly #ready = new Fifo<Outcome<R>>()
  readonly #source: SyncSource
  #isComplete = false
  #isLate = false

  private constructor(core: PoolCore, open: (inlet: StreamInlet<R>) => SyncSource) {
    this.#core = core
    this.#source = open({
      deliver: outcome => {
        if (!this.#isComplete) this.#ready.push(outcome)
      },
      complete: () => {
        this.#isComplete = true
      },
      late: () => {
        this.#isLate = true
      },
    })
  }

  /** For this library: as that of ResultStream. */
  static from<R>(core: PoolCore, open: (inlet: StreamInlet<R>) => SyncSource): SyncStream<R> {
    return new SyncStream(core, open)
  }

  /**
   * Blocks this thread until there is a result. @throws what its call threw, and can be called again for the one after it;
   * InterruptedError when a signal has a listener that wants to run: the stream is over, and what was under way has been called off
   */
  next(): IteratorResult<R, undefined> {
    if (this.#ready.length === 0 && !this.#isComplete) this.#block()
    const outcome = this.#ready.shift()
    if (outcome === undefined) return { value: undefined, done: true }
    if (!this.#isComplete) this.#source.onTaken()
    return { value: unwrap(outcome), done: false }
  }

  #block(): void {
    this.#core.checkMayBlock()
    try {
      this.#core.block(() => {
        this.#source.tick()
        return this.#ready.length > 0 || this.#isComplete || this.#isLate
      }, Infinity)
      if (this.#ready.length === 0 && this.#isLate) throw neverReady(NEEDS_IMPORT)
    } catch (error) {
      this.return()
      throw error
    }
  }

  /** Ends the stream: nothing more is read from the input, and what is under way is called off. @throws what the input throws at that */
  return(): IteratorResult<R, undefined> {
    const wasComplete = this.#isComplete
    this.#isComplete = true
    this.#ready.clear()
    if (!wasComplete) this.#source.stop()
    return { value: undefined, done: true }
  }

  [Symbol.iterator](): this {
    return this
  }

  [Symbol.dispose](): void {
    this.return()
  }
}
