// One wait on a condition, from its place in the list to its end with the lock held again.
import { MultiprocessingError } from '../../base/errors.ts'
import { arena } from '../../memory/arena.ts'
import type { Reference } from '../../memory/segments.ts'
import { enterCondition, isNotified, leaveCondition, notifyOldest } from '../state/condition-state.ts'
import type { SharedBlock } from '../state/shared-block.ts'
import { rescue, wakeAll } from '../waiting/listed.ts'
import type { Awaited } from '../waiting/waits.ts'
import type { Suspended } from './shared-object.ts'

export class ConditionWait implements Awaited {
  readonly reference: Reference
  readonly generation: number
  readonly isInOrder = true
  readonly suspended: Suspended
  /** What has ended the wait, other than its time or a notification. */
  failure: { readonly error: unknown } | null = null
  readonly #handle: SharedBlock
  /** A view of its own: the handle may be closed before this has left. */
  readonly #block: SharedBlock
  readonly #place: number
  #turn: number

  /** With the lock held. @throws MultiprocessingError `ERR_TOO_MANY_WAITS` */
  constructor(block: SharedBlock, suspended: Suspended) {
    this.reference = block.reference
    this.generation = block.generation
    this.suspended = suspended
    this.#handle = block
    this.#block = block.view()
    this.#place = enterCondition(this.#block, arena().me)
    if (this.#place === -1)
      throw new MultiprocessingError('Too many wait for this condition: there is room for 4100', { code: 'ERR_TOO_MANY_WAITS' })
    this.#turn = this.#place
  }

  giveAway(): void {
    this.suspended.giveAway()
  }

  /** True: it was notified. @throws ClosedError, also when its lock is closed: nobody could notify it any more */
  attempt(): boolean {
    this.check()
    this.suspended.check()
    return isNotified(this.#block, this.#place)
  }

  check(): void {
    this.#handle.check()
  }

  /** With the lock held again. Who was notified returns so, whatever else has ended its wait: nobody else was notified in its stead. */
  end(): boolean {
    const notified = this.#leave()
    this.check()
    if (this.failure !== null && !notified) throw this.failure.error
    this.suspended.check()
    return notified
  }

  // Who is notified is rung by the name in its place.
  enter(): void {}
  leave(): void {}

  rescue(): void {
    if (this.#block.isOpen) rescue(this.#block, this.#turn)
    this.#turn += 1
  }

  /** A notification that nobody can use here, for the handle is closed, goes to the next. */
  #leave(): boolean {
    if (!this.#block.isOpen) return false
    const notified = leaveCondition(this.#block, this.#place, arena().me)
    if (notified && !this.#handle.isOpen) {
      notifyOldest(this.#block, 1, () => false)
      wakeAll(this.#block)
    }
    return notified
  }
}
