// What both semaphores are; they differ in the limit, and in what of it they show.
import { checkInteger } from '../../base/validate.ts'
import { readSyncWaitOptions, readWaitOptions, type SyncWaitOptions, type WaitOptions } from '../../base/wait-options.ts'
import { arena } from '../../memory/arena.ts'
import { load } from '../../memory/words.ts'
import { type Kind, Listed, wakeAll, wakeNext } from '../waiting/listed.ts'
import { Held, timedOut } from './holding.ts'
import { describe, describeWaiting } from './inspection.ts'
import { closeBlock, notHeld } from './shared-object.ts'
import { KIND_SEMAPHORE, REACH } from '../state/object-layout.ts'
import { SharedBlock } from '../state/shared-block.ts'
import {
  claimHolder,
  countOf,
  givePermits,
  heldBy,
  HOLDERS,
  holdPermit,
  isFull,
  MAX_COUNT,
  mostOf,
  returnPermit,
  setCount,
  takePermit,
  vacateHolder,
} from '../state/semaphore-state.ts'
import type { Readiness } from '../waiting/waitable.ts'
import { isAwaitedHere, waitFor, waitForSync } from '../waiting/waits.ts'

const SEMAPHORES: Kind = { isAvailable: block => countOf(block) > 0 }
const TAKEN = Promise.resolve(true)

export class Permits {
  readonly block: SharedBlock
  /** The most permits that there can be. */
  readonly most: number

  private constructor(block: SharedBlock) {
    this.block = block
    this.most = mostOf(block)
  }

  /** A new semaphore's, or those of the block that another process sent. @throws TypeError, RangeError */
  static from(value: unknown, { isBounded }: { isBounded: boolean }): Permits {
    if (value instanceof SharedBlock) return new Permits(value)
    const count = checkInteger(value ?? 1, 'value', 0, MAX_COUNT)
    const block = SharedBlock.create(KIND_SEMAPHORE, isBounded ? 'BoundedSemaphore' : 'Semaphore')
    setCount(block, count, isBounded ? count : MAX_COUNT)
    return new Permits(block)
  }

  get count(): number {
    this.block.check()
    return countOf(this.block)
  }

  tryAcquire(): boolean {
    this.block.check()
    return takePermit(this.block)
  }

  acquire(options: WaitOptions | undefined): Promise<boolean> {
    const { block } = this
    if (options === undefined && block.isOpen && !isAwaitedHere(block.reference) && takePermit(block)) return TAKEN
    return this.#acquire(() => takePermit(block), options)
  }

  async #acquire(take: () => boolean, options: WaitOptions | undefined): Promise<boolean> {
    const read = readWaitOptions(options)
    this.block.check()
    return await waitFor(new Listed(this.block, SEMAPHORES), this.#checked(take), read)
  }

  acquireSync(options: SyncWaitOptions | undefined, take: () => boolean = () => takePermit(this.block)): boolean {
    this.block.check()
    const timeout = readSyncWaitOptions(options)
    return waitForSync(new Listed(this.block, SEMAPHORES), this.#checked(take), timeout)
  }

  release(permits: number): void {
    const { block } = this
    block.check()
    checkInteger(permits, 'n', 1, MAX_COUNT)
    if (!givePermits(block, permits, this.most)) {
      throw notHeld(
        this.most === MAX_COUNT
          ? `A semaphore has room for ${MAX_COUNT} permits`
          : `The semaphore is released too often: ${countOf(block)} of its ${this.most} permits are there, and ${permits} more were given back`,
      )
    }
    this.#wake(permits)
  }

  readiness(): Readiness {
    this.block.check()
    return { awaited: new Listed(this.block, SEMAPHORES), isReady: () => this.count > 0 }
  }

  async hold(options: WaitOptions | undefined): Promise<Disposable> {
    const taking = this.#taking()
    if (!(await this.#acquire(taking.take, options)))
      throw timedOut(describe('semaphore', this.block, () => [`value ${countOf(this.block)}`, describeWaiting(this.block)]))
    return taking.held()
  }

  holdSync(options: SyncWaitOptions | undefined): Disposable {
    const taking = this.#taking()
    if (!this.acquireSync(options, taking.take))
      throw timedOut(describe('semaphore', this.block, () => [`value ${countOf(this.block)}`, describeWaiting(this.block)]))
    return taking.held()
  }

  #taking(): { take: () => boolean; held: () => Disposable } {
    let holder = 0
    const take = (): boolean => {
      holder = this.#holdNow()
      return holder !== 0
    }
    return { take, held: () => new Held(() => this.#giveBack(holder)) }
  }

  /** The holder's place with a permit more; 0: there is none to take; -1: taken, but there is no place to remember who has it. */
  #holdNow(): number {
    const { block } = this
    const { me } = arena()
    if (countOf(block) === 0) return 0
    const place = claimHolder(block, me)
    if (place === -1 || isFull(block, place)) return takePermit(block) ? -1 : 0
    if (holdPermit(block, place)) return place
    if (heldBy(block, place) === 0) vacateHolder(block, place, me)
    return 0
  }

  #giveBack(place: number): void {
    const { block } = this
    if (place === -1) return this.release(1)
    // Whoever closed the semaphore has taken all permits back.
    if (!block.isOpen) return
    returnPermit(block, place)
    if (heldBy(block, place) === 0) vacateHolder(block, place, arena().me)
    this.#wake(1)
  }

  #wake(permits: number): void {
    const { block } = this
    if (load(block.words, block.base + REACH) === 0) return
    if (permits === 1) wakeNext(block, SEMAPHORES)
    else wakeAll(block)
  }

  close(): void {
    closeBlock(this.block, HOLDERS)
  }

  describe(name: string, { isBounded }: { isBounded: boolean }): string {
    const limit = isBounded ? ` of ${this.most}` : ''
    return describe(name, this.block, () => [`value ${countOf(this.block)}${limit}`, describeWaiting(this.block)])
  }

  #checked(take: () => boolean): () => boolean {
    return () => {
      this.block.check()
      return take()
    }
  }
}
