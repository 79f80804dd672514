import { EndOfFileError, MultiprocessingError } from '../../base/errors.ts'

export function endOfFile(cause?: unknown): EndOfFileError {
  return new EndOfFileError(undefined, cause === undefined ? {} : { cause })
}

/** It ended, or failed, within a message. */
export function brokenMessage(cause?: unknown): MultiprocessingError {
  const why = cause === undefined ? 'Got end of file during a message: its sender ended' : 'A message could not be received'
  return new MultiprocessingError(why, { code: 'ERR_BROKEN_MESSAGE', ...(cause !== undefined && { cause }) })
}

export function badLength(length?: number, cause?: unknown): MultiprocessingError {
  const what = length === undefined ? 'what came is no frame of a message' : `a message of ${length} bytes is too long`
  return new MultiprocessingError(`Bad message length: ${what}`, { code: 'ERR_BAD_LENGTH', ...(cause !== undefined && { cause }) })
}

/** A watch needs a descriptor of its own. */
export function cannotWait(cause: unknown): MultiprocessingError {
  const { code } = cause as NodeJS.ErrnoException
  return new MultiprocessingError('The connection cannot be waited for', { code: code ?? 'ERR_MULTIPROCESSING', cause })
}

const GONE = ['EPIPE', 'ECONNRESET', 'ENOTCONN']

/** Nobody is there any more to receive it, or the system refuses. */
export function notSent(cause: unknown): MultiprocessingError {
  const { code } = cause as NodeJS.ErrnoException
  const isGone = code !== undefined && GONE.includes(code)
  return new MultiprocessingError(
    isGone ? 'The other end of the connection is closed: nobody receives the message' : 'A message could not be sent',
    {
      code: isGone ? 'EPIPE' : (code ?? 'ERR_NOT_SENT'),
      cause,
    },
  )
}
