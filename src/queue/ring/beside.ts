// What is beside a record, on its way from the producer to whoever takes the record. It is the producer's or, a moment later, the tree's;
// it is neither only if the producer was killed before its `put` came back, and then the record is worth nothing.
import { dropBlock } from '../../channel/payload.ts'
import { dropAttachments } from '../../channel/attachments.ts'
import { arena } from '../../memory/arena.ts'
import { type OwnerId, THE_TREE } from '../../memory/identity.ts'
import { WORD_BYTES } from '../../memory/layout.ts'
import type { Reference } from '../../memory/segments.ts'
import type { Attachment } from '../../wire/values/capability.ts'
import { attachmentsOf } from '../../wire/values/decoder.ts'
import { generationOf } from './chunks.ts'
import {
  BESIDE_HEAD,
  FLAG_BLOCK,
  type Place,
  RECORD_BLOCK,
  RECORD_GENERATION,
  RECORD_LENGTH,
  RECORD_PRODUCER,
  RECORD_SIZE,
} from './layout.ts'

/** Makes it this thread's. False: it is gone, and so is what was left of it. For the holder of *out*'s lock. */
export function claimBeside({ words, base }: Place, bytes: Uint8Array): boolean {
  const producer = words[base + RECORD_PRODUCER] as OwnerId
  const length = (words[base + RECORD_LENGTH] as number) >>> 0
  if (((words[base + RECORD_SIZE] as number) & FLAG_BLOCK) === 0) {
    return claimAll(attachmentsOf(bytes, (base + BESIDE_HEAD) * WORD_BYTES, length), producer)
  }
  const block = (words[base + RECORD_BLOCK] as number) >>> 0
  if (!claim(block, words[base + RECORD_GENERATION] as number, producer)) return false
  if (claimAll(attachmentsOf(arena().view(block, length), 0, length), producer)) return true
  dropBlock(block, arena().me)
  return false
}

function claimAll(attachments: readonly Attachment[], producer: OwnerId): boolean {
  const claimed = attachments.filter(({ reference, generation }) => claim(reference, generation | 0, producer))
  if (claimed.length === attachments.length) return true
  dropAttachments(claimed, arena().me)
  return false
}

/**
 * The generation is looked at first: as long as the record is in the ring nobody frees the block but the producer's reaper, and who is dead
 * owns nothing again.
 */
function claim(reference: Reference, generation: number, producer: OwnerId): boolean {
  const { allocator, me } = arena()
  if (generationOf(reference) !== generation) return false
  // The producer gives it to the tree at about this moment, perhaps between two of these.
  const { entries } = allocator
  return (
    entries.changeOwner(reference, THE_TREE, me) ||
    entries.changeOwner(reference, producer, me) ||
    entries.changeOwner(reference, THE_TREE, me)
  )
}
