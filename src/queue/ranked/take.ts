// Records come out of a ranked store, as copies.
import { peek, store, write } from '../../memory/words.ts'
import type { Incoming } from '../incoming.ts'
import { claimBeside } from '../store/beside.ts'
import { COUNT, OUT, SHUT_AT_ONCE } from '../store/layout.ts'
import { FLAG_BESIDE, RECORD_SIZE, SIZE_SHIFT } from '../store/records.ts'
import { DIRTY, FREE, RECORD, STATE, USED_SLOTS, WEIGHT } from './layout.ts'
import { entryIn, slotAt, takeOut } from './order.ts'
import type { Ranked } from './ranked.ts'
import { countTaken, weightOf } from './repair.ts'

/** Takes up to `most`, for the lock's holder; `incoming` is empty. Returns how many came. */
export function takeEntries(ranked: Ranked, incoming: Incoming, most: number): number {
  const { words, base, header } = ranked
  if (header.shutDown === SHUT_AT_ONCE || header.isEmpty) return 0
  header.ledger?.open()
  store(words, base + DIRTY, 1)
  while (incoming.count < most && !header.isEmpty && incoming.hasRoom(nextSize(ranked))) takeEntry(ranked, 0, incoming)
  if (header.isEmpty) freePages(ranked)
  store(words, base + DIRTY, 0)
  return incoming.count
}

/** Of the next record, in words. */
function nextSize({ pages }: Ranked): number {
  const slot = slotAt(pages, 0)
  const page = pages.of(slot)
  return (page.words[entryIn(page, slot) + RECORD + RECORD_SIZE] as number) >> SIZE_SHIFT
}

/** The message at a position, the first or the last. If it was lost with the one who put it, nothing comes, and it counts as done. */
export function takeEntry(ranked: Ranked, position: number, incoming: Incoming): void {
  const { words, base, pages, header } = ranked
  const { size } = header
  const slot = slotAt(pages, position)
  const page = pages.of(slot)
  const at = entryIn(page, slot)
  const record = page.words[at + RECORD + RECORD_SIZE] as number
  const isLost = (record & FLAG_BESIDE) !== 0 && !claimBeside({ words: page.words, base: at + RECORD }, page.bytes)
  if (!isLost) incoming.add(page.words, at + RECORD, record >> SIZE_SHIFT)
  header.ledger?.announce((peek(words, base + OUT + COUNT) + 1) | 0, 1)
  // From here on it is out. Pairs with the look at the state in `orderAnew`.
  store(page.words, at + STATE, FREE)
  countTaken(ranked)
  header.ledger?.enter()
  write(words, base + WEIGHT, peek(words, base + WEIGHT) - weightOf(page.words, at + RECORD))
  takeOut(pages, position, size)
  if (isLost) header.ledger?.miss(1)
}

/** Of an empty store, the large ones. */
export function freePages({ words, base, pages }: Ranked): void {
  if (!pages.areMany) return
  // First: nobody looks at their slots any more.
  store(words, base + USED_SLOTS, 0)
  pages.free()
}
