// A handshake over a socket that nothing has been read from yet, as far as it goes without waiting: many of them run side by side, in the
// event loop or around one poll. No byte beyond the handshake is read, and no frame longer than 256 bytes.
import { AuthenticationError } from '../../base/errors.ts'
import { native } from '../../native/load.ts'
import { LONGEST_FRAME } from './digests.ts'
import { asAuthenticationError, type Handshake } from './handshake.ts'

const HEADER_LENGTH = 4

export class SocketHandshake {
  readonly fd: number
  readonly #handshake: Handshake
  #step: IteratorResult<Uint8Array | null, void>
  /** Of the frame that is being received, with its header. */
  readonly #received = new Uint8Array(HEADER_LENGTH + LONGEST_FRAME)
  #count = 0
  #frames = 0

  /** The socket stays the caller's. */
  constructor(fd: number, handshake: Handshake) {
    this.fd = fd
    this.#handshake = handshake
    this.#step = handshake.next()
  }

  /** How many frames have come whole. */
  get frames(): number {
    return this.#frames
  }

  /** False: more has to come from the peer; true: it is done. @throws AuthenticationError */
  advance(): boolean {
    try {
      while (this.#step.done !== true) {
        const received = this.#exchange(this.#step.value)
        if (received === null) return false
        this.#step = this.#handshake.next(received)
      }
      return true
    } catch (error) {
      throw asAuthenticationError(error)
    }
  }

  #exchange(frame: Uint8Array | null): Uint8Array | null {
    if (frame === null) return this.#receive()
    send(this.fd, frame)
    return frame
  }

  #receive(): Uint8Array | null {
    if (!this.#fill(HEADER_LENGTH)) return null
    const length = new DataView(this.#received.buffer).getInt32(0)
    // −1 announces a length of 64 bits, which is too long in any case.
    if (length < 0 || length > LONGEST_FRAME) throw new AuthenticationError(`The peer sent a bad message length: ${length}`)
    if (!this.#fill(HEADER_LENGTH + length)) return null
    this.#count = 0
    this.#frames += 1
    return this.#received.slice(HEADER_LENGTH, HEADER_LENGTH + length)
  }

  /** Whether so many bytes of the frame are there. */
  #fill(wanted: number): boolean {
    while (this.#count < wanted) {
      const received = native().socketReceive(this.fd, this.#received.subarray(this.#count, wanted))
      if (received === -1) return false
      if (received === 0) throw new AuthenticationError('The peer ended the connection before it had authenticated')
      this.#count += received
    }
    return true
  }
}

/** A new socket has room for all that a handshake says. */
function send(fd: number, frame: Uint8Array): void {
  const bytes = new Uint8Array(HEADER_LENGTH + frame.length)
  new DataView(bytes.buffer).setInt32(0, frame.length)
  bytes.set(frame, HEADER_LENGTH)
  if (native().socketSend(fd, bytes) < bytes.length) throw new AuthenticationError('The peer does not read what is sent to it')
}
