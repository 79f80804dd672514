// The order of what is in a ranked store: a word a position, in which every slot that was ever used stands once. The first of them are those of
// the messages, as a binary heap with the next one on top; behind them are the free ones. For the lock's holder; work half done is put right
// by `orderAnew`.
import { peek, write } from '../../memory/words.ts'
import { precedes } from './keys.ts'
import { ENTRY_WORDS, FREE, STATE } from './layout.ts'
import type { Page, Pages } from './pages.ts'

export function slotAt(pages: Pages, position: number): number {
  const page = pages.of(position)
  return page.words[page.order + position - page.first] as number
}

export function setSlot(pages: Pages, position: number, slot: number): void {
  const page = pages.of(position)
  write(page.words, page.order + position - page.first, slot)
}

/** Where a slot's entry is in its page's words. */
export function entryIn(page: Page, slot: number): number {
  return page.entries + (slot - page.first) * ENTRY_WORDS
}

/** Enters a slot at the position `from`, behind the last, or where it fits above. */
export function rise(pages: Pages, from: number, slot: number): void {
  const page = pages.of(slot)
  const at = entryIn(page, slot)
  let position = from
  while (position > 0) {
    const above = (position - 1) >> 1
    const other = slotAt(pages, above)
    const otherPage = pages.of(other)
    if (!precedes(page.words, at, otherPage.words, entryIn(otherPage, other))) break
    setSlot(pages, position, other)
    position = above
  }
  setSlot(pages, position, slot)
}

/** Takes the slot at the first or the last of `size` positions out. It is the first free one then. */
export function takeOut(pages: Pages, position: number, size: number): void {
  const last = size - 1
  const slot = slotAt(pages, position)
  const moved = slotAt(pages, last)
  setSlot(pages, last, slot)
  if (position < last) sink(pages, position, moved, last)
}

/** Makes the order from the entries' states. Returns how many are in. */
export function orderAnew(pages: Pages, usedSlots: number): number {
  let size = 0
  for (let slot = 0; slot < usedSlots; slot += 1) {
    if (isFree(pages, slot)) continue
    setSlot(pages, size, slot)
    size += 1
  }
  let position = size
  for (let slot = 0; slot < usedSlots; slot += 1) {
    if (!isFree(pages, slot)) continue
    setSlot(pages, position, slot)
    position += 1
  }
  for (let above = (size >> 1) - 1; above >= 0; above -= 1) sink(pages, above, slotAt(pages, above), size)
  return size
}

/** Enters a slot at the position `from`, from which another was taken, or where it fits below. */
function sink(pages: Pages, from: number, slot: number, size: number): void {
  const page = pages.of(slot)
  const at = entryIn(page, slot)
  let position = from
  for (let below = firstBelow(pages, position, size); below < size; below = firstBelow(pages, position, size)) {
    const other = slotAt(pages, below)
    const otherPage = pages.of(other)
    if (!precedes(otherPage.words, entryIn(otherPage, other), page.words, at)) break
    setSlot(pages, position, other)
    position = below
  }
  setSlot(pages, position, slot)
}

/** Of the two positions below this one, that of the first; `size` or more: there is none. */
function firstBelow(pages: Pages, position: number, size: number): number {
  const below = 2 * position + 1
  if (below + 1 >= size) return below
  const slot = slotAt(pages, below)
  const other = slotAt(pages, below + 1)
  const page = pages.of(slot)
  const otherPage = pages.of(other)
  return precedes(otherPage.words, entryIn(otherPage, other), page.words, entryIn(page, slot)) ? below + 1 : below
}

function isFree(pages: Pages, slot: number): boolean {
  const page = pages.of(slot)
  return peek(page.words, entryIn(page, slot) + STATE) === FREE
}
