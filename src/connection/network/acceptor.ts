// A listening socket and those who wait for somebody to come.
//
//   kernel's queue  --accept-->  visitors (with a key)  --authenticated-->  arrived  --accept()-->  the program
//
// Sockets are taken out of the kernel's queue only while an accept() waits, but then, with a key, all that are there, up to a limit: the first
// that authenticates is the first to be given out. What has authenticated when nobody waits any more is kept for the next accept(); what fails
// then is counted and dropped. A failure rejects one accept(), the listener listens on.
import { atFork } from '../../base/at-fork.ts'
import { atDeadline, type Deadline, deadlineAfter, timeLeft } from '../../base/deadline.ts'
import { ClosedError, InterruptedError, TimeoutError } from '../../base/errors.ts'
import { Fifo } from '../../base/fifo.ts'
import type { ReadWaitOptions } from '../../base/wait-options.ts'
import type { PollWatch } from '../../native/binding.ts'
import { native } from '../../native/load.ts'
import { onAbort } from '../../sync/waiting/aborts.ts'
import { signalCame } from '../../sync/waiting/signals.ts'
import { besideEventLoop } from '../../sync/waiting/waits.ts'
import type { SystemAddress } from './addresses.ts'
import { LONGEST_SLEEP } from '../../sync/waiting/doorbell.ts'
import { failed, POLLIN } from './pauses.ts'
import { BlockedAccept, type PendingAccept, PromisedAccept } from './pending-accept.ts'
import type { SocketFile } from './socket-files.ts'
import { type Arrival, MOST_VISITORS, Visitors } from './visitors.ts'

const TO_READ = 1

export interface AcceptorOptions {
  /** A listening socket that does not block; the acceptor's from now on. */
  readonly fd: number
  readonly file: SocketFile | null
  readonly key: Uint8Array | null
  /** In ms. */
  readonly handshakeTimeout: number
}

const open = new Set<Acceptor>()
let closesAtExit = false

atFork({
  inChild() {
    for (const acceptor of open) acceptor.forget()
  },
})

/** For their files. The descriptors of a Worker that ends are closed by the addon. */
function closeAll(): void {
  for (const acceptor of open) acceptor.close()
}

export class Acceptor {
  readonly #fd: number
  readonly #file: SocketFile | null
  readonly #visitors: Visitors | null
  readonly #arrived = new Fifo<Arrival>()
  #waiting: PromisedAccept[] = []
  /** Of a call that blocks this thread: it goes before the others, which cannot go on meanwhile. */
  #blocked: PendingAccept | null = null
  #watch: PollWatch | null = null
  #closed = false
  #failures = 0
  #lastPeer: SystemAddress | null = null

  constructor({ fd, file, key, handshakeTimeout }: AcceptorOptions) {
    this.#fd = fd
    this.#file = file
    const host = { arrived: (arrival: Arrival) => this.#arrive(arrival), failed: this.#fail }
    this.#visitors = key === null ? null : new Visitors(key, handshakeTimeout, host)
    open.add(this)
    if (!closesAtExit) process.on('exit', closeAll)
    closesAtExit = true
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Who came last, of those that an accept() was told of. */
  get lastPeer(): SystemAddress | null {
    return this.#lastPeer
  }

  /** How many have not authenticated. */
  get failures(): number {
    return this.#failures
  }

  /** The descriptor is the caller's. Holds the event loop open until it settles. */
  accept({ timeout, signal }: ReadWaitOptions): Promise<Arrival> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      this.#checkOpen()
      const waiting = new PromisedAccept(resolve, reject)
      this.#waiting.push(waiting)
      this.#look()
      if (timeout === 0) this.#withdraw(waiting, new TimeoutError())
      if (waiting.isSettled) return
      waiting.endings.push(
        onAbort(signal, () => this.#withdraw(waiting, signal?.reason)),
        atDeadline(deadlineAfter(timeout), () => {
          this.#look()
          this.#withdraw(waiting, new TimeoutError())
        }),
      )
    })
  }

  /** Blocks this thread. @throws AuthenticationError, TimeoutError, InterruptedError */
  acceptSync(timeout: number): Arrival {
    this.#checkOpen()
    const deadline = deadlineAfter(timeout)
    const blocked = new BlockedAccept()
    this.#blocked = blocked
    try {
      for (;;) {
        this.#visitors?.look()
        this.#look()
        const arrival = blocked.take()
        if (arrival !== null) return arrival
        if (timeLeft(deadline) === 0) throw new TimeoutError()
        besideEventLoop(() => this.#block(deadline))
      }
    } finally {
      this.#blocked = null
      this.#listen()
    }
  }

  /** Who waits gets a ClosedError. May be called twice. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    open.delete(this)
    this.#watch?.close()
    this.#visitors?.close()
    for (let arrival = this.#arrived.shift(); arrival !== undefined; arrival = this.#arrived.shift()) native().closeOwned(arrival.fd)
    native().closeOwned(this.#fd)
    for (const waiting of this.#waiting.splice(0)) waiting.reject(new ClosedError('The listener is closed'))
    this.#file?.remove()
  }

  /** In a forked child, which has the listener, but nothing that is under way. */
  forget(): void {
    this.#waiting = []
    this.#watch = null
    this.#visitors?.forget()
    for (let arrival = this.#arrived.shift(); arrival !== undefined; arrival = this.#arrived.shift()) native().closeOwned(arrival.fd)
  }

  #checkOpen(): void {
    if (this.#closed) throw new ClosedError('The listener is closed')
  }

  /** Takes whoever is there, for those who wait. */
  #look(): void {
    try {
      this.#serve()
      while (this.#hasRoom()) {
        const arrival = native().socketAccept(this.#fd)
        if (arrival === null) break
        native().ownDescriptor(arrival.fd)
        if (this.#visitors === null) this.#arrive(arrival)
        else this.#visitors.add(arrival)
      }
      this.#listen()
    } catch (error) {
      // Descriptors have run out, or memory has.
      this.#next()?.reject(failed('No connection can be accepted', error))
    }
  }

  #hasRoom(): boolean {
    const someWait = this.#waiting.length > 0 || this.#blocked !== null
    return someWait && (this.#visitors === null || this.#visitors.size + this.#arrived.length < MOST_VISITORS)
  }

  /** Watches the socket as long as promises wait; only then does it hold the event loop open. */
  #listen(): void {
    if (this.#closed) return
    if (this.#waiting.length === 0) {
      this.#watch?.wait(0)
      this.#watch?.unref()
      this.#visitors?.letGo()
      return
    }
    this.#watch ??= native().pollWatch(this.#fd, () => this.#look())
    this.#watch.wait(this.#hasRoom() ? TO_READ : 0)
    this.#watch.ref()
    // While there is no room the socket is not watched, and the visitors' deadline is what the event loop waits for.
    this.#visitors?.hold()
  }

  #arrive(arrival: Arrival): void {
    this.#arrived.push(arrival)
    this.#serve()
  }

  #serve(): void {
    while (this.#arrived.length > 0) {
      const next = this.#next()
      if (next === undefined) return this.#listen()
      const arrival = this.#arrived.shift() as Arrival
      this.#lastPeer = arrival.address
      next.resolve(arrival)
    }
    this.#listen()
  }

  readonly #fail = (error: unknown, address: SystemAddress): void => {
    this.#failures += 1
    const next = this.#next()
    if (next !== undefined) this.#lastPeer = address
    next?.reject(error)
    this.#listen()
  }

  /** Who is to be told next. One that blocks is told once. */
  #next(): PendingAccept | undefined {
    const blocked = this.#blocked
    this.#blocked = null
    return blocked ?? this.#waiting.shift()
  }

  /** Nothing if it has been settled, or is of the process that this one was forked off. */
  #withdraw(waiting: PromisedAccept, reason: unknown): void {
    const index = this.#waiting.indexOf(waiting)
    if (index === -1) return
    this.#waiting.splice(index, 1)
    this.#listen()
    waiting.reject(reason)
  }

  #block(deadline: Deadline): void {
    const fds = [this.#hasRoom() ? this.#fd : -1, ...(this.#visitors?.descriptors ?? [])]
    const entries = Int32Array.from(fds.flatMap(fd => [fd, POLLIN]))
    const until = Math.min(deadline, this.#visitors?.deadline ?? Infinity)
    const ready = native().pollEntries(entries, Math.min(timeLeft(until), LONGEST_SLEEP))
    if (signalCame({ interrupted: ready === -1 })) throw new InterruptedError()
  }
}
