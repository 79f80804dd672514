// Who has taken how much of a queue that can be joined, and how much of it is done with: an entry for each thread that has ever taken something.
// README.md has the argument.
//
//   an entry   [owner][taken][done][reported by others][pid][unused, 3]     `taken` and `done` only grow, whoever owns it next
//
// `taken` is written under *out*'s lock. A take is announced before it happens, and entered afterwards by who has the lock then. `done` is an
// exchange of whoever reports; what is unfinished is what was put without the sum of all `done`.
import { add, exchange, load, peek, store, type Words, write } from '../../memory/words.ts'
import { COUNT, DOUBTFUL, IN, LATE, OUT, TAKERS, TAKING_COUNT, TAKING_ENTRY, TAKING_TOTAL } from '../store/layout.ts'

export const ENTRY_WORDS = 8
export const OWNER = 0
export const TAKEN = 1
export const DONE = 2
/** So many of those that count as done were reported by somebody who had not taken them. */
export const REPORTED = 3
export const PID = 4

export const NOBODY = 0
/** Beside the name of an owner that has been reaped; alone: of one who left items of which it cannot be told whether they are done with. */
export const ENDED = 1 << 29

/** Where words lie. */
export interface Place {
  readonly words: Words
  readonly base: number
}

/** The header of a queue, and where its entries are. */
export interface Book extends Place {
  /** Of an entry below TAKERS. */
  entryAt(index: number): Place
}

/** Before the holder of *out*'s lock takes, so that *out*'s count is `count` then. What was announced before is entered. */
export function announce({ words, base }: Book, index: number, count: number, total: number): void {
  write(words, base + TAKING_COUNT, count)
  write(words, base + TAKING_TOTAL, total)
  store(words, base + TAKING_ENTRY, index + 1)
}

/** Enters what was announced, if it has happened. For the holder of *out*'s lock, after a take and before anything else. */
export function enterTaken(book: Book): void {
  const { words, base } = book
  const index = load(words, base + TAKING_ENTRY) - 1
  if (index < 0) return
  if (load(words, base + TAKING_COUNT) === load(words, base + OUT + COUNT)) {
    const entry = book.entryAt(index)
    store(entry.words, entry.base + TAKEN, peek(words, base + TAKING_TOTAL))
  }
  store(words, base + TAKING_ENTRY, 0)
}

/** How many the entry's owner has taken and nobody has reported. */
export function heldBy({ words, base }: Place): number {
  const done = load(words, base + DONE)
  return (load(words, base + TAKEN) - done) | 0
}

/** How many were put and are not done with. What is done with is read first: so 0 was true when the last look was taken. */
export function countUnfinished(book: Book): number {
  const { words, base } = book
  const takers = load(words, base + TAKERS)
  let done = 0
  for (let index = 0; index < takers; index += 1) {
    const entry = book.entryAt(index)
    done = (done + load(entry.words, entry.base + DONE)) | 0
  }
  return (load(words, base + IN + COUNT) - done) | 0
}

/** One of those that the entry's owner has taken is done with. False: all are. */
export function finishOne({ words, base }: Place): boolean {
  for (;;) {
    const done = load(words, base + DONE)
    if (((load(words, base + TAKEN) - done) | 0) <= 0) return false
    if (exchange(words, base + DONE, done, (done + 1) | 0)) return true
  }
}

/**
 * One that somebody else has taken is done with, somebody in the process `pid` if there is one. It may also be one that was lost: then it counts
 * as done already. False: nothing is left that could be meant.
 */
export function reportForOther(book: Book, pid: number): boolean {
  for (;;) {
    const index = findHolder(book, pid)
    if (reportLate(book, index >= 0)) return true
    if (index < 0) return false
    const entry = book.entryAt(index)
    add(entry.words, entry.base + REPORTED, 1)
    if (!finishOne(entry)) continue
    // Somebody may have found before that nothing is in doubt.
    if (load(entry.words, entry.base + REPORTED) === 0) add(entry.words, entry.base + REPORTED, 1)
    return true
  }
}

/** It may be one that was lost. Where there are others that it might be, one of them is in doubt then. */
function reportLate({ words, base }: Book, isDoubtful: boolean): boolean {
  for (let late = load(words, base + LATE); late > 0; late = load(words, base + LATE)) {
    // First: there is never more in doubt than this says.
    if (isDoubtful) add(words, base + DOUBTFUL, 1)
    if (exchange(words, base + LATE, late, late - 1)) return true
    if (isDoubtful) add(words, base + DOUBTFUL, -1)
  }
  return false
}

function findHolder(book: Book, pid: number): number {
  const takers = load(book.words, book.base + TAKERS)
  let found = -1
  for (let index = 0; index < takers; index += 1) {
    const entry = book.entryAt(index)
    if (heldBy(entry) <= 0) continue
    if (peek(entry.words, entry.base + PID) === pid) return index
    found = index
  }
  return found
}

/** When all is done with, nothing is in doubt any more. What comes meanwhile stays. */
export function forgetDoubts(book: Book): void {
  const { words, base } = book
  const takers = load(words, base + TAKERS)
  const doubtful = load(words, base + DOUBTFUL)
  const reported: number[] = []
  let found = doubtful
  for (let index = 0; index < takers; index += 1) {
    const entry = book.entryAt(index)
    const count = load(entry.words, entry.base + REPORTED)
    reported.push(count)
    found += count
  }
  if (found === 0 || countUnfinished(book) !== 0) return
  exchange(words, base + DOUBTFUL, doubtful, 0)
  for (let index = 0; index < takers; index += 1) {
    const entry = book.entryAt(index)
    exchange(entry.words, entry.base + REPORTED, reported[index] as number, 0)
  }
}
