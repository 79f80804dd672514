import { DeadlockError } from '../base/errors.ts'
import { deadlineAfter, timeLeft } from '../base/deadline.ts'
import { checkFunction } from '../base/validate.ts'
import { type ReadWaitOptions, readSyncWaitOptions, readWaitOptions, type SyncWaitOptions, type WaitOptions } from '../base/wait-options.ts'
import { arena } from '../memory/arena.ts'
import { exchange, loadAfterExchange, peek } from '../memory/words.ts'
import { Listed, wakeNext } from './waiting/listed.ts'
import { Held, runHeld, runThenRelease, timedOut } from './parts/holding.ts'
import { describeLock, inspect } from './parts/inspection.ts'
import { LOCKS } from './lock.ts'
import { currentHold, Hold, holdOf, runWithHold } from './parts/rlock-chains.ts'
import { blockFor, type Closable, closeBlock, notHeld, type Suspended } from './parts/shared-object.ts'
import { clearAbandoned, isAbandoned, isHeldByLoopOf, ownerOf, PROMISE, release, take } from './state/lock-state.ts'
import { KIND_RLOCK, OWN, REACH, STATE } from './state/object-layout.ts'
import type { SharedBlock } from './state/shared-block.ts'
import { waitFor, waitForSync, waitUninterrupted, WITHOUT_LIMIT } from './waiting/waits.ts'

/** How often its thread has taken it in blocking form. Only the owner writes it; it means nothing when nobody holds the lock. */
const DEPTH = OWN + 1

/** For conditions, and for sending. */
export let blockOfRLock: (lock: RLock) => SharedBlock
export let suspendRLock: (lock: RLock) => Suspended

/**
 * A lock that its owner may take again, as Python's `RLock`. The blocking forms belong to the thread: whoever takes it twice releases it twice.
 * The promise form is `run()` only and belongs to the call chain: while its body runs, `run()` in that chain enters at once, also
 * deeper down (a thread that has taken it in blocking form has it for all of its chains); bodies started side by side inside one body run one after the other; what outlives the body holds nothing.
 *
 * Crash safety: when its owner dies holding it, the next has it within 100 ms, and `abandoned` is true.
 */
export class RLock implements Closable {
  readonly #block: SharedBlock

  constructor()
  constructor(existing?: unknown) {
    this.#block = blockFor(existing, KIND_RLOCK, 'RLock')
  }

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

  /** Runs the body while its call chain holds the lock. @throws TimeoutError, ClosedError, and what the body throws */
  async run<T>(body: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T> {
    checkFunction(body, 'body')
    const { timeout, signal } = readWaitOptions(options)
    this.#block.check()
    const deadline = deadlineAfter(timeout)
    const left = (): ReadWaitOptions => ({ timeout: timeLeft(deadline), signal })
    for (;;) {
      const outer = holdOf(this.#block)
      if (outer === null || ownerOf(this.#block) !== arena().me) return await this.#runOutermost(body, left())
      const entered = await outer.enter(left())
      if (entered === 'timed out') throw timedOut(this[inspect]())
      if (entered === 'ended') continue
      if (outer.isActive && ownerOf(this.#block) === arena().me) return await this.#runInside(outer, body)
      // A wait on a condition gave the lock away while this one stood in line, or this is a forked child.
      outer.leave()
    }
  }

  /** The same for a body that is over when it returns. Blocks this thread. @throws TimeoutError, DeadlockError, InterruptedError, and what the body throws */
  runSync<T>(body: () => T, options?: SyncWaitOptions): T {
    checkFunction(body, 'body')
    if (!this.acquireSync(options)) throw timedOut(this[inspect]())
    return runThenRelease(body, this)
  }

  /** Blocks this thread. @throws TimeoutError, DeadlockError, InterruptedError, ClosedError */
  holdSync(options?: SyncWaitOptions): Disposable {
    if (!this.acquireSync(options)) throw timedOut(this[inspect]())
    return new Held(() => this.release())
  }

  /**
   * Blocks this thread, which may have it already. False: the time was up first.
   * @throws DeadlockError when another call chain of this thread holds it; InterruptedError; ClosedError
   */
  acquireSync(options?: SyncWaitOptions): boolean {
    const block = this.#block
    // Mostly it is free. What follows is for all other cases.
    if (options === undefined && block.isOpen && exchange(block.words, block.base + STATE, 0, arena().me)) {
      this.#depth = 1
      return true
    }
    block.check()
    const timeout = readSyncWaitOptions(options)
    if (this.#tryNow()) return true
    if (isHeldByLoopOf(block, arena().me)) throw new DeadlockError()
    if (!waitForSync(new Listed(block, LOCKS), () => this.#take(0), timeout)) return false
    this.#depth = 1
    return true
  }

  /** Never waits; it belongs to the thread, as the blocking forms do. */
  tryAcquire(): boolean {
    this.#block.check()
    return this.#tryNow()
  }

  /** @throws MultiprocessingError `ERR_NOT_HELD` when this thread does not hold it in blocking form */
  release(): void {
    const block = this.#block
    const { me } = arena()
    // Mostly it was taken once. The depth is whoever's has the lock; the exchange says whether that is this thread.
    if (block.isOpen && this.#depth === 1 && exchange(block.words, block.base + STATE, me, 0)) {
      if (loadAfterExchange(block.words, block.base + REACH) !== 0) wakeNext(block, LOCKS)
      return
    }
    block.check()
    const hold = isHeldByLoopOf(block, me) ? holdOf(block) : null
    if (hold !== null && hold.depth > 0) {
      hold.depth -= 1
      return
    }
    if (ownerOf(block) !== me || isHeldByLoopOf(block, me)) throw notHeld('The lock is released by a thread that has not taken it')
    if (this.#depth > 1) this.#depth -= 1
    else this.#giveAway()
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
    return describeLock('RLock', this.#block, this.#block.isOpen ? this.#depth : 1)
  }

  async #runOutermost<T>(body: () => T | PromiseLike<T>, options: ReadWaitOptions): Promise<T> {
    const block = this.#block
    const isThreads = ownerOf(block) === arena().me && !isHeldByLoopOf(block, arena().me)
    if (isThreads) {
      this.#depth += 1
      const holder = arena().me
      return await runHeld(body, async () => new Held(() => holder === arena().me && !this.closed && this.release()))
    }
    if (!(await waitFor(new Listed(block, LOCKS), () => this.#take(PROMISE), options))) throw timedOut(this[inspect]())
    this.#depth = 1
    const hold = new Hold(block.handle, currentHold(), null)
    try {
      return await runWithHold(hold, body)
    } finally {
      // Not if the body has closed it, or this is a child that was forked inside, or a wait that nobody waits for has given it away.
      if (block.isOpen && !hold.isSuspended && isHeldByLoopOf(block, arena().me)) this.#giveAway()
    }
  }

  async #runInside<T>(outer: Hold, body: () => T | PromiseLike<T>): Promise<T> {
    try {
      return await runWithHold(new Hold(this.#block.handle, currentHold(), outer), body)
    } finally {
      outer.leave()
    }
  }

  /** True: it was free, or this thread's or call chain's own. */
  #tryNow(): boolean {
    const block = this.#block
    const { me } = arena()
    // Whether it is this thread's own, nobody changes but this thread.
    if (peek(block.words, block.base + STATE) === me) {
      this.#depth += 1
      return true
    }
    if (take(block, me, 0)) {
      this.#depth = 1
      return true
    }
    if (ownerOf(block) !== me) return false
    if (!isHeldByLoopOf(block, me)) {
      this.#depth += 1
      return true
    }
    const hold = holdOf(block)
    if (hold === null) return false
    hold.depth += 1
    return true
  }

  #take(form: number): boolean {
    this.#block.check()
    return take(this.#block, arena().me, form)
  }

  #giveAway(): void {
    const block = this.#block
    release(block, arena().me)
    if (loadAfterExchange(block.words, block.base + REACH) !== 0) wakeNext(block, LOCKS)
  }

  /** For a wait on a condition: gives the lock away as often as it was taken, until `resume`. */
  #suspend(): Suspended {
    const block = this.#block
    const { me } = arena()
    block.check()
    const form = isHeldByLoopOf(block, me) ? PROMISE : 0
    const hold = holdOf(block)
    if (hold?.isEntered) throw notHeld('A body that runs inside this one has the lock of the condition: await it first')
    if (ownerOf(block) !== me || (form === PROMISE && hold === null)) {
      throw notHeld('Neither this thread nor this call chain holds the lock of the condition')
    }
    let outermost = hold
    while (outermost?.outer) outermost = outermost.outer
    const depth = this.#depth
    const done = (): void => {
      this.#depth = depth
      outermost?.suspend(false)
      // The body did not wait for its wait: nobody else would give the lock back.
      if (outermost?.hasEnded) this.#giveAway()
    }
    return {
      check: () => block.check(),
      giveAway: () => {
        block.check()
        outermost?.suspend(true)
        this.#giveAway()
      },
      resume: async () => {
        await waitFor(new Listed(block, LOCKS), () => this.#take(form), WITHOUT_LIMIT)
        done()
      },
      resumeSync: () => {
        waitUninterrupted(new Listed(block, LOCKS), () => this.#take(form))
        done()
      },
    }
  }

  // Not atomic: only the owner reads and writes it, and others look at it for people.
  get #depth(): number {
    return this.#block.words[this.#block.base + DEPTH] as number
  }

  set #depth(depth: number) {
    this.#block.words[this.#block.base + DEPTH] = depth
  }

  static {
    blockOfRLock = lock => lock.#block
    suspendRLock = lock => lock.#suspend()
  }
}
