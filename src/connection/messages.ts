// How values become messages, and messages values: with all that one tree has in common between the two ends of a pipe, as plain data
// towards strangers, from whom nothing is imported, no code is built and no prototype touched.
import { MultiprocessingError } from '../base/errors.ts'
import { decode } from '../wire/values/decoder.ts'
import { encode } from '../wire/values/encoder.ts'
import type { Beside, IncomingFrame } from './stream/incoming.ts'

/** A message to be sent. Its bytes are valid until the next is encoded. */
export interface Encoded {
  readonly bytes: Uint8Array
  readonly beside: Beside | null
}

export interface Messages {
  /** @throws NotSerializableError */
  encode(value: unknown): Encoded
  /** The value of the message that is there; a promise for it if modules have to be imported first. @throws MultiprocessingError */
  decode(incoming: IncomingFrame): unknown
}

/** For Connections to strangers. */
export const PLAIN_DATA: Messages = {
  encode: value => ({ bytes: encode(value, 'item', { capability: null }), beside: null }),
  decode(incoming) {
    refuseBeside(incoming)
    try {
      return decode(incoming.bytes, 0, incoming.length, null)
    } catch (error) {
      throw explained(error, incoming)
    }
  },
}

const CHALLENGE = '#CHALLENGE#'
const PICKLE_PROTOCOL = 0x80
const OLDEST_PROTOCOL = 2
const NEWEST_PROTOCOL = 5

/** What does not decode was mostly not sent as a value: as what else, it says itself. */
function explained(error: unknown, { bytes, length }: IncomingFrame): unknown {
  if (!(error instanceof MultiprocessingError) || error.code !== 'ERR_BAD_MESSAGE') return error
  const why = explanationOf(bytes.subarray(0, length)) ?? `${error.message} (what was sent by sendBytes() is received by recvBytes())`
  return new MultiprocessingError(why, { code: 'ERR_BAD_MESSAGE', cause: error })
}

function explanationOf(message: Uint8Array): string | null {
  const [first, second = 0] = message
  if (first === PICKLE_PROTOCOL && second >= OLDEST_PROTOCOL && second <= NEWEST_PROTOCOL) {
    return "The message is a pickle of Python's send(), which is not understood here: send_bytes() there and recvBytes() here are"
  }
  const isChallenge = Buffer.from(message.subarray(0, CHALLENGE.length)).toString('latin1') === CHALLENGE
  return isChallenge ? 'The listener asks for a key: give Client() its authKey' : null
}

/** For messages that are bytes and nothing else. @throws MultiprocessingError `ERR_BAD_MESSAGE` */
export function refuseBeside(incoming: IncomingFrame): void {
  if (!incoming.hasBeside) return
  throw new MultiprocessingError('The message is a value with data beside it, which only recv() between the ends of a pipe receives', {
    code: 'ERR_BAD_MESSAGE',
  })
}
