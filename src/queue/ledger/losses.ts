// What one who has ended had taken and not reported is lost: it counts as done with, and as lost, and whoever joins is told. For the holder of
// *out*'s lock, after `enterTaken`. Doing it twice, or dying while doing it, does no harm: more may be called doubtful then.
//
// A loss is first written down whole (LOSING), then LOST rises, then `done`. Whoever sees that all is done with has seen before that
// something was lost; whoever has the lock next finishes what is written down.
import { add, exchange, load, store } from '../../memory/words.ts'
import { type Book, DONE, ENDED, heldBy, NOBODY, OWNER, type Place, REPORTED, TAKEN } from './entries.ts'
import { DOUBTFUL, LATE, LOSING_DONE, LOSING_ENTRY, LOSING_REPORTED, LOSING_TOTAL, LOST, TAKERS } from '../store/layout.ts'

/** Hears of a loss before it counts: whose, how many, and how many have been lost in all then. */
export type Tell = (entry: Place, lost: number, total: number) => void

/**
 * Closes the entry of one who has ended. Returns how many were lost with it.
 *
 * Where everybody reports what it has taken itself, that is what its entry says. A report for another is counted in some entry: of those of the
 * dead one as many may be done with as were reported in others' (they stay unfinished), and others' may be what was reported in its own. Both
 * are in doubt; README.md has the rule.
 */
export function closeEntry(book: Book, index: number, tell: Tell): number {
  const { words, base } = book
  const entry = book.entryAt(index)
  const done = load(entry.words, entry.base + DONE)
  const held = Math.max(0, (load(entry.words, entry.base + TAKEN) - done) | 0)
  // After `done`: what has come in by then says so here.
  const reported = load(entry.words, entry.base + REPORTED)
  const kept = held === 0 ? 0 : Math.min(held, reportedBeside(book, index))
  const mistaken = reported === 0 ? 0 : Math.min(reported, heldBeside(book, index))
  if (kept + mistaken > 0) add(words, base + DOUBTFUL, kept + mistaken)
  const lost = held - kept
  if (lost > 0) {
    add(words, base + LATE, lost)
    const total = (load(words, base + LOST) + lost) | 0
    tell(entry, lost, total)
    store(words, base + LOSING_DONE, (done + lost) | 0)
    store(words, base + LOSING_TOTAL, total)
    store(words, base + LOSING_REPORTED, reported)
    store(words, base + LOSING_ENTRY, index + 1)
    finishLosing(book)
  }
  if (kept === 0) store(entry.words, entry.base + REPORTED, 0)
  store(entry.words, entry.base + OWNER, kept === 0 ? NOBODY : ENDED)
  return lost
}

/** What one who died in `closeEntry` has written down. */
export function finishLosing(book: Book): void {
  const { words, base } = book
  const index = load(words, base + LOSING_ENTRY) - 1
  if (index < 0) return
  store(words, base + LOST, load(words, base + LOSING_TOTAL))
  const entry = book.entryAt(index)
  raiseDone(entry, load(words, base + LOSING_DONE))
  // Reports for others that came into this entry meanwhile: what they were for may be unfinished in another.
  const since = load(entry.words, entry.base + REPORTED) - load(words, base + LOSING_REPORTED)
  if (since > 0) add(words, base + DOUBTFUL, since)
  store(words, base + LOSING_ENTRY, 0)
}

function raiseDone({ words, base }: Place, to: number): void {
  for (let done = load(words, base + DONE); ((to - done) | 0) > 0; done = load(words, base + DONE)) {
    exchange(words, base + DONE, done, to)
  }
}

function reportedBeside(book: Book, except: number): number {
  const takers = load(book.words, book.base + TAKERS)
  let sum = 0
  for (let index = 0; index < takers; index += 1) {
    const entry = book.entryAt(index)
    if (index !== except) sum += load(entry.words, entry.base + REPORTED)
  }
  return sum
}

function heldBeside(book: Book, except: number): number {
  const takers = load(book.words, book.base + TAKERS)
  let sum = 0
  for (let index = 0; index < takers; index += 1) {
    if (index !== except) sum += Math.max(0, heldBy(book.entryAt(index)))
  }
  return sum
}

/** Frees what one left who could not be told to have lost it, once it is done with. */
export function closeLeft({ words, base }: Place): void {
  if (load(words, base + OWNER) !== ENDED || heldBy({ words, base }) > 0) return
  store(words, base + REPORTED, 0)
  store(words, base + OWNER, NOBODY)
}
