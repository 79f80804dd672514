// How a thread waits for an object whose list (state/waiting-list.ts) it is in, whatever kind of object that is.
import { addReapHook, arena } from '../../memory/arena.ts'
import { type OwnerId, slotOf } from '../../memory/identity.ts'
import type { Reference } from '../../memory/segments.ts'
import { ring } from './doorbell.ts'
import { isOwnerDead } from './life.ts'
import { allNames } from '../state/places.ts'
import { repairAll, rescueObject } from '../state/repair.ts'
import type { ObjectWords } from '../state/object-layout.ts'
import type { SharedBlock } from '../state/shared-block.ts'
import { chooseNext, enter, forgetNext, leave, nowLooking, requeue } from '../state/waiting-list.ts'
import type { Awaited } from './waits.ts'

/** What there is to know about a kind of object. */
export interface Kind {
  /** It may be taken, perhaps. */
  isAvailable(object: ObjectWords): boolean
  /** Somebody has it in hand for a moment: who looks again and again makes no attempt meanwhile. */
  isBusy?(): boolean
  /** Nobody passes on that it was woken, for all were. */
  readonly wakesAll?: boolean
  /** See `Awaited`. */
  readonly looksFirst?: boolean
  /** What one wait of a thread does not get, another may. */
  readonly inAnyOrder?: boolean
  /** Who is to be rung before those who wait; 0: nobody. */
  firstInTurn?(object: ObjectWords): OwnerId
  /** `me` has waited for 50 ms and longer. */
  waitedLong?(object: ObjectWords, me: OwnerId, wait: { idleHeir: OwnerId }): void
  /** `me` waits no longer. */
  left?(object: ObjectWords, me: OwnerId): void
}

const LONG = 50

/** This thread in an object's list. A closed object's block may be another's by now: it is left alone. */
export class Listed implements Awaited {
  readonly reference: Reference
  readonly generation: number
  readonly isInOrder: boolean
  readonly mayOvertake: boolean
  readonly looksFirst: boolean
  readonly #handle: SharedBlock
  /** A view of its own: the handle may be closed while this thread is in the list of an object that stays open for others. */
  readonly #block: SharedBlock
  readonly #kind: Kind
  #place = -1
  #turn = 0
  /** Who was the heir of what was free at the last look. */
  idleHeir: OwnerId = 0

  constructor(block: SharedBlock, kind: Kind) {
    this.reference = block.reference
    this.generation = block.generation
    this.#handle = block
    this.#block = block.view()
    this.#kind = kind
    this.isInOrder = kind.inAnyOrder !== true
    this.mayOvertake = kind.wakesAll === true
    this.looksFirst = kind.looksFirst === true
  }

  check(): void {
    this.#handle.check()
  }

  enter(): void {
    if (this.#block.isOpen) this.#place = enter(this.#block, arena().me)
  }

  leave(): void {
    const place = this.#place
    this.#place = -1
    if (place === -1 || !this.#block.isOpen) return
    const { me } = arena()
    leave(this.#block, place, me)
    this.#kind.left?.(this.#block, me)
    if (this.#kind.wakesAll !== true && this.#kind.isAvailable(this.#block)) wakeNext(this.#block, this.#kind)
  }

  requeue(): void {
    if (this.#place !== -1 && this.#block.isOpen) requeue(this.#block, this.#place)
  }

  nowLooking(): void {
    if (this.#place !== -1 && this.#block.isOpen) nowLooking(this.#block, arena().me)
  }

  /** A cheaper look than an attempt, which would take the cache line from whoever has it. */
  mayTry(): boolean {
    return !this.#block.isOpen || (this.#kind.isAvailable(this.#block) && this.#kind.isBusy?.() !== true)
  }

  rescue(waited: number): void {
    if (!this.#block.isOpen) return
    forgetNext(this.#block)
    rescue(this.#block, this.#turn)
    this.#turn += 1
    if (waited >= LONG) this.#kind.waitedLong?.(this.#block, arena().me, this)
  }
}

/** Looks for the dead on whom this thread's progress depends, and wakes all if there was one. `turn`: how many such looks there were. */
export function rescue(object: ObjectWords, turn: number): void {
  if (rescueObject(object, { me: arena().me, isDead: isOwnerDead }, turn)) wakeAll(object)
}

/** Rings who has waited longest, or whose turn it is. The object is available before this is called. */
export function wakeNext(object: ObjectWords, kind: Kind): void {
  const next = chooseNext(object, kind.firstInTurn?.(object) ?? 0)
  if (next !== 0) ring(slotOf(next))
}

export function wakeAll(object: ObjectWords): void {
  for (const name of allNames(object)) ring(slotOf(name))
}

addReapHook((dead, me) => repairAll(arena(), dead, me, wakeAll))
