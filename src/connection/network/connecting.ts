// Connecting and authenticating, as a list of pauses (pauses.ts), written once for both forms.
import { native } from '../../native/load.ts'
import type { SystemAddress } from './addresses.ts'
import { TimeoutError } from '../../base/errors.ts'
import { type Handshake, handshakeTimedOut } from '../handshake/handshake.ts'
import { type Pause, POLLIN, POLLOUT } from './pauses.ts'
import { SocketHandshake } from '../handshake/socket-handshake.ts'

/** Until the next attempt when the queue of a local listener is full: at first, and at most. */
const SHORTEST_RETRY = 1
const LONGEST_RETRY = 32

/**
 * Gives the descriptor of a connected socket that blocks and is the caller's. What is thrown into it, or by it, closes the socket.
 * `handshake`: null for none.
 */
export function* connecting(address: SystemAddress, handshake: Handshake | null): Generator<Pause, number> {
  const fd = yield* connected(address)
  try {
    const conversation = handshake === null ? null : new SocketHandshake(fd, handshake)
    while (conversation?.advance() === false) yield { fd, events: POLLIN, atMost: Infinity }
    return fd
  } catch (error) {
    native().closeOwned(fd)
    throw error instanceof TimeoutError ? handshakeTimedOut() : error
  }
}

function* connected(address: SystemAddress): Generator<Pause, number> {
  for (let retry = SHORTEST_RETRY; ; retry = Math.min(retry * 2, LONGEST_RETRY)) {
    const attempt = native().socketConnect(address)
    if (attempt !== null) {
      native().ownDescriptor(attempt.fd)
      return attempt.isConnected ? attempt.fd : yield* inProgress(attempt.fd)
    }
    yield { fd: -1, events: 0, atMost: retry }
  }
}

function* inProgress(fd: number): Generator<Pause, number> {
  try {
    yield { fd, events: POLLOUT, atMost: Infinity }
    native().socketConnected(fd)
    return fd
  } catch (error) {
    native().closeOwned(fd)
    throw error
  }
}
