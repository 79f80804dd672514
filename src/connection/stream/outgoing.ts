// A message on its way out. Its bytes are the caller's as long as the first attempt goes; when it is to go on later, it keeps a copy.
import { native } from '../../native/load.ts'
import type { Outcome } from './incoming.ts'
import { notSent } from './stream-errors.ts'

/** What goes beside a message: a descriptor, which is closed here once it is on its way, and what its header says. */
export interface BesideSent {
  readonly fd: number
  readonly words: readonly [number, number, number]
}

// In the state, see `streamSend`.
const SENT = 0
const KIND = 1
const BESIDE = 2
const WORDS = 3
const STATE_NUMBERS = 6
const WITH_BESIDE = 2

const plainState = new Float64Array(STATE_NUMBERS)

/** Sends a message as far as it goes at once; true: all of it went. Otherwise `rest` is what the rest needs. @throws MultiprocessingError */
export function sendAtOnce(fd: number, bytes: Uint8Array): boolean {
  plainState[SENT] = 0
  try {
    return native().streamSend(fd, plainState, bytes, 0, 0) === 0
  } catch (error) {
    throw notSent(error)
  }
}

export class Outgoing {
  readonly #state = new Float64Array(STATE_NUMBERS)
  #bytes: Uint8Array
  #beside: number

  constructor(bytes: Uint8Array, beside: BesideSent | null) {
    this.#bytes = bytes
    this.#beside = beside?.fd ?? -1
    if (beside === null) return
    this.#state[KIND] = WITH_BESIDE
    this.#state[BESIDE] = beside.fd
    this.#state.set(beside.words, WORDS)
  }

  /** Goes on with what `sendAtOnce` has just begun. */
  static restOf(bytes: Uint8Array): Outgoing {
    const outgoing = new Outgoing(bytes, null)
    outgoing.#state[SENT] = plainState[SENT] as number
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
  send(fd: number, timeout: number, looks: number): Outcome {
    try {
      const outcome = native().streamSend(fd, this.#state, this.#bytes, timeout, looks)
      if (this.isBegun) this.drop()
      return outcome
    } catch (error) {
      this.drop()
      throw notSent(error)
    }
  }

  /** Closes what was to go beside it. May be called twice. */
  drop(): void {
    if (this.#beside >= 0) native().close(this.#beside)
    this.#beside = -1
  }
}
