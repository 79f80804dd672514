// What a dead process or thread leaves in queues: its name in a lock, and a chunk or page that it was linking. Nothing else needs to be put
// right by its reaper.
import { addReapHook, arena } from '../../memory/arena.ts'
import { type OwnerId, QUEUE, SHARED_OBJECT } from '../../memory/identity.ts'
import type { Reference } from '../../memory/segments.ts'
import { load } from '../../memory/words.ts'
import { objectAt } from '../../sync/state/shared-block.ts'
import { wakeAll } from '../../sync/waiting/listed.ts'
import { adoptPages } from '../ranked/pages.ts'
import { adoptLinking } from '../ring/chunks.ts'
import { LINKING } from '../ring/layout.ts'
import { HEADER_BYTES, IN, KIND, LISTS, OUT, RING } from './layout.ts'
import { unlockForDead } from './sides.ts'

function repairQueue(reference: Reference, dead: OwnerId): void {
  const { words, base } = objectAt(reference)
  // Blocks that are neither the tree's nor surely the queue's.
  if (load(words, base + KIND) === RING) adoptLinking(words, base + IN + LINKING, dead)
  else adoptPages(words, base, dead)
  const isDead = (owner: OwnerId): boolean => owner === dead
  const hadIn = unlockForDead(words, base + IN, isDead)
  if (!unlockForDead(words, base + OUT, isDead) && !hadIn) return
  // Items, room.
  for (const list of [0, 1]) {
    const block = load(words, base + LISTS + list) >>> 0
    // A maker that was killed while it closed the queue may have freed them.
    if (block !== 0 && arena().allocator.entries.ownerOf(block) === SHARED_OBJECT) wakeAll(objectAt(block))
  }
}

addReapHook(dead => arena().reaper.forEachBlock(HEADER_BYTES, QUEUE, reference => repairQueue(reference, dead)))
