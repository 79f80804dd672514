import type { SyncWaitOptions, WaitOptions } from '../base/wait-options.ts'
import { type Acquirable, runHeld, runHeldSync } from './parts/holding.ts'
import { inspect } from './parts/inspection.ts'
import { Permits } from './parts/permits.ts'
import type { Closable } from './parts/shared-object.ts'
import type { SharedBlock } from './state/shared-block.ts'
import { type Readiness, type WaitableObject, waitable } from './waiting/waitable.ts'

/** For sending. */
export let blockOfBoundedSemaphore: (semaphore: BoundedSemaphore) => SharedBlock

/**
 * A number of permits of which there are never more than at the beginning, as Python's `BoundedSemaphore`.
 *
 * Crash safety: permits that a dead process took with `hold`, `run` and their like come back within 100 ms; by `acquire`, they are lost.
 */
export class BoundedSemaphore implements Acquirable, Closable, WaitableObject {
  readonly #permits: Permits

  /** `value`: permits at the beginning, 0 to 524,287; 1, if nothing is said. @throws TypeError, RangeError */
  constructor(value?: number)
  constructor(value?: unknown) {
    this.#permits = Permits.from(value, { isBounded: true })
  }

  /** How many permits there are to take. */
  get value(): number {
    return this.#permits.count
  }

  /** How many there were at the beginning. */
  get maxValue(): number {
    return this.#permits.most
  }

  /** Takes one. False: the time was up first. */
  acquire(options?: WaitOptions): Promise<boolean> {
    return this.#permits.acquire(options)
  }

  /** Blocks this thread. False: the time was up first. @throws InterruptedError, ClosedError */
  acquireSync(options?: SyncWaitOptions): boolean {
    return this.#permits.acquireSync(options)
  }

  /** Never waits. */
  tryAcquire(): boolean {
    return this.#permits.tryAcquire()
  }

  /** Gives `n` permits back. @throws MultiprocessingError `ERR_NOT_HELD` when there would be more than at the beginning */
  release(n = 1): void {
    this.#permits.release(n)
  }

  /** Takes one that comes back if this process dies. @throws TimeoutError, ClosedError */
  hold(options?: WaitOptions): Promise<Disposable> {
    return this.#permits.hold(options)
  }

  /** The same, blocking. @throws TimeoutError, InterruptedError, ClosedError */
  holdSync(options?: SyncWaitOptions): Disposable {
    return this.#permits.holdSync(options)
  }

  /** Runs the body with a permit held. @throws TimeoutError, ClosedError, and what the body throws */
  run<T>(body: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T> {
    return runHeld(body, () => this.hold(options))
  }

  /** The same, blocking, for a body that is over when it returns. @throws TimeoutError, InterruptedError, and what the body throws */
  runSync<T>(body: () => T, options?: SyncWaitOptions): T {
    return runHeldSync(body, () => this.holdSync(options))
  }

  /** For `wait()`: ready while there are permits. */
  [waitable](): Readiness {
    return this.#permits.readiness()
  }

  close(): void {
    this.#permits.close()
  }

  get closed(): boolean {
    return !this.#permits.block.isOpen
  }

  [Symbol.dispose](): void {
    this.close()
  }

  [inspect](): string {
    return this.#permits.describe('BoundedSemaphore', { isBounded: true })
  }

  static {
    blockOfBoundedSemaphore = semaphore => semaphore.#permits.block
  }
}
