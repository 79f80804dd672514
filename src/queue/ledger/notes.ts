// Who lost what, for errors: the last few losses of a queue, before the entries in its ledger. Nothing depends on them.
//
//   a note   [lost in all after it][how many][pid][bytes of the name]  name …
import { arena } from '../../memory/arena.ts'
import { slotOf } from '../../memory/identity.ts'
import { WORD_BYTES } from '../../memory/layout.ts'
import { load, store } from '../../memory/words.ts'
import { type Book, ENDED, OWNER, PID, type Place } from './entries.ts'
import { LOSSES } from '../store/layout.ts'

export const NOTES = 4
export const NOTE_WORDS = 16
const TOTAL = 0
const COUNT = 1
const WHO = 2
const NAME_BYTES = 3
const NAME = 4
const MOST_NAME_BYTES = (NOTE_WORDS - NAME) * WORD_BYTES

/** A queue's book, and where its notes begin. */
export interface NotedBook extends Book {
  readonly notes: Place
}

export interface Loss {
  readonly count: number
  /** 0: of those who were in the middle of putting or taking them. */
  readonly pid: number
  /** '': it is not known. */
  readonly name: string
}

export function whoseEntry({ words, base }: Place): Pick<Loss, 'pid' | 'name'> {
  const owner = load(words, base + OWNER) & ~ENDED
  const { slots } = arena()
  return { pid: load(words, base + PID), name: slots.isCurrent(owner) ? slots.nameOf(slotOf(owner)) : '' }
}

/** Instead of the oldest. For the holder of *out*'s lock, who then counts LOSSES. `total`: what has been lost in all then. */
export function writeNote(book: NotedBook, loss: Loss, total: number): void {
  const { words, base } = noteAt(book, load(book.words, book.base + LOSSES))
  const name = new TextEncoder().encode(loss.name).subarray(0, MOST_NAME_BYTES)
  bytesOf({ words, base: base + NAME }, name.length).set(name)
  store(words, base + NAME_BYTES, name.length)
  store(words, base + COUNT, loss.count)
  store(words, base + WHO, loss.pid)
  store(words, base + TOTAL, total)
}

/** Those after `from` had been lost and before more than `to` were, as far as there are notes of them. */
export function readNotes(book: NotedBook, from: number, to: number): Loss[] {
  const next = load(book.words, book.base + LOSSES)
  const losses: Loss[] = []
  // One may be written already that is not counted.
  for (let number = Math.max(0, next - NOTES + 1); number <= next; number += 1) {
    const { words, base } = noteAt(book, number)
    const total = load(words, base + TOTAL)
    if (((total - from) | 0) <= 0 || ((to - total) | 0) < 0) continue
    const name = new TextDecoder().decode(bytesOf({ words, base: base + NAME }, load(words, base + NAME_BYTES)).slice())
    losses.push({ count: load(words, base + COUNT), pid: load(words, base + WHO), name })
  }
  return losses
}

function noteAt({ notes: { words, base } }: NotedBook, number: number): Place {
  return { words, base: base + ((number >>> 0) % NOTES) * NOTE_WORDS }
}

function bytesOf({ words, base }: Place, length: number): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset + base * WORD_BYTES, Math.min(MOST_NAME_BYTES, Math.max(0, length)))
}
