// Holding something for as long as a block of code or a function runs.
import { TimeoutError } from '../../base/errors.ts'
import { checkFunction } from '../../base/validate.ts'
import type { SyncWaitOptions, WaitOptions } from '../../base/wait-options.ts'
import { arena } from '../../memory/arena.ts'
import type { OwnerId } from '../../memory/identity.ts'

/** What can be held; it is given back however the body ends. */
export interface Holdable {
  /** `using held = await lock.hold()`. @throws TimeoutError */
  hold(options?: WaitOptions): Promise<Disposable>
  /** Waiting: blocks this thread. @throws TimeoutError, InterruptedError */
  holdSync(options?: SyncWaitOptions): Disposable
  /** Python's `with lock:`, for bodies that may be asynchronous. @throws TimeoutError, and what the body throws */
  run<T>(body: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T>
  /** The same, blocking, for a body that is over when it returns. @throws TimeoutError, InterruptedError, and what the body throws */
  runSync<T>(body: () => T, options?: SyncWaitOptions): T
}

export interface Acquirable extends Holdable {
  /** False: the time was up first. An abort rejects with its reason. */
  acquire(options?: WaitOptions): Promise<boolean>
  /** Waiting: blocks this thread. False: the time was up first. @throws InterruptedError */
  acquireSync(options?: SyncWaitOptions): boolean
  /** Never waits. */
  tryAcquire(): boolean
  release(): void
}

/** Gives back once, however often it is disposed of; in a forked child not at all, which holds nothing of its parent's. */
export class Held implements Disposable {
  readonly #holder: OwnerId = arena().me
  #giveBack: (() => void) | null

  constructor(giveBack: () => void) {
    this.#giveBack = giveBack
  }

  [Symbol.dispose](): void {
    const giveBack = this.#giveBack
    this.#giveBack = null
    if (this.#holder === arena().me) giveBack?.()
  }
}

/** Runs the body while it is held. If both it and the giving back fail, its own error is what the caller hears of. */
export async function runHeld<T>(body: () => T | PromiseLike<T>, hold: () => Promise<Disposable>): Promise<T> {
  checkFunction(body, 'body')
  const held = await hold()
  let result: T
  try {
    result = await body()
  } catch (error) {
    giveBackAnyway(() => held[Symbol.dispose]())
    throw error
  }
  held[Symbol.dispose]()
  return result
}

export function runHeldSync<T>(body: () => T, hold: () => Disposable): T {
  checkFunction(body, 'body')
  const held = hold()
  let result: T
  try {
    result = checkOver(body(), 'body')
  } catch (error) {
    giveBackAnyway(() => held[Symbol.dispose]())
    throw error
  }
  held[Symbol.dispose]()
  return result
}

/** Runs the body of one who has taken the lock, and releases it. Written out: it is the plainest way to use a lock. */
export function runThenRelease<T>(body: () => T, lock: Releasable): T {
  const holder = arena().me
  let result: T
  try {
    result = checkOver(body(), 'body')
  } catch (error) {
    giveBackAnyway(() => releaseAs(holder, lock))
    throw error
  }
  releaseAs(holder, lock)
  return result
}

interface Releasable {
  readonly closed: boolean
  release(): void
}

/** In a child that was forked inside the body, it is the parent's; and the body may have closed it. */
function releaseAs(holder: OwnerId, lock: Releasable): void {
  if (holder === arena().me && !lock.closed) lock.release()
}

/** For one whose body has failed: what it has given back itself, or closed, is no more news than that. */
function giveBackAnyway(giveBack: () => void): void {
  try {
    giveBack()
  } catch {
    // The body's own error follows.
  }
}

/** @throws TypeError for a promise, behind which nothing would be held any more */
export function checkOver<T>(result: T, name: string): T {
  if (typeof (result as PromiseLike<unknown> | null | undefined)?.then !== 'function') return result
  // Its failure would come up beside this error.
  Promise.resolve(result).catch(() => {})
  const instead = name === 'body' ? ': use run() instead of runSync()' : ''
  throw new TypeError(`Expected \`${name}\` to be over when it returns, got a promise${instead}`)
}

/** `what`: the object as people see it, with who has it. */
export function timedOut(what: string): TimeoutError {
  return new TimeoutError(`The time was up: ${what}`)
}
