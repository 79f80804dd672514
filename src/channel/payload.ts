// A message's bytes: a few go straight into the ring, many into a block of their own beside it. A block in flight belongs to its
// sender until the receiver takes it over, and then to the receiver: whichever of them dies, it is freed.
import { MultiprocessingError } from '../base/errors.ts'
import { arena } from '../memory/arena.ts'
import type { OwnerId } from '../memory/identity.ts'
import type { Reference } from '../memory/segments.ts'
import { decode } from '../wire/decoder.ts'

/** Messages say their length in 32 bits. */
const LARGEST_MESSAGE = 0xffffffff

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
export function takeFromBlock(reference: Reference, byteLength: number, sender: OwnerId, onTaken?: () => void): { value: unknown } | null {
  const { allocator, me } = arena()
  if (!allocator.entries.changeOwner(reference, sender, me)) return null
  onTaken?.()
  try {
    return { value: decode(arena().view(reference, byteLength)) }
  } finally {
    allocator.free(reference, me, me)
  }
}

/** Frees a block that was sent and never taken. */
export function dropBlock(reference: Reference, sender: OwnerId): void {
  arena().allocator.free(reference, sender, arena().me)
}
