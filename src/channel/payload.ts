// A message's bytes: a few go straight into the ring, many into a block of their own beside it. A block in flight belongs to its
// sender until the receiver takes it over, and then to the receiver: whichever of them dies, it is freed. What travels beside the
// message in turn, attachments.ts says.
import { MultiprocessingError } from '../base/errors.ts'
import { arena } from '../memory/arena.ts'
import type { OwnerId } from '../memory/identity.ts'
import type { Reference } from '../memory/segments.ts'
import type { Attachment } from '../wire/values/capability.ts'
import { decode } from '../wire/values/decoder.ts'
import { claimAttachments, dropAttachments } from './attachments.ts'

/** Messages say their length in 32 bits. */
const LARGEST_MESSAGE = 0xffffffff

/** How the bytes of a channel's messages become values. */
export interface MessageReader {
  /**
   * The value, or a promise for it: then the bytes were copied. It may fail half way. What travels beside the message belongs to
   * this thread by then: `takeBytes(attachment, arena().me)`.
   */
  decode(bytes: Uint8Array, offset: number, length: number): unknown
  /** What travels beside the message. */
  attachmentsOf(bytes: Uint8Array, offset: number, length: number): readonly Attachment[]
}

/** Messages of plain data, beside which nothing travels. */
export const PLAIN_MESSAGES: MessageReader = {
  decode: (bytes, offset, length) => decode(bytes, offset, length),
  attachmentsOf: () => [],
}

/** Decodes a message. If that fails, at once or later, what travels beside it is freed as far as it was not taken. */
export function readMessage(reader: MessageReader, bytes: Uint8Array, offset: number, length: number, sender: OwnerId): unknown {
  const attachments = reader.attachmentsOf(bytes, offset, length)
  if (attachments.length === 0) return reader.decode(bytes, offset, length)
  claimAttachments(attachments, sender)
  const fail = (error: unknown): never => {
    dropAttachments(attachments, arena().me)
    throw error
  }
  try {
    const value = reader.decode(bytes, offset, length)
    return value instanceof Promise ? value.catch(fail) : value
  } catch (error) {
    return fail(error)
  }
}

/** Frees what travels beside a message of this thread's that is not sent after all. */
export function dropMessage(reader: MessageReader, bytes: Uint8Array): void {
  dropAttachments(reader.attachmentsOf(bytes, 0, bytes.length), arena().me)
}

/** Puts the bytes into a block that this thread owns. */
export function storeInBlock(bytes: Uint8Array): Reference {
  if (bytes.length > LARGEST_MESSAGE)
    throw new MultiprocessingError(`A message of ${bytes.length} bytes is too large: the limit is ${LARGEST_MESSAGE}`)
  const reference = arena().allocate(bytes.length)
  arena().view(reference, bytes.length).set(bytes)
  return reference
}

/**
 * Decodes the bytes in a block of `sender`'s and frees it. False: the block is gone, since its sender was reaped.
 * The block is freed also when the bytes cannot be decoded. `onTaken` runs when the block is this thread's and before it is freed:
 * whatever still names the block must stop to do so then, or somebody would free it again when it is another message's.
 */
export function takeFromBlock(
  reader: MessageReader,
  reference: Reference,
  byteLength: number,
  sender: OwnerId,
  onTaken?: () => void,
): { value: unknown } | null {
  const { allocator, me } = arena()
  if (!allocator.entries.changeOwner(reference, sender, me)) return null
  onTaken?.()
  try {
    return { value: readMessage(reader, arena().view(reference, byteLength), 0, byteLength, sender) }
  } finally {
    allocator.free(reference, me, me)
  }
}

/** Frees a block that was sent and never taken. */
export function dropBlock(reference: Reference, sender: OwnerId): void {
  arena().allocator.free(reference, sender, arena().me)
}
