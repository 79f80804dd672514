import { AuthenticationError, ClosedError, NotSerializableError } from '../../base/errors.ts'
import { checkInteger, readOptions } from '../../base/validate.ts'
import { readSyncWaitOptions, readWaitOptions, type SyncWaitOptions, type WaitOptions } from '../../base/wait-options.ts'
import { teach } from '../../channel/teach.ts'
import { native } from '../../native/load.ts'
import { inspect } from '../../sync/parts/inspection.ts'
import { Acceptor } from './acceptor.ts'
import { type Address, type AddressFamily, checkAddress, checkFamily, written } from './addresses.ts'
import { bindAnywhere, bindTo } from './bind.ts'
import { type AuthKey, checkAuthKey } from '../handshake/digests.ts'
import type { Arrival } from './visitors.ts'
import { connectionToStranger } from './strangers.ts'
import type { Connection } from '../connection.ts'

export interface ListenerOptions {
  /** Default: one of its own, on this machine. */
  address?: Address | null
  /** Default: that of the address, without one `'AF_UNIX'`. A host with a colon is `'AF_INET6'`, a name is looked up for IPv4 first. */
  family?: AddressFamily
  /** How many connections the kernel keeps until they are accepted. Default: 128. */
  backlog?: number
  /** What both sides must have. Without a key anybody who reaches the address may connect. */
  authKey?: AuthKey
  /** Milliseconds that a peer has for its answer; who has the key is asked twice more. Default: 10,000. */
  handshakeTimeout?: number
}

const NAMES = ['address', 'family', 'backlog', 'authKey', 'handshakeTimeout'] as const
const DEFAULT_BACKLOG = 128
const DEFAULT_HANDSHAKE_TIMEOUT = 10_000
const LARGEST = 0x7fffffff

/** Who forgets to close a listener has it closed by the collector, as in Python. While somebody waits in accept() it is not collected. */
const forgotten = new FinalizationRegistry<Acceptor>(acceptor => acceptor.close())

/**
 * Listens for connections from other programs: of this library, or Python's `multiprocessing.connection`, in both directions. It is bound when
 * the constructor returns.
 *
 * With a key, each side proves to the other that it has it, without saying it; nothing is encrypted. Until a peer has done so it is believed
 * nothing: it may send 256 bytes at a time, has `handshakeTimeout`, or one second when 64 are there at once, and holds up nobody meanwhile.
 * What accepted connections carry is data only, whatever the key: see `Connection`.
 *
 * A Unix socket's file is removed by `close()`, or at the end of the process that made it. A forked child has the listener, too, as in Python:
 * a connection goes to the one that accepts it first, and `close()` there leaves the file. Otherwise a listener does not travel.
 *
 * It holds the event loop open only while somebody waits in `accept()`.
 * @example for await (const connection of new Listener({ address: ['127.0.0.1', 5000], authKey })) serve(connection)
 */
export class Listener implements AsyncDisposable, AsyncIterable<Connection> {
  readonly #acceptor: Acceptor
  readonly #address: Address

  /**
   * Waiting: for name servers, if the address has the name of a host.
   * @throws TypeError, RangeError; MultiprocessingError `EADDRINUSE`, `EACCES`, `ENOTFOUND` and the like when it cannot be bound
   */
  constructor(options?: ListenerOptions) {
    const { address, family, backlog, authKey, handshakeTimeout } = readOptions<ListenerOptions>(
      options,
      NAMES,
      "{ address: ['127.0.0.1', 6000], authKey: 'secret' }",
    )
    const kind = family === undefined ? undefined : checkFamily(family)
    const length = checkInteger(backlog ?? DEFAULT_BACKLOG, 'backlog', 0, LARGEST)
    const key = authKey === undefined ? null : checkAuthKey(authKey)
    const patience = checkInteger(handshakeTimeout ?? DEFAULT_HANDSHAKE_TIMEOUT, 'handshakeTimeout', 1, LARGEST)
    const place = address === undefined || address === null ? null : checkAddress(address, kind)
    const { fd, file } = place === null ? bindAnywhere(kind, length) : bindTo(place, length)
    this.#acceptor = new Acceptor({ fd, file, key, handshakeTimeout: patience })
    this.#address = written(native().socketAddress(fd))
    forgotten.register(this, this.#acceptor, this)
  }

  /** What it is bound to: with the port that was free, if 0 was asked for. */
  get address(): Address {
    return this.#address
  }

  /** The peer of the last connection that an `accept()` returned or failed for; null: there was none. Of a Unix socket mostly empty. */
  get lastAccepted(): Address | null {
    const { lastPeer } = this.#acceptor
    return lastPeer === null ? null : written(lastPeer)
  }

  /** How many peers have not authenticated, also those that no `accept()` failed for, since none was waiting. */
  get failedHandshakes(): number {
    return this.#acceptor.failures
  }

  get closed(): boolean {
    return this.#acceptor.closed
  }

  /**
   * The next connection. With a key that is the first that has authenticated; others go on meanwhile and come next. One that fails rejects one
   * waiting `accept()`, and the listener listens on; call it again.
   * @throws AuthenticationError, ClosedError, TimeoutError, MultiprocessingError `EMFILE` when there are no descriptors left
   */
  async accept(options?: WaitOptions): Promise<Connection> {
    const arrival = await this.#acceptor.accept(readWaitOptions(options))
    return this.#connect(arrival)
  }

  /** The same, blocking this thread. It goes before promises of this thread. @throws InterruptedError when a signal came, and as `accept` */
  acceptSync(options?: SyncWaitOptions): Connection {
    return this.#connect(this.#acceptor.acceptSync(readSyncWaitOptions(options)))
  }

  /** Whoever waits in `accept()` gets a ClosedError; connections that were accepted stay. May be called twice. */
  async close(): Promise<void> {
    forgotten.unregister(this)
    this.#acceptor.close()
  }

  /** Connections until the listener is closed. Peers that do not authenticate are passed over; `failedHandshakes` counts them. */
  async *[Symbol.asyncIterator](): AsyncIterableIterator<Connection> {
    while (!this.closed) {
      const connection = await this.#acceptNext()
      if (connection !== null) yield connection
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  [inspect](): string {
    return `Listener { ${JSON.stringify(this.#address)}${this.closed ? ', closed' : ''} }`
  }

  /** A method, so that a listener that somebody waits for is needed afterwards, and not collected meanwhile. */
  #connect({ fd }: Arrival): Connection {
    return connectionToStranger(fd)
  }

  /** Null: not this time. */
  async #acceptNext(): Promise<Connection | null> {
    try {
      return await this.accept()
    } catch (error) {
      if (error instanceof AuthenticationError || error instanceof ClosedError) return null
      throw error
    }
  }
}

teach('Listener', Listener, refuseToTravel, refuseToTravel)

function refuseToTravel(): never {
  throw new NotSerializableError('a Listener', 'it does not travel; accept here and send the connection')
}
