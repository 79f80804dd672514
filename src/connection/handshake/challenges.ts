import { expected, readOptions } from '../../base/validate.ts'
import { readWaitOptions, type WaitOptions } from '../../base/wait-options.ts'
import { deadlineAfter, timeLeft } from '../../base/deadline.ts'
import { Connection } from '../connection.ts'
import { type AuthKey, checkAuthKey, checkDigest } from './digests.ts'
import { answer, converse, deliver, type Frames } from './handshake.ts'

export interface ChallengeOptions extends WaitOptions {
  /** 'md5', 'sha256', 'sha384', 'sha3_256' or 'sha3_384', in which the challenge asks for its answer. Default: 'sha256'. */
  digest?: string
}

/**
 * Half of a handshake on any connection: the peer, which must call `answerChallenge`, has to prove that it has the key. It is told if it has
 * not. A `Listener` does this, and then the other half.
 * @throws AuthenticationError when the peer does not know the key, or does not follow the protocol
 */
export async function deliverChallenge(connection: Connection, authKey: AuthKey, options?: ChallengeOptions): Promise<void> {
  checkConnection(connection)
  const { digest, ...wait } = readOptions<ChallengeOptions>(options, ['digest', 'timeout', 'signal'])
  const handshake = deliver(checkAuthKey(authKey), digest === undefined ? undefined : checkDigest(digest))
  await converse(handshake, framesOf(connection, wait))
}

/** The other half: proves to a peer that called `deliverChallenge`, or Python's `deliver_challenge`, that this side has the key. @throws as that */
export async function answerChallenge(connection: Connection, authKey: AuthKey, options?: WaitOptions): Promise<void> {
  checkConnection(connection)
  await converse(answer(checkAuthKey(authKey)), framesOf(connection, options))
}

function checkConnection(value: unknown): void {
  if (!(value instanceof Connection)) throw new TypeError(expected('connection', 'a Connection', value))
}

function framesOf(connection: Connection, options: unknown): Frames {
  const { timeout, signal } = readWaitOptions(options)
  const deadline = deadlineAfter(timeout)
  const wait = (): WaitOptions => ({ timeout: timeLeft(deadline), ...(signal === undefined ? {} : { signal }) })
  return {
    sendBytes: bytes => connection.sendBytes(bytes, wait()),
    recvBytes: maxLength => connection.recvBytes({ ...wait(), maxLength }),
  }
}
