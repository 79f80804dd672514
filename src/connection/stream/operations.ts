// What calls do with a stream: receive a message, send one, or see whether there is one.
import { MultiprocessingError } from '../../base/errors.ts'
import { native } from '../../native/load.ts'
import { DONE, type IncomingFrame, INTERRUPTED, type Outcome, WOULD_WAIT } from './incoming.ts'
import type { Operation } from './line.ts'
import type { OutgoingFrame } from './outgoing.ts'

/** Takes the message that is there whole. */
export interface Take<T> {
  (incoming: IncomingFrame): T
  /** Whether it takes the message's bytes as they are. */
  readonly stays?: boolean
}

/** A stream as its operations see it. */
interface Place {
  readonly fd: number
  readonly incoming: IncomingFrame
  checkReadable(): void
  stopReading(): void
}

const POLLIN = 1

export class Receiving<T> implements Operation {
  readonly isBegun = false
  result!: T
  readonly #place: Place
  readonly #take: Take<T>
  readonly #limit: number

  constructor(place: Place, take: Take<T>, limit: number) {
    this.#place = place
    this.#take = take
    this.#limit = limit
  }

  attempt(timeout: number): Outcome {
    const place = this.#place
    place.checkReadable()
    const { incoming } = place
    const outcome = this.#receive(incoming, timeout)
    if (outcome !== DONE) return outcome
    this.result = incoming.take(this.#take)
    return DONE
  }

  #receive(incoming: IncomingFrame, timeout: number): Outcome {
    const place = this.#place
    try {
      return incoming.receive(place.fd, this.#limit, timeout, this.#take.stays)
    } catch (error) {
      if (error instanceof MultiprocessingError && error.code === 'ERR_BAD_LENGTH') place.stopReading()
      throw error
    }
  }
}

export class Sending implements Operation {
  readonly outgoing: OutgoingFrame
  readonly #place: Pick<Place, 'fd'>

  constructor(place: Pick<Place, 'fd'>, outgoing: OutgoingFrame) {
    this.#place = place
    this.outgoing = outgoing
  }

  get isBegun(): boolean {
    return this.outgoing.isBegun
  }

  attempt(timeout: number): Outcome {
    return this.outgoing.send(this.#place.fd, timeout)
  }

  drop(): void {
    this.outgoing.drop()
  }
}

export class Polling implements Operation {
  readonly isBegun = false
  readonly #place: Place

  constructor(place: Place) {
    this.#place = place
  }

  attempt(timeout: number): Outcome {
    const place = this.#place
    place.checkReadable()
    if (place.incoming.isBegun) return DONE
    const events = native().pollDescriptor(place.fd, POLLIN, timeout)
    if (events === -1) return INTERRUPTED
    return events === 0 ? WOULD_WAIT : DONE
  }
}
