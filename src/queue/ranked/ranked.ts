// A store that gives the message of the lowest rank first, or the last one put: README.md has the argument. It has one lock, *in*'s.
import { arena } from '../../memory/arena.ts'
import type { OwnerId } from '../../memory/identity.ts'
import type { Reference } from '../../memory/segments.ts'
import { load, peek, type Words } from '../../memory/words.ts'
import type { Incoming } from '../incoming.ts'
import type { Outgoing } from '../outgoing.ts'
import { type Bounds, Header } from '../store/header.ts'
import { IN, KIND, RANKED, STACK } from '../store/layout.ts'
import { isLocked, lockSide, unlockForDead, unlockSide } from '../store/sides.ts'
import { BUSY, type Check, type Store } from '../store/store.ts'
import { dropEntries, freeEntries } from './end.ts'
import { DIRTY, MOST_INLINE } from './layout.ts'
import { Pages } from './pages.ts'
import { putEntries } from './put.ts'
import { putRight } from './repair.ts'
import { takeEntries } from './take.ts'

export class Ranked implements Store {
  readonly header: Header
  readonly mostInline = MOST_INLINE
  readonly words: Words
  readonly base: number
  readonly pages: Pages
  /** The last put is the next taken; ranks do not matter. */
  readonly isStack: boolean
  wasContended = false

  private constructor(header: Header) {
    this.header = header
    this.words = header.words
    this.base = header.base
    this.pages = new Pages(header.words, header.base)
    this.isStack = peek(header.words, header.base + KIND) === STACK
  }

  /** Killed inside: nothing is left. */
  static create(bounds: Bounds): Ranked {
    return new Ranked(Header.create(RANKED, { ...bounds, isJoinable: true }))
  }

  static createStack(bounds: Bounds): Ranked {
    return new Ranked(Header.create(STACK, { ...bounds, isJoinable: true }))
  }

  static find(reference: Reference): Ranked {
    return new Ranked(new Header(reference))
  }

  /** Where something is to be put right, there may be more than was counted. */
  get hasItems(): boolean {
    return !this.header.isEmpty || load(this.words, this.base + DIRTY) !== 0
  }

  get isTaking(): boolean {
    return isLocked(this.words, this.base + IN)
  }

  get isPutting(): boolean {
    return isLocked(this.words, this.base + IN)
  }

  put(outgoing: Outgoing, check: Check): number {
    return this.#locked(check, () => putEntries(this, outgoing))
  }

  take(incoming: Incoming, most: number, check: Check): number {
    return this.#locked(check, () => takeEntries(this, incoming, most))
  }

  refusePuts(how: number, check: Check): number {
    return this.#locked(check, () => {
      this.header.refuseLaterPuts(how)
      return 0
    })
  }

  drop(check: Check): number {
    return this.#locked(check, () => dropEntries(this))
  }

  lose(isDead: (owner: OwnerId) => boolean, check: Check): number {
    return this.#locked(check, () => this.header.ledger?.lose(isDead) ?? 0)
  }

  unlockForDead(isDead: (owner: OwnerId) => boolean): boolean {
    return unlockForDead(this.words, this.base + IN, isDead)
  }

  lockAll(): number {
    return lockSide(this.words, this.base + IN, arena().me) ? 0 : BUSY
  }

  end(): void {
    putRight(this)
    freeEntries(this)
    unlockSide(this.words, this.base + IN)
    this.header.giveUp()
  }

  #locked(check: Check, body: () => number): number {
    check()
    if (this.lockAll() === BUSY) return BUSY
    try {
      check()
      putRight(this)
      return body()
    } finally {
      if (unlockSide(this.words, this.base + IN)) this.wasContended = true
    }
  }
}
