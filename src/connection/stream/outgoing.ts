// A message on its way out. Its bytes are the caller's as long as the first attempt goes; when it is to go on later, it keeps a copy.
import { native } from '../../native/load.ts'
import type { Beside, Outcome } from './incoming.ts'
import { notSent } from './stream-errors.ts'

// In the state, see `streamSend`.
const SENT = 0
const KIND = 1
const WORDS = 2
const BESIDE = 5
const DESCRIPTORS = 6
const STATE_NUMBERS = 38
const WITH_BESIDE = 2

export const ALL_SENT = -1

/** Sends a message as far as it goes at once: all of it, or so many bytes of the frame. @throws MultiprocessingError */
export function sendAtOnce(fd: number, bytes: Uint8Array): number {
  try {
    return native().streamSendNext(fd, bytes)
  } catch (error) {
    throw notSent(error)
  }
}

export class OutgoingFrame {
  readonly #state = new Float64Array(STATE_NUMBERS)
  #bytes: Uint8Array
  #beside: Beside | null

  /** What is beside it is closed here, as soon as it is on its way. */
  constructor(bytes: Uint8Array, beside: Beside | null) {
    this.#bytes = bytes
    this.#beside = beside
    if (beside === null) return
    this.#state[KIND] = WITH_BESIDE
    this.#state[BESIDE] = beside.fds.length
    this.#state.set(beside.words, WORDS)
    this.#state.set(beside.fds, DESCRIPTORS)
  }

  /** Goes on with what `sendAtOnce` has begun. */
  static restOf(bytes: Uint8Array, sent: number): OutgoingFrame {
    const outgoing = new OutgoingFrame(bytes, null)
    outgoing.#state[SENT] = sent
    return outgoing
  }

  /** Whether some of it is on its way: the rest has to follow, or the peer takes something else for it. */
  get isBegun(): boolean {
    return (this.#state[SENT] as number) > 0
  }

  /** From here on the bytes are its own. */
  keep(): void {
    this.#bytes = Uint8Array.prototype.slice.call(this.#bytes)
  }

  /** @throws MultiprocessingError: it will not be sent */
  send(fd: number, timeout: number): Outcome {
    try {
      const outcome = native().streamSend(fd, this.#state, this.#bytes, timeout)
      if (this.isBegun) this.drop()
      return outcome
    } catch (error) {
      this.drop()
      throw notSent(error)
    }
  }

  /** Closes what was to go beside it. May be called twice. */
  drop(): void {
    const fds = this.#beside?.fds ?? []
    this.#beside = null
    for (const fd of fds) native().closeOwned(fd)
  }
}
