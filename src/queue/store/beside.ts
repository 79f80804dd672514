// What is beside a record, on its way from the producer to whoever takes the record. It is the producer's or, a moment later, the tree's;
// it is neither only if the producer was killed before its `put` came back, and then the record is worth nothing.
import { dropAttachments } from '../../channel/attachments.ts'
import { arena, type Handle } from '../../memory/arena.ts'
import { type OwnerId, THE_TREE } from '../../memory/identity.ts'
import { WORD_BYTES } from '../../memory/layout.ts'
import type { ObjectWords } from '../../sync/state/object-layout.ts'
import type { Attachment } from '../../wire/values/capability.ts'
import { attachmentsOf } from '../../wire/values/decoder.ts'
import { BESIDE_HEAD, FLAG_BLOCK, RECORD_BLOCK, RECORD_GENERATION, RECORD_LENGTH, RECORD_PRODUCER, RECORD_SIZE } from './records.ts'

/** Makes it this thread's. False: it is gone, and so is what was left of it. For the holder of *out*'s lock. */
export function claimBeside({ words, base }: ObjectWords, bytes: Uint8Array): boolean {
  const producer = words[base + RECORD_PRODUCER] as OwnerId
  const length = (words[base + RECORD_LENGTH] as number) >>> 0
  if (((words[base + RECORD_SIZE] as number) & FLAG_BLOCK) === 0) {
    return claimAll(attachmentsOf(bytes, (base + BESIDE_HEAD) * WORD_BYTES, length), producer)
  }
  const block = (words[base + RECORD_BLOCK] as number) >>> 0
  // First the block is the tree's: then nobody else frees it while its attachments are read. It comes last, since who dies before that
  // leaves the names of the others in it for the next.
  if (!hand({ reference: block, generation: words[base + RECORD_GENERATION] as number }, producer, THE_TREE)) return false
  const isWhole = claimAll(attachmentsOf(arena().view(block, length), 0, length), producer)
  if (isWhole) return arena().takeShared(block)
  arena().freeShared(block)
  return false
}

function claimAll(attachments: readonly Attachment[], producer: OwnerId): boolean {
  const { me } = arena()
  const claimed = attachments.filter(({ reference, generation }) => hand({ reference, generation: generation | 0 }, producer, me))
  if (claimed.length === attachments.length) return true
  dropAttachments(claimed, me)
  return false
}

/**
 * From the producer or the tree to `to`. As long as the record is in the ring nobody frees the block but the producer's reaper, and who is
 * dead owns nothing again. The owner is looked at before the generation: what was the tree's while it was this block stays so until it
 * is taken from the ring; between a look at the generation and an exchange it might be freed, and become another's, and the tree's.
 */
function hand({ reference, generation }: Handle, producer: OwnerId, to: OwnerId): boolean {
  const { entries } = arena().allocator
  // The producer gives it to the tree at about this moment: then the second time finds it there.
  for (let look = 0; look < 2; look += 1) {
    const owner = entries.ownerOf(reference)
    if (entries.generationOf(reference) !== generation || (owner !== THE_TREE && owner !== producer)) return false
    if (owner === to || entries.changeOwner(reference, owner, to)) return true
  }
  return false
}
