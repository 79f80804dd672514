// What is said in a handshake, byte for byte as CPython says it.
//
//   challenge       #CHALLENGE# and a message: `{sha256}` and 40 random bytes (Python 3.12 and later), or 20 random bytes (before)
//   response        `{digest}` and the HMAC of the whole message; to a message of 20 bytes the bare HMAC-MD5, which is also what an older
//                   Python answers to any message
//   verdict         #WELCOME# or #FAILURE#
//
// A message's own `{digest}` is part of what is signed: nobody in between can take it away to get an answer of the weaker kind.
import { AuthenticationError } from '../../base/errors.ts'
import { expected } from '../../base/validate.ts'

/** A key as users give it; a string is its UTF-8. It may be empty, but a listener of Python before 3.13 takes that for no key. */
export type AuthKey = string | Uint8Array

const CHALLENGE = Buffer.from('#CHALLENGE#')
export const WELCOME: Uint8Array = Buffer.from('#WELCOME#')
export const FAILURE: Uint8Array = Buffer.from('#FAILURE#')
/** No frame of a handshake is longer. */
export const LONGEST_FRAME = 256

const RANDOM_LENGTH = 40
const OLD_MESSAGE_LENGTH = 20
const MD5_LENGTH = 16
const DIGESTS: readonly string[] = ['md5', 'sha256', 'sha384', 'sha3_256', 'sha3_384']
const PREFIX = /^\{([a-z0-9_]{1,16})\}/

/** A copy, which nobody changes while it is used. @throws TypeError */
export function checkAuthKey(value: unknown): Uint8Array {
  if (typeof value === 'string') return new TextEncoder().encode(value)
  if (value instanceof Uint8Array) return Uint8Array.from(value)
  throw new TypeError(expected('authKey', 'a string or bytes (a Uint8Array)', value))
}

/** @throws TypeError, RangeError */
export function checkDigest(value: unknown): string {
  const what = DIGESTS.map(each => `'${each}'`).join(', ')
  if (typeof value !== 'string') throw new TypeError(expected('digest', `one of ${what}`, value))
  if (!DIGESTS.includes(value)) throw new RangeError(expected('digest', `one of ${what}`, value))
  return value
}

/** What a peer must sign. */
export function newMessage(digest: string): Buffer {
  return Buffer.concat([Buffer.from(`{${digest}}`), process.getBuiltinModule('node:crypto').randomBytes(RANDOM_LENGTH)])
}

export function challengeWith(message: Uint8Array): Uint8Array {
  return Buffer.concat([CHALLENGE, message])
}

/** The message of a challenge. @throws AuthenticationError for what is none */
export function messageOf(frame: Uint8Array): Uint8Array {
  const received = Buffer.from(frame.buffer, frame.byteOffset, frame.length)
  if (!received.subarray(0, CHALLENGE.length).equals(CHALLENGE)) {
    throw new AuthenticationError(`Expected a challenge, but the peer sent ${frame.length} other bytes: does it use a key?`)
  }
  const message = received.subarray(CHALLENGE.length)
  if (message.length >= OLD_MESSAGE_LENGTH) return message
  throw new AuthenticationError(`The challenge of the peer is too short: ${message.length} bytes`)
}

/** @throws AuthenticationError when the message asks for a digest that is not allowed, or this Node has none of that kind */
export function respond(key: Uint8Array, message: Uint8Array): Uint8Array {
  const { digest } = split(message)
  if (digest === null) return sign(key, message, 'md5')
  return Buffer.concat([Buffer.from(`{${digest}}`), sign(key, message, digest)])
}

/** @throws AuthenticationError when it is not the response of one who has the key */
export function verify(key: Uint8Array, message: Uint8Array, response: Uint8Array): void {
  const { digest, rest } = split(response)
  const wanted = sign(key, message, digest ?? 'md5')
  const { timingSafeEqual } = process.getBuiltinModule('node:crypto')
  // The lengths are no secret.
  if (rest.length === wanted.length && timingSafeEqual(rest, wanted)) return
  throw new AuthenticationError('The digest received was wrong: the peer has another key')
}

/** A message or a response in its parts; a null digest: of the form before Python 3.12, which its length tells. */
function split(bytes: Uint8Array): { digest: string | null; rest: Uint8Array } {
  if (bytes.length === OLD_MESSAGE_LENGTH || bytes.length === MD5_LENGTH) return { digest: null, rest: bytes }
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 20)).toString('latin1')
  const [prefix, digest] = PREFIX.exec(head) ?? []
  if (prefix !== undefined && digest !== undefined && DIGESTS.includes(digest)) return { digest, rest: bytes.subarray(prefix.length) }
  throw new AuthenticationError(`The peer sent ${bytes.length} bytes that begin with none of the digests ${DIGESTS.join(', ')}`)
}

/** A build of Node, or a policy like FIPS, may have no MD5: then nobody can talk to a Python before 3.12. */
function sign(key: Uint8Array, message: Uint8Array, digest: string): Uint8Array {
  try {
    return process.getBuiltinModule('node:crypto').createHmac(digest.replace('_', '-'), key).update(message).digest()
  } catch (cause) {
    throw new AuthenticationError(`This Node cannot make the digest ${digest}, which the peer uses`, { cause })
  }
}
