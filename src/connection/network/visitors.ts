// Strangers who have connected and must show that they have the key, all side by side: one that says nothing holds up nobody. What each may
// cost is bounded: 256 bytes and so many ms for an answer, and only who has the key is asked a second time. When it is crowded they get a second:
// whoever is behind 1,000 that say nothing has its turn, too.
import { AuthenticationError } from '../../base/errors.ts'
import { type Deadline, LONGEST_TIMER, timeLeft } from '../../base/deadline.ts'
import type { PollWatch } from '../../native/binding.ts'
import { native } from '../../native/load.ts'
import type { SystemAddress } from './addresses.ts'
import { asListener } from '../handshake/handshake.ts'
import { failed } from './pauses.ts'
import { SocketHandshake } from '../handshake/socket-handshake.ts'

/** A socket that blocks, and who is at its other end. */
export interface Arrival {
  readonly fd: number
  readonly address: SystemAddress
}

/** Who hears of each visitor how it went, once. */
export interface Host {
  arrived(arrival: Arrival): void
  failed(error: unknown, address: SystemAddress): void
}

interface Visitor extends Arrival {
  readonly handshake: SocketHandshake
  /** When it came, or gave its last whole answer. */
  since: number
  watch: PollWatch | null
}

const TO_READ = 1
/** So many at once make a crowd: no more are to be let in. */
export const MOST_VISITORS = 64
const CROWDED_PATIENCE = 1000

export class Visitors {
  readonly #key: Uint8Array
  readonly #patience: number
  readonly #host: Host
  /** In the order of `since`. */
  readonly #visitors = new Map<number, Visitor>()
  #timer: NodeJS.Timeout | null = null
  #holds = false

  /** `patience`: ms for each answer. */
  constructor(key: Uint8Array, patience: number, host: Host) {
    this.#key = key
    this.#patience = patience
    this.#host = host
  }

  get size(): number {
    return this.#visitors.size
  }

  get descriptors(): Iterable<number> {
    return this.#visitors.keys()
  }

  /** When the first of them will have taken too long. */
  get deadline(): Deadline {
    const [first] = this.#visitors.values()
    return first === undefined ? Infinity : first.since + this.#patienceNow()
  }

  /** Its challenge is sent at once. */
  add({ fd, address }: Arrival): void {
    const handshake = new SocketHandshake(fd, asListener(this.#key))
    const visitor: Visitor = { fd, address, handshake, since: performance.now(), watch: null }
    this.#visitors.set(fd, visitor)
    this.#advance(visitor)
    if (!this.#visitors.has(fd)) return
    this.#watch(visitor)
    this.#setTimer()
  }

  /** For who blocks the thread: the event loop cannot tell what has come. */
  look(): void {
    for (const visitor of this.#visitors.values()) this.#advance(visitor)
    this.#dismissLate()
  }

  /** Whether they keep the event loop running: while somebody waits for them. */
  hold(): void {
    this.#holds = true
    this.#timer?.ref()
  }

  letGo(): void {
    this.#holds = false
    this.#timer?.unref()
  }

  /** Nobody hears of those who are there. */
  close(): void {
    for (const visitor of this.#visitors.values()) this.#end(visitor)
  }

  /** In a forked child: they are the parent's, and so are watches and timers. */
  forget(): void {
    for (const fd of this.#visitors.keys()) native().closeOwned(fd)
    this.#visitors.clear()
    this.#timer = null
    this.#holds = false
  }

  #watch(visitor: Visitor): void {
    try {
      const watch = native().pollWatch(visitor.fd, () => {
        this.#advance(visitor)
        // An error of the socket has ended it; one that is closed by now does nothing.
        watch.wait(TO_READ)
      })
      visitor.watch = watch
      watch.wait(TO_READ)
    } catch (error) {
      this.#end(visitor)
      this.#host.failed(failed('No connection can be accepted', error), visitor.address)
    }
  }

  #advance(visitor: Visitor): void {
    const { frames } = visitor.handshake
    try {
      if (!visitor.handshake.advance()) {
        if (visitor.handshake.frames > frames) this.#giveTime(visitor)
        return
      }
    } catch (error) {
      this.#end(visitor)
      this.#host.failed(error, visitor.address)
      return
    }
    this.#leave(visitor)
    this.#host.arrived({ fd: visitor.fd, address: visitor.address })
  }

  /** Who has answered what it was asked has its time again for the next: perhaps it is this thread that was slow. */
  #giveTime(visitor: Visitor): void {
    this.#visitors.delete(visitor.fd)
    visitor.since = performance.now()
    this.#visitors.set(visitor.fd, visitor)
  }

  /** An answer may have come while this thread was busy, and not been looked at yet. */
  #dismissLate(): void {
    const patience = this.#patienceNow()
    for (const visitor of this.#visitors.values()) {
      if (timeLeft(visitor.since + patience) > 0) break
      this.#advance(visitor)
      if (this.#visitors.get(visitor.fd) !== visitor || timeLeft(visitor.since + patience) > 0) continue
      this.#end(visitor)
      this.#host.failed(new AuthenticationError(`The peer did not authenticate within ${patience} ms`), visitor.address)
    }
    this.#setTimer()
  }

  #end(visitor: Visitor): void {
    this.#leave(visitor)
    native().closeOwned(visitor.fd)
  }

  #leave(visitor: Visitor): void {
    visitor.watch?.close()
    this.#visitors.delete(visitor.fd)
    if (this.#visitors.size === 0) this.#clearTimer()
  }

  #patienceNow(): number {
    return this.#visitors.size < MOST_VISITORS ? this.#patience : Math.min(this.#patience, CROWDED_PATIENCE)
  }

  /** One timer for all: for the first, then for the next. It may come early: Node rounds, and the crowd may have gone. */
  #setTimer(): void {
    this.#clearTimer()
    if (this.#visitors.size === 0) return
    this.#timer = setTimeout(() => this.#dismissLate(), Math.min(timeLeft(this.deadline), LONGEST_TIMER))
    if (!this.#holds) this.#timer.unref()
  }

  #clearTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }
}
