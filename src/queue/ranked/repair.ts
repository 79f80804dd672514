// What one who died with the lock may have left: an order that is half changed, counts that are behind by one message, a page that is still its
// own. Whoever has the lock next puts it right before anything else. Doing that twice, or dying while doing it, does no harm.
import { load, peek, store } from '../../memory/words.ts'
import { COUNT, IN, OUT } from '../store/layout.ts'
import { FLAG_BESIDE, RECORD_SIZE, RECORD_WEIGHT } from '../store/records.ts'
import { DIRTY, ENTRY_OCTETS, NUMBER_HIGH, RECORD, USED_SLOTS, WEIGHT } from './layout.ts'
import { entryIn, orderAnew, slotAt } from './order.ts'
import type { Ranked } from './ranked.ts'

/** For the lock's holder. If there is something to put right, it looks at every slot. */
export function putRight(ranked: Ranked): void {
  const { words, base, pages, header } = ranked
  if (load(words, base + DIRTY) === 0) return
  pages.adopt()
  const size = orderAnew(pages, peek(words, base + USED_SLOTS))
  const counted = header.size
  if (size > counted) countPut(ranked)
  if (size < counted) countTaken(ranked)
  store(words, base + WEIGHT, weightOfAll(ranked, size))
  store(words, base + DIRTY, 0)
}

/** One more is in. */
export function countPut({ words, base }: Ranked): void {
  const next = (peek(words, base + IN + COUNT) + 1) | 0
  // First: who dies in between leaves a gap in the numbers, and not numbers that were there before.
  if (next === 0) store(words, base + NUMBER_HIGH, (peek(words, base + NUMBER_HIGH) + 1) | 0)
  store(words, base + IN + COUNT, next)
}

/** One more is out. */
export function countTaken({ words, base }: Ranked): void {
  store(words, base + OUT + COUNT, (peek(words, base + OUT + COUNT) + 1) | 0)
}

/** What a record weighs with its entry and what is beside it, in octets. */
export function weightOf(words: Int32Array, record: number): number {
  const isBeside = ((words[record + RECORD_SIZE] as number) & FLAG_BESIDE) !== 0
  return isBeside ? ENTRY_OCTETS + (words[record + RECORD_WEIGHT] as number) : ENTRY_OCTETS
}

function weightOfAll({ pages }: Ranked, size: number): number {
  let weight = 0
  for (let position = 0; position < size; position += 1) {
    const slot = slotAt(pages, position)
    const page = pages.of(slot)
    weight += weightOf(page.words, entryIn(page, slot) + RECORD)
  }
  return weight
}
