// Taking out what nobody is to have, when a queue is shut down at once or closed.
import { store } from '../../memory/words.ts'
import { Incoming } from '../incoming.ts'
import { DIRTY } from './layout.ts'
import type { Ranked } from './ranked.ts'
import { freePages, takeEntry } from './take.ts'

/** For the lock's holder: drops all that is there, as done with. Returns how many. */
export function dropEntries(ranked: Ranked): number {
  const { words, base, header } = ranked
  const incoming = new Incoming()
  let dropped = 0
  if (!header.isEmpty) header.ledger?.open()
  store(words, base + DIRTY, 1)
  while (!header.isEmpty) {
    // The last: the order of the others stays as it is.
    takeEntry(ranked, header.size - 1, incoming)
    if (incoming.count === 0) continue
    incoming.drop()
    header.ledger?.finish(1)
    dropped += 1
  }
  freePages(ranked)
  store(words, base + DIRTY, 0)
  return dropped
}

/** Frees everything but the header. For the lock's holder, when the queue is closed. */
export function freeEntries(ranked: Ranked): void {
  ranked.header.endLedger()
  dropEntries(ranked)
  ranked.pages.free(0)
}
