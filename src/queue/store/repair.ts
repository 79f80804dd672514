// What a dead process or thread leaves in queues: its name in a lock, a chunk or page that it was linking, and items that it had taken and not
// done with. Nothing else needs to be put right by its reaper.
import { addReapHook, arena } from '../../memory/arena.ts'
import { type OwnerId, QUEUE, SHARED_OBJECT } from '../../memory/identity.ts'
import type { Reference } from '../../memory/segments.ts'
import { load } from '../../memory/words.ts'
import type { ObjectWords } from '../../sync/state/object-layout.ts'
import { objectAt } from '../../sync/state/shared-block.ts'
import { wakeAll } from '../../sync/waiting/listed.ts'
import { adoptPages } from '../ranked/pages.ts'
import { adoptLinking } from '../ring/chunks.ts'
import { LINKING } from '../ring/layout.ts'
import { Ranked } from '../ranked/ranked.ts'
import { DIRTY } from '../ranked/layout.ts'
import { Ring } from '../ring/ring.ts'
import { HEADER_BYTES, IN, JOINABLE, KIND, LISTS, OUT, RING } from './layout.ts'
import { Ledger } from '../ledger/ledger.ts'
import { unlockForDead } from './sides.ts'

const [ITEMS, ROOM, ALL_DONE] = [0, 1, 2]
const NOBODY_ELSE = (): boolean => false

function repairQueue(reference: Reference, dead: OwnerId): void {
  const { words, base } = objectAt(reference)
  // Blocks that are neither the tree's nor surely the queue's.
  if (load(words, base + KIND) === RING) adoptLinking(words, base + IN + LINKING, dead)
  else adoptPages(words, base, dead)
  const isDead = (owner: OwnerId): boolean => owner === dead
  const hadIn = unlockForDead(words, base + IN, isDead)
  const hadLock = unlockForDead(words, base + OUT, isDead) || hadIn
  if (load(words, base + JOINABLE) !== 0) settleBooks(reference, dead)
  if (hadLock) wakeLists({ words, base }, [ITEMS, ROOM])
}

/** What it had taken is lost: at once, or when somebody else has the lock, by that one or whoever joins. */
function settleBooks(reference: Reference, dead: OwnerId): void {
  const object = objectAt(reference)
  const { words, base } = object
  const isRing = load(words, base + KIND) === RING
  const ledger = new Ledger(object)
  ledger.strike(dead)
  if (!ledger.mayHaveLost(NOBODY_ELSE)) return
  // To put an order right may take its time, which is not the reaper's.
  if (!isRing && load(words, base + DIRTY) !== 0) return
  const store = isRing ? Ring.find(reference) : Ranked.find(reference)
  const lost = store.lose(NOBODY_ELSE, () => {})
  if (store.wasContended) wakeLists(object, [ITEMS, ROOM])
  if (lost > 0) wakeLists(object, [ALL_DONE])
}

function wakeLists({ words, base }: ObjectWords, lists: readonly number[]): void {
  for (const list of lists) {
    const block = load(words, base + LISTS + list) >>> 0
    // A maker that was killed while it closed the queue may have freed them.
    if (block !== 0 && arena().allocator.entries.ownerOf(block) === SHARED_OBJECT) wakeAll(objectAt(block))
  }
}

addReapHook(dead => arena().reaper.forEachBlock(HEADER_BYTES, QUEUE, reference => repairQueue(reference, dead)))
