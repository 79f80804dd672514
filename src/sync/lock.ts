import { DeadlockError } from '../base/errors.ts'
import { checkFunction } from '../base/validate.ts'
import { readSyncWaitOptions, readWaitOptions, type SyncWaitOptions, type WaitOptions } from '../base/wait-options.ts'
import { arena } from '../memory/arena.ts'
import type { OwnerId } from '../memory/identity.ts'
import { type Kind, Listed, wakeNext } from './waiting/listed.ts'
import { type Acquirable, Held, runHeld, runThenRelease, timedOut } from './parts/holding.ts'
import { describeLock, inspect } from './parts/inspection.ts'
import { blockFor, type Closable, closeBlock, notHeld, type Suspended } from './parts/shared-object.ts'
import {
  clearAbandoned,
  heirOf,
  isAbandoned,
  isFree,
  isHeldByLoopOf,
  ownerOf,
  passOverHeir,
  PROMISE,
  release,
  renounce,
  reserve,
  take,
} from './state/lock-state.ts'
import { KIND_LOCK, type ObjectWords, REACH } from './state/object-layout.ts'
import type { SharedBlock } from './state/shared-block.ts'
import { longestWaiting } from './state/waiting-list.ts'
import { isAwaitedHere, waitFor, waitForSync, waitUninterrupted, WITHOUT_LIMIT } from './waiting/waits.ts'
import { loadAfterExchange } from '../memory/words.ts'

export const LOCKS: Kind = { isAvailable: isFree, firstInTurn: heirOf, waitedLong: reserveInTurn, left: renounce }

/** For conditions, and for sending. */
export let blockOfLock: (lock: Lock) => SharedBlock
export let suspendLock: (lock: Lock) => Suspended

const TAKEN = Promise.resolve(true)

/**
 * A lock that any process or thread of the tree may take, and anyone may release, as Python's `Lock`. Those who wait are woken in the order
 * in which they began; who comes meanwhile may be first, but not once somebody has waited for 50 ms.
 *
 * Crash safety: when its owner dies holding it, the next has it within 100 ms, and `abandoned` is true.
 * @example await lock.run(async () => { … })   // or: using held = lock.holdSync()
 */
export class Lock implements Acquirable, Closable {
  readonly #block: SharedBlock

  constructor()
  constructor(existing?: unknown) {
    this.#block = blockFor(existing, KIND_LOCK, 'Lock')
  }

  /** Whether anybody holds it at this moment. */
  get locked(): boolean {
    this.#block.check()
    return ownerOf(this.#block) !== 0
  }

  /** An owner died holding it: what it guards may be half done. It stays so until `clearAbandoned()`. */
  get abandoned(): boolean {
    this.#block.check()
    return isAbandoned(this.#block)
  }

  /** All that the lock guards is well again. */
  clearAbandoned(): void {
    this.#block.check()
    clearAbandoned(this.#block)
  }

  /** False: the time was up first. @throws ClosedError, or the reason of the signal; all by rejecting */
  acquire(options?: WaitOptions): Promise<boolean> {
    const block = this.#block
    if (options === undefined && block.isOpen && !isAwaitedHere(block.reference) && take(block, arena().me, PROMISE)) return TAKEN
    return this.#acquire(options)
  }

  async #acquire(options: WaitOptions | undefined): Promise<boolean> {
    const read = readWaitOptions(options)
    const block = this.#block
    block.check()
    return await waitFor(new Listed(block, LOCKS), () => this.#take(PROMISE), read)
  }

  /**
   * Blocks this thread. False: the time was up first.
   * @throws DeadlockError when this thread's event loop holds it; InterruptedError; ClosedError
   */
  acquireSync(options?: SyncWaitOptions): boolean {
    const block = this.#block
    block.check()
    if (options === undefined && take(block, arena().me, 0)) return true
    const timeout = readSyncWaitOptions(options)
    if (isHeldByLoopOf(block, arena().me)) throw new DeadlockError()
    return waitForSync(new Listed(block, LOCKS), () => this.#take(0), timeout)
  }

  /** Never waits. False: somebody has it, or it is another's turn. */
  tryAcquire(): boolean {
    this.#block.check()
    return take(this.#block, arena().me, 0)
  }

  /** Gives it back, whoever took it. @throws MultiprocessingError `ERR_NOT_HELD` when nobody did */
  release(): void {
    const block = this.#block
    block.check()
    if (!release(block, arena().me)) throw notHeld('The lock is released, but nobody holds it: it was released too often')
    if (loadAfterExchange(block.words, block.base + REACH) !== 0) wakeNext(block, LOCKS)
  }

  /** `using held = await lock.hold()`. @throws TimeoutError, ClosedError */
  async hold(options?: WaitOptions): Promise<Disposable> {
    if (!(await this.acquire(options))) throw timedOut(this[inspect]())
    return this.#held()
  }

  /** Blocks this thread. @throws TimeoutError, DeadlockError, InterruptedError, ClosedError */
  holdSync(options?: SyncWaitOptions): Disposable {
    if (!this.acquireSync(options)) throw timedOut(this[inspect]())
    return this.#held()
  }

  /** Runs the body with the lock held. @throws TimeoutError, ClosedError, and what the body throws */
  run<T>(body: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T> {
    return runHeld(body, () => this.hold(options))
  }

  /** The same, blocking, for a body that is over when it returns. @throws TimeoutError, DeadlockError, InterruptedError, and what the body throws */
  runSync<T>(body: () => T, options?: SyncWaitOptions): T {
    checkFunction(body, 'body')
    if (!this.acquireSync(options)) throw timedOut(this[inspect]())
    return runThenRelease(body, this)
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
    return describeLock('Lock', this.#block)
  }

  /** What this thread has not any more, because the body has released or closed it, is not released again: somebody else may have it. */
  #held(): Held {
    return new Held(() => {
      if (!this.closed && ownerOf(this.#block) === arena().me) this.release()
    })
  }

  /** For a wait on a condition: gives the lock away until `resume`. */
  #suspend(): Suspended {
    const block = this.#block
    const { me } = arena()
    block.check()
    if (ownerOf(block) !== me) throw notHeld('This thread does not hold the lock of the condition')
    const form = isHeldByLoopOf(block, me) ? PROMISE : 0
    return {
      check: () => block.check(),
      giveAway: () => this.release(),
      resume: async () => void (await waitFor(new Listed(block, LOCKS), () => this.#take(PROMISE), WITHOUT_LIMIT)),
      resumeSync: () => waitUninterrupted(new Listed(block, LOCKS), () => this.#take(form)),
    }
  }

  #take(form: number): boolean {
    this.#block.check()
    return take(this.#block, arena().me, form)
  }

  static {
    blockOfLock = lock => lock.#block
    suspendLock = lock => lock.#suspend()
  }
}

/**
 * The longest waiting is the next heir: whoever looks first among those who have waited long would otherwise be served first. An heir that has
 * not come for what is free from one look to the next does something else, and is passed over.
 */
function reserveInTurn(object: ObjectWords, me: OwnerId, wait: { idleHeir: OwnerId }): void {
  if (longestWaiting(object) === me) return reserve(object, me)
  const heir = isFree(object) ? heirOf(object) : 0
  if (heir !== 0 && heir === wait.idleHeir) passOverHeir(object, me)
  wait.idleHeir = heir
}
