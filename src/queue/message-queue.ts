// What all queues are: a store of messages, and those who wait for something to be in it, for room in it, and for all of it to be done with. What
// goes in and comes out, putting.ts and getting.ts say; the classes beside them show what of it they have.
import { ClosedError, ShutDownError } from '../base/errors.ts'
import { Undelivered } from '../channel/undelivered.ts'
import type { Reference } from '../memory/segments.ts'
import { load } from '../memory/words.ts'
import { closeBlock } from '../sync/parts/shared-object.ts'
import { allNames } from '../sync/state/places.ts'
import { KIND_WORD, REACH } from '../sync/state/object-layout.ts'
import { SharedBlock, type SharedHandle } from '../sync/state/shared-block.ts'
import { isOwnerDead } from '../sync/waiting/life.ts'
import { type Kind, Listed, wakeAll, wakeNext } from '../sync/waiting/listed.ts'
import type { Readiness } from '../sync/waiting/waitable.ts'
import type { Awaited } from '../sync/waiting/waits.ts'
import type { Incoming } from './incoming.ts'
import { type Insistence, insist, insistBriefly, persist } from './insist.ts'
import type { Outgoing } from './outgoing.ts'
import { DRAINING, OPEN, SHUT_AT_ONCE } from './store/layout.ts'
import type { Ledger } from './ledger/ledger.ts'
import { BUSY, SHUT, type Store } from './store/store.ts'

/** What another process finds a queue by. */
export interface QueueHandle {
  readonly header: Reference
  readonly lists: readonly SharedHandle[]
}

/** The store with this header. */
export type StoreAt = (header: Reference) => Store

/** The rank of an item, which is called `name` in errors. @throws TypeError, RangeError, and what the program's own code throws */
export type RankOf = (item: unknown, name: string) => number

/** For errors. */
const NAME = 'queue'

export class MessageQueue {
  readonly store: Store
  /** For stores that ask for it. */
  readonly rankOf: RankOf | null
  /** Who waits for something to be in it; this block's end is the queue's. */
  readonly items: SharedBlock
  readonly room: SharedBlock
  readonly done: SharedBlock
  readonly undelivered = new Undelivered('await queue.get()')
  readonly #itemsKind: Kind
  readonly #roomKind: Kind
  readonly #doneKind: Kind
  readonly #check = (): void => this.check()

  private constructor(store: Store, lists: readonly SharedBlock[], rankOf: RankOf | null) {
    this.store = store
    this.rankOf = rankOf
    const [items, room, done] = lists as [SharedBlock, SharedBlock, SharedBlock]
    this.items = items
    this.room = room
    this.done = done
    const { header } = store
    const waitedLong = (): void => this.#freeLocks()
    this.#itemsKind = {
      isAvailable: () => store.hasItems || header.shutDown !== OPEN,
      isBusy: () => store.isTaking,
      looksFirst: true,
      waitedLong,
    }
    this.#roomKind = {
      isAvailable: () => !header.isFull || header.shutDown !== OPEN,
      isBusy: () => store.isPutting,
      looksFirst: true,
      waitedLong,
    }
    this.#doneKind = { isAvailable: () => true, wakesAll: true, waitedLong: () => this.#lookForDead() }
  }

  /** On a new store. Killed inside: lists of 64 bytes may be left until the tree's end. */
  static create(store: Store, rankOf: RankOf | null = null): MessageQueue {
    const lists = [0, 1, 2].map(() => SharedBlock.create(KIND_WORD, NAME))
    store.header.share(lists.map(({ reference }) => reference))
    return new MessageQueue(store, lists, rankOf)
  }

  static find({ header, lists }: QueueHandle, storeAt: StoreAt, rankOf: RankOf | null = null): MessageQueue {
    return new MessageQueue(
      storeAt(header),
      lists.map(list => SharedBlock.find(list, NAME)),
      rankOf,
    )
  }

  /** @throws ClosedError */
  get handle(): QueueHandle {
    this.check()
    return { header: this.store.header.reference, lists: [this.items, this.room, this.done].map(({ handle }) => handle) }
  }

  get isOpen(): boolean {
    return this.items.isOpen
  }

  /** @throws ClosedError */
  check(): void {
    this.items.check()
  }

  /**
   * Puts what there is room for. True: that was all of it; false: the queue is full, or somebody else is at it.
   * @throws ShutDownError, ClosedError
   */
  putNow(outgoing: Outgoing, mayInsist = false): boolean {
    return this.#put(outgoing, mayInsist ? insist : null)
  }

  /**
   * The same for promises: whoever is at it has a fraction of a millisecond to be done. A promise for what there is room for would otherwise be
   * pending now and then, in a thread that blocks next for the answer, or ends.
   */
  putSoon(outgoing: Outgoing): boolean {
    return this.#put(outgoing, insistBriefly)
  }

  #put(outgoing: Outgoing, how: Insistence | null): boolean {
    const { store } = this
    const count = how === null ? store.put(outgoing, this.#check) : how(store, () => store.put(outgoing, this.#check))
    if (count === SHUT) throw new ShutDownError('The queue is shut down: nothing more goes in')
    // Who was woken for room wakes the next. Not who had none: two large messages would wake one another for ever.
    if (count > 0 || this.#takeContended()) this.#wakeBoth()
    return outgoing.count === 0
  }

  /**
   * Takes up to `most` of what is there. How many came; 0: none, or somebody else is at it.
   * @throws ShutDownError when there is nothing and nothing will come, ClosedError
   */
  takeNow(incoming: Incoming, most: number, mayInsist = false): number {
    const { store } = this
    // In this order: once puts are refused, what is in it is all that there is.
    const { shutDown } = store.header
    if (shutDown === SHUT_AT_ONCE || !store.hasItems) {
      this.check()
      if (shutDown !== OPEN) throw new ShutDownError('The queue is shut down and empty')
      return 0
    }
    const attempt = (): number => store.take(incoming, most, this.#check)
    const count = mayInsist ? insist(store, attempt) : attempt()
    if (count > 0 || this.#takeContended()) this.#wakeBoth()
    return Math.max(0, count)
  }

  /** This thread as one who waits for something to be in the queue, for room in it, or for all to be done with. */
  waitingForItems(): Awaited {
    return new Listed(this.items, this.#itemsKind)
  }

  /** For `wait()`: an item is there, or a get would throw at once. */
  readiness(): Readiness {
    this.check()
    return {
      awaited: this.waitingForItems(),
      isReady: () => {
        this.check()
        return !this.undelivered.isEmpty || this.#itemsKind.isAvailable(this.items)
      },
    }
  }

  waitingForRoom(): Awaited {
    return new Listed(this.room, this.#roomKind)
  }

  waitingForDone(): Awaited {
    return new Listed(this.done, this.#doneKind)
  }

  /** Of one that can be joined. @throws ClosedError */
  get ledger(): Ledger {
    this.check()
    return this.store.header.ledger as Ledger
  }

  /** One of those that were taken is done with. False: all are. @throws ClosedError */
  finishOne(): boolean {
    if (!this.ledger.report()) return false
    this.#tellDone()
    return true
  }

  /** Refuses puts from now on. `atOnce`: drops what is in it, too, and that counts as done. */
  shutDown({ atOnce }: { atOnce: boolean }): void {
    const { store } = this
    this.check()
    const how = atOnce ? SHUT_AT_ONCE : DRAINING
    // Somebody who has been stopped in a put may put that one still.
    if (persist(store, () => store.refusePuts(how, this.#check)) === BUSY) store.header.refuseLaterPuts(how)
    if (atOnce) persist(store, () => store.drop(this.#check))
    wakeAll(this.room)
    wakeAll(this.items)
    this.#tellDone()
  }

  /** In the thread that made it: ends the queue for the whole tree, with all that is in it. Elsewhere: lets go of it. */
  close(): void {
    if (!this.isOpen || !this.items.isMadeHere) return this.#letGo()
    const { store } = this
    // Somebody who has been stopped with a lock keeps the memory until the tree's end; nothing else comes of it.
    const isFree = persist(store, () => store.lockAll()) !== BUSY
    this.#letGo()
    if (isFree) store.end()
  }

  #letGo(): void {
    for (const list of [this.items, this.room, this.done]) closeBlock(list)
  }

  /** One of those who wait for items, and one of those who wait for room, if there is something for it. */
  #wakeBoth(): void {
    this.#wake(this.items, this.#itemsKind)
    this.#wake(this.room, this.#roomKind)
  }

  #wake(list: SharedBlock, kind: Kind): void {
    // Its maker may have closed it since: then the words are somebody else's.
    if (this.#isAwaited(list) && list.isOpen && kind.isAvailable(list)) wakeNext(list, kind)
  }

  #takeContended(): boolean {
    const { store } = this
    const { wasContended } = store
    store.wasContended = false
    return wasContended
  }

  #tellDone(): void {
    // In this order: most of the time nobody waits.
    if (this.#isAwaited(this.done) && this.store.header.ledger?.unfinished === 0) wakeAll(this.done)
  }

  #isAwaited({ words, base }: SharedBlock): boolean {
    return load(words, base + REACH) !== 0
  }

  #freeLocks(): void {
    if (!this.isOpen || !this.store.unlockForDead(isOwnerDead)) return
    wakeAll(this.items)
    wakeAll(this.room)
  }

  /** They may have taken something and not done with it, or shut the queue down at once and not dropped all that was in it. */
  #lookForDead(): void {
    this.#freeLocks()
    const { store } = this
    try {
      this.check()
      if (store.header.ledger?.mayHaveLost(isOwnerDead) === true && store.lose(isOwnerDead, this.#check) > 0) wakeAll(this.done)
      if (store.header.shutDown === SHUT_AT_ONCE && store.hasItems) store.drop(this.#check)
      if (this.#takeContended()) this.#wakeBoth()
    } catch (error) {
      // Then whoever waits hears it from its own attempt.
      if (!(error instanceof ClosedError)) throw error
    }
  }

  /** How many threads wait for something to be in it, and for room. */
  get waiting(): { readonly items: number; readonly room: number } {
    return { items: allNames(this.items).length, room: allNames(this.room).length }
  }
}
