// One end of a connection: a descriptor, what of a frame has come in, and this thread's calls that wait for it.
//
//   at once     every call tries first: most messages go or are there, and cost two system calls or one
//   promises    wait in the event loop, by a watch that is made at the first wait and stays. It goes on watching for input when a message
//               was taken, because the next call mostly waits for the next one; when input comes that nobody waits for, it stops.
//   blocked     sleep in poll
//
// What is waited for holds the event loop open, the descriptor does not. Several processes may have the same descriptor, as under fork.
import { atFork } from '../../base/at-fork.ts'
import { ClosedError, MultiprocessingError, TimeoutError } from '../../base/errors.ts'
import { deadlineAfter } from '../../base/deadline.ts'
import type { ReadWaitOptions } from '../../base/wait-options.ts'
import type { PollWatch } from '../../native/binding.ts'
import { native } from '../../native/load.ts'
import { type Beside, DONE, IncomingFrame } from './incoming.ts'
import { closedWhileWaiting, Line, timedOut } from './line.ts'
import { cannotWait } from './stream-errors.ts'
import { Polling, Receiving, Sending, type Take } from './operations.ts'
import { ALL_SENT, OutgoingFrame, sendAtOnce } from './outgoing.ts'
import { Patience } from './patience.ts'

/** As a timeout: looks a few times, and does not sleep. */
const LOOKING = -1
const READABLE = 1
const WRITABLE = 2
/** So many calls in a row are done at once before the rest of the event loop has its turn. */
const DONE_PER_TURN = 250

/** Nothing was there. */
export const NOTHING = Symbol('nothing')

export interface StreamOptions {
  readonly readable: boolean
  readonly writable: boolean
}

/** Those that have a watch. */
const watching = new Set<Stream>()

export class Stream {
  readonly #patience = new Patience()
  readonly #reads = new Line(change => this.#changed(change.held))
  readonly #writes = new Line(change => this.#changed(change.held))
  #incoming = new IncomingFrame()
  #fd: number
  #readable: boolean
  #writable: boolean
  #watch: PollWatch | null = null
  #asked = 0
  /** How many promises hold the event loop open. */
  #held = 0
  #doneInTurn = 0
  #isOrphan = false
  /** Whether nothing can be read any more, though something could once. */
  #isSpoilt = false
  readonly #closeListeners = new Set<() => void>()

  /** The descriptor is the stream's from here on. */
  constructor(fd: number, { readable, writable }: StreamOptions) {
    this.#fd = fd
    native().ownDescriptor(fd)
    this.#readable = readable
    this.#writable = writable
  }

  /** @throws ClosedError */
  get fd(): number {
    if (this.#fd === -1) throw new ClosedError('The connection is closed')
    return this.#fd
  }

  get isClosed(): boolean {
    return this.#fd === -1
  }

  /** Where the next message comes in; not the one that is being taken. */
  get incoming(): IncomingFrame {
    if (this.#incoming.isBeingTaken) this.#incoming = new IncomingFrame()
    return this.#incoming
  }

  get readable(): boolean {
    return this.#readable
  }

  get writable(): boolean {
    return this.#writable
  }

  /** @throws ClosedError, MultiprocessingError `ERR_WRONG_DIRECTION` */
  checkReadable(): void {
    if (this.fd >= 0 && !this.#readable) throw wrongDirection(this.#isSpoilt ? SPOILT : 'write-only')
  }

  /** @throws ClosedError, MultiprocessingError `ERR_WRONG_DIRECTION` */
  checkWritable(): void {
    if (this.fd >= 0 && !this.#writable) throw wrongDirection('read-only')
  }

  /** Whether a part of a message has come or gone, and not all of it. */
  get isInMessage(): boolean {
    return this.incoming.isBegun || this.#writes.isBegun
  }

  /** Whether something can be received at once by a call that comes now; the end counts. */
  isReady(): boolean {
    this.#reads.serve()
    if (this.#fd === -1 || !this.#readable) return true
    return this.#reads.isEmpty && new Polling(this).attempt(0) === DONE
  }

  /** What `take` makes of the next message, as a promise if it has to be waited for. @throws what stands at `IncomingFrame.receive`, TimeoutError */
  receive<T>(take: Take<T>, limit: number, wait: ReadWaitOptions): T | Promise<T> {
    this.checkReadable()
    wait.signal?.throwIfAborted()
    if (wait.timeout === 0) return this.receiveSync(take, limit, 0)
    const operation = new Receiving(this, take, limit)
    if (this.#reads.isEmpty && this.#mayTryAtOnce()) {
      if (operation.attempt(0) === DONE) return operation.result
      if (this.#patience.helps(() => operation.attempt(LOOKING) === DONE)) return operation.result
    }
    return this.#reads.enqueue(operation, wait).then(() => operation.result)
  }

  /** The same, blocking this thread. @throws InterruptedError too */
  receiveSync<T>(take: Take<T>, limit: number, timeout: number): T {
    this.checkReadable()
    const operation = new Receiving(this, take, limit)
    if (timeout > 0 && this.#reads.isEmpty && operation.attempt(LOOKING) === DONE) return operation.result
    if (!this.#reads.block(operation, deadlineAfter(timeout))) throw new TimeoutError()
    return operation.result
  }

  /** The same without waiting. */
  tryReceive<T>(take: Take<T>, limit: number): T | typeof NOTHING {
    // Who only polls is served with that, and takes nothing.
    this.#reads.serve()
    this.checkReadable()
    if (!this.#reads.isEmpty) return NOTHING
    const operation = new Receiving(this, take, limit)
    return operation.attempt(0) === DONE ? operation.result : NOTHING
  }

  /** Whether there is something to receive before the time is up, the end of file included. */
  async poll(wait: ReadWaitOptions): Promise<boolean> {
    this.checkReadable()
    wait.signal?.throwIfAborted()
    if (this.isReady()) return true
    if (wait.timeout === 0) return false
    return await this.#reads.enqueue(new Polling(this), wait).then(
      () => true,
      (error: unknown) => {
        if (error instanceof TimeoutError) return false
        throw error
      },
    )
  }

  pollSync(timeout: number): boolean {
    this.checkReadable()
    return this.#reads.block(new Polling(this), deadlineAfter(timeout))
  }

  /**
   * Sends the bytes, which are the caller's again when this returns. A promise if there is no room for them yet.
   * @throws MultiprocessingError `EPIPE` when nobody can receive them, TimeoutError
   */
  send(bytes: Uint8Array, beside: Beside | null, wait: ReadWaitOptions): void | Promise<void> {
    if (this.#writes.isEmpty && wait.signal === undefined && beside === null && this.#mayTryAtOnce()) {
      const sent = sendAtOnce(this.fd, bytes)
      if (sent === ALL_SENT) return
      return this.#sendLater(new Sending(this, OutgoingFrame.restOf(bytes, sent)), wait)
    }
    const sending = new Sending(this, new OutgoingFrame(bytes, beside))
    try {
      wait.signal?.throwIfAborted()
      if (this.#writes.isEmpty && sending.attempt(0) === DONE) return
    } catch (error) {
      sending.drop()
      throw error
    }
    return this.#sendLater(sending, wait)
  }

  /** The same, blocking this thread. @throws InterruptedError too */
  sendSync(bytes: Uint8Array, beside: Beside | null, timeout: number): void {
    const isPlain = this.#writes.isEmpty && beside === null
    const sent = isPlain ? sendAtOnce(this.fd, bytes) : 0
    if (sent === ALL_SENT) return
    const sending = new Sending(this, isPlain ? OutgoingFrame.restOf(bytes, sent) : new OutgoingFrame(bytes, beside))
    let isSent = false
    try {
      isSent = this.#writes.block(sending, deadlineAfter(timeout))
      if (!isSent) throw timedOut(sending)
    } finally {
      if (!isSent) this.#leave(sending)
    }
  }

  /** Nothing of what comes can be understood any more. */
  stopReading(): void {
    this.#readable = false
    this.#isSpoilt = true
    if (!this.#writable) this.close()
  }

  /** May be called twice. Those who wait get a ClosedError. */
  close(): void {
    const fd = this.#fd
    if (fd === -1) return
    this.#fd = -1
    watching.delete(this)
    this.#watch?.close()
    this.#watch = null
    this.incoming.next()
    native().closeOwned(fd)
    this.#reads.failAll(closedWhileWaiting)
    this.#writes.failAll(closedWhileWaiting)
    for (const listener of this.#closeListeners) listener()
  }

  /** Calls back when it is closed. Returns how to stop that. */
  onClose(listener: () => void): () => void {
    this.#closeListeners.add(listener)
    return () => void this.#closeListeners.delete(listener)
  }

  /** Nobody has the connection any more: it is closed when nobody waits for it either. */
  orphan(): void {
    this.#isOrphan = true
    this.#changed(0)
  }

  /** In a forked child: those who wait are its parent's. */
  forget(): void {
    this.#watch = null
    this.#asked = 0
    this.#held = 0
    this.#reads.forget()
    this.#writes.forget()
  }

  #sendLater(sending: Sending, wait: ReadWaitOptions): Promise<void> {
    if (wait.timeout === 0) {
      this.#leave(sending)
      throw timedOut(sending)
    }
    sending.outgoing.keep()
    return this.#writes.enqueue(sending, wait)
  }

  /** It has not been sent in time. What has begun goes on by itself. */
  #leave(sending: Sending): void {
    if (!sending.isBegun || this.isClosed) return sending.drop()
    sending.outgoing.keep()
    this.#writes.finishLater(sending)
  }

  #mayTryAtOnce(): boolean {
    this.#doneInTurn += 1
    if (this.#doneInTurn <= DONE_PER_TURN) return true
    this.#doneInTurn = 0
    return false
  }

  #changed(held: number): void {
    if (this.#fd === -1) return
    const isIdle = this.#reads.isEmpty && this.#writes.isEmpty
    if (isIdle && this.#isOrphan) return this.close()
    if (!isIdle) this.#ask(this.#asked | this.#wanted())
    this.#hold(held)
  }

  #hold(change: number): void {
    if (change === 0) return
    const before = this.#held
    this.#held += change
    if (before === 0) this.#watch?.ref()
    if (this.#held === 0) this.#watch?.unref()
  }

  #wanted(): number {
    return (this.#reads.isEmpty ? 0 : READABLE) | (this.#writes.isEmpty ? 0 : WRITABLE)
  }

  #ask(events: number): void {
    if (this.#watch === null) {
      this.#watch = this.#makeWatch()
      watching.add(this)
      if (this.#held > 0) this.#watch.ref()
    }
    if (events === this.#asked) return
    this.#watch.wait(events)
    this.#asked = events
  }

  #makeWatch(): PollWatch {
    try {
      return native().pollWatch(this.#fd, ready => this.#answer(ready))
    } catch (error) {
      throw cannotWait(error)
    }
  }

  #answer(ready: number): void {
    this.#doneInTurn = 0
    if ((ready & WRITABLE) !== 0) this.#writes.serve()
    const served = (ready & READABLE) !== 0 && this.#reads.serve()
    if (this.#watch === null) return
    // Also when it is what was asked for before: an error has ended that.
    this.#asked = this.#wanted() | (served ? READABLE : 0)
    this.#watch.wait(this.#asked)
  }
}

const SPOILT = 'unreadable since a message on it was too long, or was none: nobody knows where the next one begins'

function wrongDirection(what: string): MultiprocessingError {
  return new MultiprocessingError(`The connection is ${what}`, { code: 'ERR_WRONG_DIRECTION' })
}

atFork({
  inChild() {
    for (const stream of watching) stream.forget()
    watching.clear()
  },
})
