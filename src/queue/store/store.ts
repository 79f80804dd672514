// Where a queue's messages lie, as message-queue.ts sees it: a place in the arena into which records go and out of which they come. Nothing
// here waits: who finds somebody else at it gets BUSY. What all stores have in common is their header (header.ts).
//
// Any process may be killed between any two instructions of these functions; README.md of each store has the argument why that leaves nothing
// behind but a name in a lock, which `unlockForDead` strikes out.
import type { OwnerId } from '../../memory/identity.ts'
import type { Incoming } from '../incoming.ts'
import type { Outgoing } from '../outgoing.ts'
import type { Header } from './header.ts'

/** Somebody else is at it at the moment. */
export const BUSY = -1
/** Nothing goes in any more. */
export const SHUT = -2

/** Throws if the queue is closed: then its header is perhaps another's. Under the lock it stays true. */
export type Check = () => void

export interface Store {
  readonly header: Header
  /** A longer message is a block of its own beside its record. Bytes. */
  readonly mostInline: number
  /** Whether a take may be worth it. */
  readonly hasItems: boolean
  /** Somebody has the lock that a take, or a put, needs: until it is given back an attempt is in vain. */
  readonly isTaking: boolean
  readonly isPutting: boolean
  /** Others wanted a lock that this thread had: those who wait may have looked in vain. */
  wasContended: boolean
  /** Puts records as far as there is room. Returns how many went in, or why none did. */
  put(outgoing: Outgoing, check: Check): number
  /** Takes up to `most` records. Returns how many came, or BUSY. What is beside them is this thread's then. */
  take(incoming: Incoming, most: number, check: Check): number
  /** From now on puts are refused; `how` is DRAINING or SHUT_AT_ONCE. 0, or BUSY. */
  refusePuts(how: number, check: Check): number
  /** Takes all that is there and drops it, as done with. Returns how many, or BUSY. */
  drop(check: Check): number
  /** What the dead had taken, and had not done with, is lost, and counts as done. Returns how many, or BUSY. */
  lose(isDead: (owner: OwnerId) => boolean, check: Check): number
  /** Gives back locks that dead ones hold. True: there were some. */
  unlockForDead(isDead: (owner: OwnerId) => boolean): boolean
  /** 0: nobody else is at it or will be, until `end`. Or BUSY. */
  lockAll(): number
  /** After `lockAll`, when the queue is closed: frees all that is in it, and gives up the header. */
  end(): void
}
