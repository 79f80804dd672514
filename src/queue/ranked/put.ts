// Records go into a ranked store, each into an entry of its own, as many as there is room for.
import { peek, store, write } from '../../memory/words.ts'
import type { Outgoing } from '../outgoing.ts'
import { COUNT, IN, OPEN } from '../store/layout.ts'
import { copyWords, RECORD_SIZE, SIZE_SHIFT } from '../store/records.ts'
import { SHUT } from '../store/store.ts'
import { type Key, writeKey } from './keys.ts'
import { DIRTY, FREE, NUMBER_HIGH, RECORD, STATE, USED, USED_SLOTS, WEIGHT } from './layout.ts'
import { entryIn, rise, setSlot, slotAt } from './order.ts'
import type { Ranked } from './ranked.ts'
import { countPut, weightOf } from './repair.ts'

/** For the lock's holder. Returns how many went in, or SHUT. @throws MultiprocessingError when there is no memory for more */
export function putEntries(ranked: Ranked, outgoing: Outgoing): number {
  const { words, base, header } = ranked
  if (header.shutDown !== OPEN) return SHUT
  const source = outgoing.words
  let from = outgoing.at
  let put = 0
  try {
    while (put < outgoing.count && hasRoom(ranked, weightOf(source, from))) {
      if (put === 0) store(words, base + DIRTY, 1)
      putEntry(ranked, outgoing, from, outgoing.rankAt(put))
      from += (source[from + RECORD_SIZE] as number) >> SIZE_SHIFT
      put += 1
    }
  } finally {
    if (put > 0) outgoing.passed(from, put)
  }
  if (put > 0) store(words, base + DIRTY, 0)
  return put
}

function hasRoom({ words, base, header }: Ranked, weight: number): boolean {
  if (header.isFull) return false
  // What is too large for any queue goes into an empty one.
  return peek(words, base + WEIGHT) + weight <= header.maxWeight || header.isEmpty
}

function putEntry(ranked: Ranked, { words: source }: Outgoing, from: number, rank: number): void {
  const { words, base, pages, header } = ranked
  const position = header.size
  const slot = position < peek(words, base + USED_SLOTS) ? slotAt(pages, position) : newSlot(ranked)
  const page = pages.of(slot)
  const at = entryIn(page, slot)
  writeKey(page.words, at, keyOf(ranked, rank))
  const size = (source[from + RECORD_SIZE] as number) >> SIZE_SHIFT
  copyWords(source, from, page.words, at + RECORD, size)
  // From here on it is in. Pairs with the look at the state in `orderAnew`.
  store(page.words, at + STATE, USED)
  countPut(ranked)
  write(words, base + WEIGHT, peek(words, base + WEIGHT) + weightOf(source, from))
  rise(pages, position, slot)
}

/** The number is that of this put; in a stack the last is before the others. */
function keyOf({ words, base, isStack }: Ranked, rank: number): Key {
  const high = peek(words, base + NUMBER_HIGH)
  const low = peek(words, base + IN + COUNT)
  return isStack ? { rank: 0, high: ~high, low: ~low } : { rank, high, low }
}

/** One that was never used, at the position of its own number. */
function newSlot({ words, base, pages }: Ranked): number {
  const slot = peek(words, base + USED_SLOTS)
  const page = pages.linked(slot)
  // What was in this memory before might look like a message, once the slot counts as used.
  store(page.words, entryIn(page, slot) + STATE, FREE)
  setSlot(pages, slot, slot)
  store(words, base + USED_SLOTS, slot + 1)
  return slot
}
