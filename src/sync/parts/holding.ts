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

/** Runs the body while it is held. */
export async function runHeld<T>(body: () => T | PromiseLike<T>, hold: () => Promise<Disposable>): Promise<T> {
  checkFunction(body, 'body')
  const held = await hold()
  try {
    return await body()
  } finally {
    held[Symbol.dispose]()
  }
}

export function runHeldSync<T>(body: () => T, hold: () => Disposable): T {
  checkFunction(body, 'body')
  const held = hold()
  try {
    return checkOver(body())
  } finally {
    held[Symbol.dispose]()
  }
}

/** Runs the body of one who has taken the lock, and releases it. */
export function runThenRelease<T>(body: () => T, lock: { release(): void }): T {
  const holder = arena().me
  try {
    return checkOver(body())
  } finally {
    // In a child that was forked inside the body, it is the parent's.
    if (holder === arena().me) lock.release()
  }
}

/** @throws TypeError for a promise, behind which nothing would be held any more */
function checkOver<T>(result: T): T {
  if (typeof (result as PromiseLike<unknown> | null | undefined)?.then !== 'function') return result
  // Its failure would come up beside this error.
  Promise.resolve(result).catch(() => {})
  throw new TypeError('Expected `body` to be over when it returns, got a promise: use run() instead of runSync()')
}

export function timedOut(what: string): TimeoutError {
  return new TimeoutError(`The time was up before ${what} was available`)
}
