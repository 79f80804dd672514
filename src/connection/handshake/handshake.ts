// Mutual authentication as a conversation that does not know how its frames travel: whoever drives it sends the bytes that it yields, and
// gives it the next frame when it yields null. The listener delivers its challenge first, then answers; the client answers, then delivers.
import { AuthenticationError, ClosedError, InterruptedError, MultiprocessingError, TimeoutError } from '../../base/errors.ts'
import { challengeWith, FAILURE, LONGEST_FRAME, messageOf, newMessage, respond, verify, WELCOME } from './digests.ts'

/** Yields a frame to be sent, or null for the next one received, of at most `LONGEST_FRAME` bytes. Throws AuthenticationError. */
export type Handshake = Generator<Uint8Array | null, void, Uint8Array>

/** The peer must prove that it has the key. */
export function* deliver(key: Uint8Array, digest = 'sha256'): Handshake {
  const message = newMessage(digest)
  yield challengeWith(message)
  const response = yield null
  try {
    verify(key, message, response)
  } catch (error) {
    yield FAILURE
    throw error
  }
  yield WELCOME
}

/** Proves to the peer that this side has the key. */
export function* answer(key: Uint8Array): Handshake {
  yield respond(key, messageOf(yield null))
  const verdict = yield null
  if (!Buffer.from(WELCOME).equals(verdict)) throw new AuthenticationError('The digest sent was rejected: the peer has another key')
}

export function* asListener(key: Uint8Array): Handshake {
  yield* deliver(key)
  yield* answer(key)
}

export function* asClient(key: Uint8Array): Handshake {
  yield* answer(key)
  yield* deliver(key)
}

/** What of a Connection a handshake needs. */
export interface Frames {
  sendBytes(bytes: Uint8Array): Promise<void>
  recvBytes(maxLength: number): Promise<Uint8Array>
}

/** Drives a handshake to its end. @throws AuthenticationError, and whatever ends a wait by the caller's own doing */
export async function converse(handshake: Handshake, frames: Frames): Promise<void> {
  let step = handshake.next()
  while (step.done !== true) {
    const received = await exchange(step.value, frames)
    step = handshake.next(received)
  }
}

const NOTHING = new Uint8Array(0)

async function exchange(frame: Uint8Array | null, frames: Frames): Promise<Uint8Array> {
  try {
    if (frame === null) return await frames.recvBytes(LONGEST_FRAME)
    await frames.sendBytes(frame)
    return NOTHING
  } catch (error) {
    throw error instanceof TimeoutError ? handshakeTimedOut() : asAuthenticationError(error)
  }
}

export function handshakeTimedOut(): TimeoutError {
  return new TimeoutError('The handshake was not over in time: the other side may have no key, or be busy')
}

const OWN_DOING = [AuthenticationError, TimeoutError, ClosedError, InterruptedError]

/** Whatever the peer or the way to it does wrong in a handshake is a failure to authenticate, whose cause tells what it was. */
export function asAuthenticationError(error: unknown): unknown {
  const isOfThePeer = error instanceof MultiprocessingError || (error instanceof Error && 'syscall' in error)
  if (!isOfThePeer || OWN_DOING.some(each => error instanceof each)) return error
  return new AuthenticationError(`The peer did not authenticate: ${error.message}`, { cause: error })
}
