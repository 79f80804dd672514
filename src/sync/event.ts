// An event is one word: whether it is set, and how often it has been set. Who waits remembers the number from the beginning, so a wait
// that began before `set()` is over also when `clear()` follows at once.
import { readSyncWaitOptions, readWaitOptions, type SyncWaitOptions, type WaitOptions } from '../base/wait-options.ts'
import { exchange, load } from '../memory/words.ts'
import { type Kind, Listed, wakeAll } from './waiting/listed.ts'
import { describe, describeWaiting, inspect } from './parts/inspection.ts'
import { blockFor, type Closable, closeBlock } from './parts/shared-object.ts'
import { KIND_EVENT, STATE } from './state/object-layout.ts'
import type { SharedBlock } from './state/shared-block.ts'
import { type Readiness, type WaitableObject, waitable } from './waiting/waitable.ts'
import { waitFor, waitForSync } from './waiting/waits.ts'

const EVENTS: Kind = { isAvailable: () => true, wakesAll: true }
const SET = 1
const ONE_SETTING = 2

/** For sending. */
export let blockOfEvent: (event: Event) => SharedBlock

/** A flag that processes wait for, as Python's `Event`. Beside the global one: `import { Event as ProcessEvent } from 'polyprocess'`. */
export class Event implements Closable, WaitableObject {
  readonly #block: SharedBlock

  constructor()
  constructor(existing?: unknown) {
    this.#block = blockFor(existing, KIND_EVENT, 'Event')
  }

  get isSet(): boolean {
    this.#block.check()
    return (this.#state & SET) !== 0
  }

  /** Sets the flag and wakes all who wait; they go on also if it is cleared at once. */
  set(): void {
    const { words, base } = this.#block
    this.#block.check()
    for (let now = this.#state; (now & SET) === 0; now = this.#state) {
      if (!exchange(words, base + STATE, now, (now | SET) + ONE_SETTING)) continue
      wakeAll(this.#block)
      return
    }
  }

  clear(): void {
    const { words, base } = this.#block
    this.#block.check()
    for (let now = this.#state; (now & SET) !== 0; now = this.#state) exchange(words, base + STATE, now, now & ~SET)
  }

  /** True: it is set, or was since; false: the time was up first. @throws ClosedError, or the reason of the signal */
  async wait(options?: WaitOptions): Promise<boolean> {
    const read = readWaitOptions(options)
    this.#block.check()
    return await waitFor(new Listed(this.#block, EVENTS), this.#setSinceNow(), read)
  }

  /** Blocks this thread. @throws InterruptedError, ClosedError */
  waitSync(options?: SyncWaitOptions): boolean {
    const timeout = readSyncWaitOptions(options)
    this.#block.check()
    return waitForSync(new Listed(this.#block, EVENTS), this.#setSinceNow(), timeout)
  }

  /** For `wait()`, which an event that is set ends also if it is cleared at once. */
  [waitable](): Readiness {
    this.#block.check()
    return { awaited: new Listed(this.#block, EVENTS), isReady: this.#setSinceNow() }
  }

  close(): void {
    closeBlock(this.#block)
  }

  get closed(): boolean {
    return !this.#block.isOpen
  }

  [Symbol.dispose](): void {
    this.close()
  }

  [inspect](): string {
    return describe('Event', this.#block, () => [(this.#state & SET) !== 0 ? 'set' : 'not set', describeWaiting(this.#block)])
  }

  get #state(): number {
    return load(this.#block.words, this.#block.base + STATE)
  }

  #setSinceNow(): () => boolean {
    const settings = this.#state >>> 1
    return () => {
      this.#block.check()
      const now = this.#state
      return (now & SET) !== 0 || now >>> 1 !== settings
    }
  }

  static {
    blockOfEvent = event => event.#block
  }
}
