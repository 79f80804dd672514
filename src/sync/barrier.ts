import { BrokenBarrierError } from '../base/errors.ts'
import { checkFunction, checkInteger, checkTimeout, readOptions } from '../base/validate.ts'
import { readSyncWaitOptions, readWaitOptions, type SyncWaitOptions, type WaitOptions } from '../base/wait-options.ts'
import { wakeAll } from './waiting/listed.ts'
import { BarrierVisit } from './parts/barrier-visit.ts'
import { describe, inspect } from './parts/inspection.ts'
import { type Closable, closeBlock } from './parts/shared-object.ts'
import { ANY, arrivedAt, breakBarrier, isBroken, MAX_PARTIES, partiesOf, resetBarrier, setParties } from './state/barrier-state.ts'
import { KIND_BARRIER } from './state/object-layout.ts'
import { SharedBlock } from './state/shared-block.ts'
import { waitFor, waitForSync } from './waiting/waits.ts'

const TOO_LATE = 'The barrier is broken: the time of a wait was up before all had come'

export interface BarrierOptions {
  /** Called by the last to arrive, before the others go on. If it throws, the barrier breaks. */
  action?: () => void
  /** Milliseconds, for waits that say nothing themselves. */
  timeout?: number
}

/** For sending. */
export let blockOfBarrier: (barrier: Barrier) => SharedBlock
export let optionsOfBarrier: (barrier: Barrier) => BarrierOptions

/**
 * A place where a number of processes wait for each other, again and again; Python's `Barrier`. One that times out, is aborted or dies while
 * it waits breaks it for all, until `reset()`.
 */
export class Barrier implements Closable {
  readonly #block: SharedBlock
  readonly #options: BarrierOptions

  /** `parties`: 1 to 2,000. @throws TypeError, RangeError */
  constructor(parties: number, options?: BarrierOptions)
  constructor(parties: unknown, options?: unknown) {
    this.#options = readOptions<BarrierOptions>(options, ['action', 'timeout'])
    if (this.#options.action !== undefined) checkFunction(this.#options.action, 'action')
    checkTimeout(this.#options.timeout)
    if (parties instanceof SharedBlock) {
      this.#block = parties
      return
    }
    checkInteger(parties, 'parties', 1, MAX_PARTIES)
    this.#block = SharedBlock.create(KIND_BARRIER, 'Barrier')
    setParties(this.#block, parties as number)
  }

  get parties(): number {
    this.#block.check()
    return partiesOf(this.#block)
  }

  /** How many wait at this moment. */
  get waiting(): number {
    this.#block.check()
    return arrivedAt(this.#block)
  }

  get broken(): boolean {
    this.#block.check()
    return isBroken(this.#block)
  }

  /**
   * Settles when all have come, with the number of those who came before, so that just one of them gets 0.
   * @throws BrokenBarrierError, also when the time is up; ClosedError; the reason of the signal
   */
  async wait(options?: WaitOptions): Promise<number> {
    const { timeout, signal } = readWaitOptions(options)
    const visit = new BarrierVisit(this.#block, this.#options.action)
    try {
      if (await waitFor(visit, () => visit.attempt(), { timeout: this.#limit(timeout), signal })) return visit.index
      return visit.giveUp(new BrokenBarrierError(TOO_LATE))
    } catch (error) {
      return visit.giveUp(error)
    } finally {
      visit.end()
    }
  }

  /** The same, blocking this thread. @throws also InterruptedError */
  waitSync(options?: SyncWaitOptions): number {
    const timeout = this.#limit(readSyncWaitOptions(options))
    const visit = new BarrierVisit(this.#block, this.#options.action)
    try {
      if (waitForSync(visit, () => visit.attempt(), timeout)) return visit.index
      return visit.giveUp(new BrokenBarrierError(TOO_LATE))
    } catch (error) {
      return visit.giveUp(error)
    } finally {
      visit.end()
    }
  }

  /** Breaks the barrier: all who wait and all who come get a BrokenBarrierError, until `reset()`. */
  abort(): void {
    this.#block.check()
    breakBarrier(this.#block, ANY)
    wakeAll(this.#block)
  }

  /** Makes it as new. Who waits gets a BrokenBarrierError. */
  reset(): void {
    this.#block.check()
    resetBarrier(this.#block)
    wakeAll(this.#block)
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
    return describe('Barrier', this.#block, () => [
      `${arrivedAt(this.#block)} of ${partiesOf(this.#block)} waiting`,
      isBroken(this.#block) ? 'broken' : null,
    ])
  }

  #limit(timeout: number): number {
    return timeout === Infinity ? (this.#options.timeout ?? Infinity) : timeout
  }

  static {
    blockOfBarrier = barrier => barrier.#block
    optionsOfBarrier = barrier => barrier.#options
  }
}
