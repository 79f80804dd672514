import { deadlineAfter, timeLeft } from '../base/deadline.ts'
import { checkFunction, checkInteger, expected } from '../base/validate.ts'
import { readSyncWaitOptions, readWaitOptions, type SyncWaitOptions, type WaitOptions } from '../base/wait-options.ts'
import { arena } from '../memory/arena.ts'
import { type OwnerId, slotOf } from '../memory/identity.ts'
import { ring } from './waiting/doorbell.ts'
import { describe, describeWaiting, inspect } from './parts/inspection.ts'
import { Lock, suspendLock } from './lock.ts'
import { RLock, suspendRLock } from './rlock.ts'
import { ConditionWait } from './parts/condition-wait.ts'
import { checkOver } from './parts/holding.ts'
import { type Closable, closeBlock, type Suspended } from './parts/shared-object.ts'
import { notifyOldest } from './state/condition-state.ts'
import { KIND_CONDITION } from './state/object-layout.ts'
import { SharedBlock } from './state/shared-block.ts'
import { waitFor, waitForSync } from './waiting/waits.ts'

/** For sending. */
export let blockOfCondition: (condition: Condition<Lock | RLock>) => SharedBlock

/**
 * A place to wait, under a lock, until another says that something has changed; Python's `Condition`. Its lock is a `Lock` unless one is given
 * (Python's is an RLock). Every wait gives the lock up and has it back when it settles, also after a timeout or an abort, and that
 * may last beyond the time. Those who have waited longest are notified first.
 *
 * Crash safety: a process that dies waiting is passed over by `notify`; one that dies with the lock leaves it `abandoned`.
 */
export class Condition<L extends Lock | RLock = Lock> implements Closable {
  readonly #block: SharedBlock
  readonly #lock: L

  /** @throws TypeError for what is no lock */
  constructor(lock?: L)
  constructor(lock: unknown = new Lock(), existing?: SharedBlock) {
    if (!(lock instanceof Lock || lock instanceof RLock)) throw new TypeError(expected('lock', 'a Lock or an RLock', lock))
    this.#lock = lock as L
    this.#block = existing instanceof SharedBlock ? existing : SharedBlock.create(KIND_CONDITION, 'Condition')
  }

  get lock(): L {
    return this.#lock
  }

  /** As the lock's. */
  run<T>(body: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T> {
    return this.#lock.run(body, options)
  }

  /** As the lock's. */
  runSync<T>(body: () => T, options?: SyncWaitOptions): T {
    return this.#lock.runSync(body, options)
  }

  /** As the lock's. */
  holdSync(options?: SyncWaitOptions): Disposable {
    return this.#lock.holdSync(options)
  }

  /** As the lock's; over an RLock it is `run()`. */
  async acquire(this: Condition<Lock>, options?: WaitOptions): Promise<boolean> {
    return await plainLockOf(this.#lock, 'acquire').acquire(options)
  }

  /** As the lock's; over an RLock it is `run()`. */
  async hold(this: Condition<Lock>, options?: WaitOptions): Promise<Disposable> {
    return await plainLockOf(this.#lock, 'hold').hold(options)
  }

  /** As the lock's. */
  acquireSync(options?: SyncWaitOptions): boolean {
    return this.#lock.acquireSync(options)
  }

  /** As the lock's. */
  tryAcquire(): boolean {
    return this.#lock.tryAcquire()
  }

  /** As the lock's. */
  release(): void {
    this.#lock.release()
  }

  /**
   * With the lock held: waits until it is notified. False: the time was up first.
   * It must be awaited: a body that ends before does so without the lock.
   * @throws MultiprocessingError `ERR_NOT_HELD`, `ERR_TOO_MANY_WAITS` (there is room for 4,100); ClosedError; the reason of the signal: with the lock held again, like every end
   */
  async wait(options?: WaitOptions): Promise<boolean> {
    const read = readWaitOptions(options)
    const wait = this.#begin()
    try {
      wait.giveAway()
      await waitFor(wait, () => wait.attempt(), read)
    } catch (error) {
      wait.failure = { error }
    }
    try {
      await wait.suspended.resume()
    } catch (error) {
      wait.failure = { error }
    }
    return wait.end()
  }

  /** The same, blocking this thread. @throws also InterruptedError */
  waitSync(options?: SyncWaitOptions): boolean {
    const timeout = readSyncWaitOptions(options)
    const wait = this.#begin()
    try {
      wait.giveAway()
      waitForSync(wait, () => wait.attempt(), timeout)
    } catch (error) {
      wait.failure = { error }
    }
    try {
      wait.suspended.resumeSync()
    } catch (error) {
      wait.failure = { error }
    }
    return wait.end()
  }

  /** With the lock held: waits until the predicate is true, which is asked after each notification. False: the time was up first. */
  async waitFor(predicate: () => boolean, options?: WaitOptions): Promise<boolean> {
    checkFunction(predicate, 'predicate')
    const { timeout, signal } = readWaitOptions(options)
    signal?.throwIfAborted()
    const deadline = deadlineAfter(timeout)
    const withSignal = signal === undefined ? {} : { signal }
    while (!checkOver(predicate(), 'predicate')) {
      const left = timeLeft(deadline)
      if (!(await this.wait({ timeout: left, ...withSignal })) && left === 0) return checkOver(predicate(), 'predicate')
    }
    return true
  }

  /** The same, blocking this thread. @throws also InterruptedError */
  waitForSync(predicate: () => boolean, options?: SyncWaitOptions): boolean {
    checkFunction(predicate, 'predicate')
    const timeout = readSyncWaitOptions(options)
    const deadline = deadlineAfter(timeout)
    while (!checkOver(predicate(), 'predicate')) {
      const left = timeLeft(deadline)
      if (!this.waitSync({ timeout: left }) && left === 0) return checkOver(predicate(), 'predicate')
    }
    return true
  }

  /** With the lock held: notifies up to `n` of those who have waited longest; one, if nothing is said. @throws MultiprocessingError `ERR_NOT_HELD` */
  notify(n = 1): void {
    this.#block.check()
    suspendedOf(this.#lock)
    for (const name of notifyOldest(this.#block, checkInteger(n, 'n', 0), isReaped)) ring(slotOf(name))
  }

  /** With the lock held: notifies all who wait. @throws MultiprocessingError `ERR_NOT_HELD` */
  notifyAll(): void {
    this.notify(Number.MAX_SAFE_INTEGER)
  }

  /** Its lock stays open, whoever made it. */
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
    return describe('Condition', this.#block, () => [this.#lock[inspect](), describeWaiting(this.#block)])
  }

  #begin(): ConditionWait {
    this.#block.check()
    return new ConditionWait(this.#block, suspendedOf(this.#lock))
  }

  static {
    blockOfCondition = condition => condition.#block
  }
}

/** Of one that is dead and has not been reaped, whoever finds out passes the notification on. */
function isReaped(owner: OwnerId): boolean {
  return !arena().slots.isCurrent(owner)
}

/** @throws MultiprocessingError `ERR_NOT_HELD` */
function suspendedOf(lock: Lock | RLock): Suspended {
  return lock instanceof Lock ? suspendLock(lock) : suspendRLock(lock)
}

function plainLockOf(lock: Lock | RLock, method: string): Lock {
  if (lock instanceof Lock) return lock
  throw new TypeError(`A condition over an RLock has no ${method}() in promise form, which belongs to a call chain: use run()`)
}
