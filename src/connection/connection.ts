import { BufferTooShortError, EndOfFileError, TimeoutError } from '../base/errors.ts'
import { readSyncWaitOptions, readWaitOptions, type SyncWaitOptions, type WaitOptions } from '../base/wait-options.ts'
import { Undelivered } from '../channel/undelivered.ts'
import { inspect } from '../sync/parts/inspection.ts'
import type { Closable } from '../sync/parts/shared-object.ts'
import { type Readiness, type WaitableObject, waitable } from '../sync/waiting/waitable.ts'
import {
  type Bytes,
  FOR_EVER,
  type LimitOptions,
  limitOf,
  type PartOptions,
  partOf,
  type PlaceOptions,
  placeIn,
  readCall,
  readSyncCall,
} from './call-options.ts'
import { type Messages, refuseBeside } from './messages.ts'
import type { IncomingFrame } from './stream/incoming.ts'
import type { Take } from './stream/operations.ts'
import { NOTHING, Stream, type StreamOptions } from './stream/stream.ts'

/** A connection that nobody has any more closes its descriptor, as Python's `__del__`: once nobody waits for it. */
const forgotten = new FinalizationRegistry((stream: Stream) => stream.orphan())

/** Of connections that can be used. */
export let streamOf: (connection: Connection) => Stream

/** How values travel over it. */
export let messagesOf: (connection: Connection) => Messages

/** A connection over a stream socket, which is its own from here on. */
export let connectionOver: <S = unknown, R = S>(fd: number, options: StreamOptions, messages: Messages) => Connection<S, R>

/**
 * One end of a pipe or a network connection: a kernel socket over which messages go, framed as by Python's `multiprocessing.connection`.
 *
 * Values go as what the other end decodes: between the ends of a `Pipe()` everything that travels in a tree of processes, over Listener and
 * Client plain data. `sendBytes` and `recvBytes` are just bytes, also to and from Python.
 *
 * Waiting: promise forms wait in the event loop and hold it open; `…Sync` forms block this thread, and a signal's handler ends that with
 * InterruptedError. Calls of one thread are served in order, of whatever form. A wait that ends early takes nothing and leaves nothing: only a
 * message of which a part is under way already is sent to its end, by the event loop.
 *
 * Crash safety: a sender that dies within a message leaves an error to the receiver, `ERR_BROKEN_MESSAGE`, and no half message. When the last
 * process that has the other end has closed it or ended, receiving ends with EndOfFileError, sending with `EPIPE`.
 */
// biome-ignore lint/suspicious/noExplicitAny: what is sent is only known to the program.
export class Connection<S = any, R = S> implements Closable, WaitableObject, AsyncIterable<R> {
  readonly #stream: Stream
  readonly #messages: Messages
  readonly #late = new Undelivered('await connection.recv()')

  private constructor(stream: Stream, messages: Messages) {
    if (!(stream instanceof Stream)) throw new TypeError('A Connection is made by Pipe(), Client() or a Listener')
    this.#stream = stream
    this.#messages = messages
    forgotten.register(this, stream, stream)
  }

  /**
   * Sends a value. Settles when the system has taken all of it.
   * @throws NotSerializableError, TimeoutError, ClosedError, the reason of the signal, MultiprocessingError `EPIPE`: nobody has the other end
   */
  async send(item: S, options?: WaitOptions): Promise<void> {
    const wait = options === undefined ? FOR_EVER : readWaitOptions(options)
    this.#stream.checkWritable()
    const { bytes, beside } = this.#messages.encode(item)
    return this.#stream.send(bytes, beside, wait)
  }

  /** Sends a value. Waiting: blocks this thread while there is no room for it. @throws what `send` throws, InterruptedError */
  sendSync(item: S, options?: SyncWaitOptions): void {
    const timeout = options === undefined ? Infinity : readSyncWaitOptions(options)
    this.#stream.checkWritable()
    const { bytes, beside } = this.#messages.encode(item)
    this.#stream.sendSync(bytes, beside, timeout)
  }

  /**
   * The next value.
   * @throws EndOfFileError, TimeoutError, ClosedError, the reason of the signal, MultiprocessingError `ERR_BROKEN_MESSAGE`, `ERR_BAD_MESSAGE`
   */
  async recv(options?: WaitOptions): Promise<R> {
    const wait = options === undefined ? FOR_EVER : readWaitOptions(options)
    if (!this.#late.isEmpty) return (await this.#late.takeInTime(wait, () => new TimeoutError())) as R
    return this.#stream.receive(this.#decode, Infinity, wait) as R | Promise<R>
  }

  /** The next value. Waiting: blocks this thread. @throws what `recv` throws, InterruptedError, MultiprocessingError `ERR_NOT_IMPORTED` */
  recvSync(options?: SyncWaitOptions): R {
    const timeout = options === undefined ? Infinity : readSyncWaitOptions(options)
    if (!this.#late.isEmpty) return this.#atOnce(this.#late.take())
    return this.#atOnce(this.#stream.receiveSync(this.#decode, Infinity, timeout))
  }

  /** The next value if there is one, else `fallback`. Waiting: not. @throws EndOfFileError and what else `recvSync` throws */
  tryRecv<D = undefined>(fallback?: D): R | D {
    if (!this.#late.isEmpty) return this.#atOnce(this.#late.take())
    const value = this.#stream.tryReceive(this.#decode, Infinity)
    return value === NOTHING ? (fallback as D) : this.#atOnce(value)
  }

  /** Sends bytes as a message. @throws what `send` throws, RangeError */
  async sendBytes(bytes: Bytes, options?: WaitOptions & PartOptions): Promise<void> {
    const { extra, wait } = readCall<PartOptions>(options, ['offset', 'size'])
    const part = partOf(bytes, extra)
    this.#stream.checkWritable()
    return this.#stream.send(part, null, wait)
  }

  /** @throws what `sendSync` throws, RangeError */
  sendBytesSync(bytes: Bytes, options?: SyncWaitOptions & PartOptions): void {
    const { extra, timeout } = readSyncCall<PartOptions>(options, ['offset', 'size'])
    const part = partOf(bytes, extra)
    this.#stream.checkWritable()
    this.#stream.sendSync(part, null, timeout)
  }

  /**
   * The bytes of the next message. Up to 16 KiB of them are a part of a buffer of 64 KiB that other messages have parts of, too, as those of
   * `Buffer.allocUnsafe()` are: `.buffer` is not the message, cannot be transferred, and lives as long as any of them.
   * @throws what `recv` throws, MultiprocessingError `ERR_BAD_LENGTH` for more than `maxLength` bytes: nothing can be received any more then;
   * `ERR_NOT_IMPORTED` while a value is next in line that a blocking call could not have
   */
  async recvBytes(options?: WaitOptions & LimitOptions): Promise<Uint8Array> {
    const { extra, wait } = readCall<LimitOptions>(options, ['maxLength'])
    this.#refuseLate()
    return this.#stream.receive(takeBytes, limitOf(extra), wait)
  }

  /** @throws what `recvBytes` throws, InterruptedError */
  recvBytesSync(options?: SyncWaitOptions & LimitOptions): Uint8Array {
    const { extra, timeout } = readSyncCall<LimitOptions>(options, ['maxLength'])
    this.#refuseLate()
    return this.#stream.receiveSync(takeBytes, limitOf(extra), timeout)
  }

  /**
   * Puts the bytes of the next message into `target` and says how many there are.
   * @throws what `recv` throws, BufferTooShortError, which has the whole message
   */
  async recvBytesInto(target: Bytes, options?: WaitOptions & PlaceOptions): Promise<number> {
    const { extra, wait } = readCall<PlaceOptions>(options, ['offset'])
    this.#refuseLate()
    return this.#stream.receive(takeInto(placeIn(target, extra)), Infinity, wait)
  }

  /** @throws what `recvBytesInto` throws, InterruptedError */
  recvBytesIntoSync(target: Bytes, options?: SyncWaitOptions & PlaceOptions): number {
    const { extra, timeout } = readSyncCall<PlaceOptions>(options, ['offset'])
    this.#refuseLate()
    return this.#stream.receiveSync(takeInto(placeIn(target, extra)), Infinity, timeout)
  }

  /** True: there is something to receive, or the end has come; false: the time was up first. Python's `poll()` is `tryPoll()`. */
  async poll(options?: WaitOptions): Promise<boolean> {
    const wait = options === undefined ? FOR_EVER : readWaitOptions(options)
    return !this.#late.isEmpty || this.#stream.poll(wait)
  }

  /** Waiting: blocks this thread. @throws InterruptedError */
  pollSync(options?: SyncWaitOptions): boolean {
    const timeout = options === undefined ? Infinity : readSyncWaitOptions(options)
    return !this.#late.isEmpty || this.#stream.pollSync(timeout)
  }

  /** Whether there is something to receive now, beyond what others of this thread wait for already, or the end has come. Waiting: not. */
  tryPoll(): boolean {
    this.#stream.checkReadable()
    return !this.#late.isEmpty || this.#stream.isReady()
  }

  /** For `wait()`: ready when a part of a message is there, or the end. A half message is ready, too, as in Python. @throws ClosedError */
  [waitable](): Readiness {
    const isReady = (): boolean => this.#stream.fd >= 0 && (!this.#late.isEmpty || this.#stream.incoming.isBegun)
    return { descriptor: this.fileno(), isReady, onChange: listener => this.#stream.onClose(listener) }
  }

  /** Its descriptor, which stays the connection's. @throws ClosedError */
  fileno(): number {
    return this.#stream.fd
  }

  get readable(): boolean {
    return this.#stream.readable
  }

  get writable(): boolean {
    return this.#stream.writable
  }

  /** In this process; those who wait get a ClosedError. The other end sees the end when nobody has this one any more. */
  close(): void {
    forgotten.unregister(this.#stream)
    this.#late.drop()
    this.#stream.close()
  }

  get closed(): boolean {
    return this.#stream.isClosed
  }

  [Symbol.dispose](): void {
    this.close()
  }

  /** What comes, until the end. @throws what `recv` throws but EndOfFileError */
  async *[Symbol.asyncIterator](): AsyncIterableIterator<R> {
    for (;;) {
      let item: R
      try {
        item = await this.recv()
      } catch (error) {
        if (error instanceof EndOfFileError) return
        throw error
      }
      yield item
    }
  }

  [inspect](): string {
    if (this.closed) return 'Connection { closed }'
    const directions = [this.readable && 'readable', this.writable && 'writable'].filter(Boolean)
    return `Connection { descriptor ${this.fileno()}, ${directions.join(', ')} }`
  }

  readonly #decode = (incoming: IncomingFrame): unknown => this.#messages.decode(incoming)

  /** What is next in line is a value, and not bytes. @throws MultiprocessingError `ERR_NOT_IMPORTED` */
  #refuseLate(): void {
    if (!this.#late.isEmpty) throw this.#late.notImported()
  }

  #atOnce(value: unknown): R {
    return (value instanceof Promise ? this.#late.ready([value])[0] : value) as R
  }

  static {
    streamOf = connection => connection.#stream
    messagesOf = connection => connection.#messages
    connectionOver = (fd, options, messages) => new Connection(new Stream(fd, options), messages)
  }
}

const takeBytes: Take<Uint8Array> = Object.assign(
  (incoming: IncomingFrame): Uint8Array => {
    refuseBeside(incoming)
    return incoming.takeBytes()
  },
  { stays: true },
)

function takeInto(target: Uint8Array): (incoming: IncomingFrame) => number {
  return incoming => {
    refuseBeside(incoming)
    const { length } = incoming
    if (length > target.length) {
      throw new BufferTooShortError(`A message of ${length} bytes does not fit into ${target.length}`, incoming.takeBytes())
    }
    target.set(incoming.bytes.subarray(0, length))
    return length
  }
}
