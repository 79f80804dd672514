// The book of a queue that can be joined as this thread sees it: its own entry (entries.ts), and what others have lost (losses.ts). The entries are
// in a block of their own, made when something is first taken; where more have taken than there is room for, in a second one.
import { arena } from '../../memory/arena.ts'
import { MultiprocessingError } from '../../base/errors.ts'
import type { OwnerId } from '../../memory/identity.ts'
import { SLOT_COUNT, WORD_BYTES } from '../../memory/layout.ts'
import { add, load, peek, raise, store, type Words } from '../../memory/words.ts'
import { adoptExtension, extensionAt, extensionStart, extensionWords, freeExtension, makeExtension } from '../../sync/state/extension.ts'
import {
  announce,
  type Book,
  countUnfinished,
  DONE,
  ENDED,
  ENTRY_WORDS,
  enterTaken,
  finishOne,
  heldBy,
  NOBODY,
  OWNER,
  PID,
  type Place,
  REPORTED,
  reportForOther,
  TAKEN,
} from './entries.ts'
import { LEDGER, LEDGER_MORE, LOSING_ENTRY, LOSSES, LOST, TAKERS, TAKING_ENTRY } from '../store/layout.ts'
import { NOTE_WORDS, NOTES, whoseEntry, writeNote } from './notes.ts'
import { closeEntry, closeLeft, finishLosing } from './losses.ts'

const NOTE_SPACE = NOTES * NOTE_WORDS
const FIRST_BYTES = 1024
const FIRST_ENTRIES = (FIRST_BYTES / WORD_BYTES - NOTE_SPACE) / ENTRY_WORDS
const MOST_ENTRIES = FIRST_ENTRIES + SLOT_COUNT

/** An entry of this thread. */
interface Own extends Place {
  readonly index: number
  readonly owner: OwnerId
}

export class Ledger implements Book {
  readonly words: Words
  readonly base: number
  #first: Place | null = null
  #more: Place | null = null
  #own: Own | null = null

  constructor({ words, base }: Place) {
    this.words = words
    this.base = base
  }

  entryAt(index: number): Place {
    if (index < FIRST_ENTRIES) {
      const { words, base } = this.notes
      return { words, base: base + NOTE_SPACE + index * ENTRY_WORDS }
    }
    this.#more ??= this.#block(LEDGER_MORE)
    return { words: this.#more.words, base: this.#more.base + (index - FIRST_ENTRIES) * ENTRY_WORDS }
  }

  /** Where notes.ts finds its own. Only once there are entries. */
  get notes(): Place {
    this.#first ??= this.#block(LEDGER)
    return this.#first
  }

  get unfinished(): number {
    return countUnfinished(this)
  }

  /** Before something is taken, for the holder of *out*'s lock: this thread has an entry then, and all others say what they should. */
  open(): void {
    if (peek(this.words, this.base + TAKING_ENTRY) !== 0 || peek(this.words, this.base + LOSING_ENTRY) !== 0) this.#putRight()
    if (this.#findOwn() === null) this.#own = this.#claim()
  }

  /** `passed` are taken once *out*'s count is `count`. `enter` follows. */
  announce(count: number, passed: number): void {
    const { words, base, index } = this.#own as Own
    announce(this, index, count, (peek(words, base + TAKEN) + passed) | 0)
  }

  enter(): void {
    enterTaken(this)
  }

  /** So many that this thread has just taken are done with: they are dropped. */
  finish(count: number): void {
    const { words, base } = this.#own as Own
    add(words, base + DONE, count)
  }

  /** So many that this thread has just taken were lost before, with those who were putting or taking them. For the holder of *out*'s lock. */
  miss(count: number): void {
    const { words, base } = this
    writeNote(this, { pid: 0, name: '', count }, (load(words, base + LOST) + count) | 0)
    add(words, base + LOSSES, 1)
    // First: whoever sees it done with has seen that it is lost.
    add(words, base + LOST, count)
    this.finish(count)
  }

  /** One that was taken is done with: one of this thread's, or else somebody's. False: all are. */
  report(): boolean {
    const own = this.#findOwn()
    return (own !== null && finishOne(own)) || reportForOther(this, process.pid)
  }

  /** Whether `lose` might find something. Costs system calls for those who hold something. */
  mayHaveLost(isDead: (owner: OwnerId) => boolean): boolean {
    const { words, base } = this
    if (load(words, base + TAKING_ENTRY) !== 0 || load(words, base + LOSING_ENTRY) !== 0) return true
    return this.#entries().some(entry => {
      const owner = load(entry.words, entry.base + OWNER)
      return owner !== NOBODY && owner !== ENDED && isOver(owner, isDead, entry)
    })
  }

  /** Closes the entries of the dead. For the holder of *out*'s lock. Returns how many items were lost. */
  lose(isDead: (owner: OwnerId) => boolean): number {
    if (extensionAt(this, LEDGER) === 0) return 0
    this.#putRight()
    let lost = 0
    for (const [index, entry] of this.#entries().entries()) {
      const owner = load(entry.words, entry.base + OWNER)
      if (owner === ENDED) closeLeft(entry)
      else if (owner !== NOBODY && isOver(owner, isDead, entry)) lost += this.#close(index)
    }
    return lost
  }

  /** Whatever is found under the name of `dead` from now on is one who has ended. The reaper's, who cannot wait for the lock. */
  strike(dead: OwnerId): void {
    for (const block of [LEDGER, LEDGER_MORE]) adoptExtension(this, block, owner => owner === dead)
    for (const { words, base } of this.#entries()) {
      if (load(words, base + OWNER) === dead) store(words, base + OWNER, dead | ENDED)
    }
  }

  /** For who has all locks, when the queue is closed. */
  end(): void {
    const blocks = [LEDGER, LEDGER_MORE].map(word => freeExtension(this, word))
    // First: nobody looks there any more.
    for (const word of [TAKERS, TAKING_ENTRY, LOSING_ENTRY, LEDGER, LEDGER_MORE]) store(this.words, this.base + word, 0)
    for (const free of blocks) free()
  }

  /** @throws ClosedError when it is gone */
  #block(word: number): Place {
    const reference = extensionAt(this, word)
    return { words: extensionWords(reference), base: extensionStart(reference) }
  }

  #entries(): Place[] {
    return Array.from({ length: load(this.words, this.base + TAKERS) }, (_, index) => this.entryAt(index))
  }

  #putRight(): void {
    enterTaken(this)
    finishLosing(this)
  }

  #close(index: number): number {
    const lost = closeEntry(this, index, (entry, count, total) => writeNote(this, { ...whoseEntry(entry), count }, total))
    if (lost > 0) add(this.words, this.base + LOSSES, 1)
    return lost
  }

  #findOwn(): Own | null {
    const { me } = arena()
    const own = this.#own
    if (own !== null && own.owner === me) return own
    const index = this.#entries().findIndex(({ words, base }) => load(words, base + OWNER) === me)
    this.#own = index === -1 ? null : { ...this.entryAt(index), index, owner: me }
    return this.#own
  }

  /** For the holder of *out*'s lock. @throws MultiprocessingError when there is no memory for more */
  #claim(): Own {
    const { me } = arena()
    const index = this.#vacant()
    const word = index < FIRST_ENTRIES ? LEDGER : LEDGER_MORE
    const bytes = index < FIRST_ENTRIES ? FIRST_BYTES : SLOT_COUNT * ENTRY_WORDS * WORD_BYTES
    if (extensionAt(this, word) === 0) makeExtension(this, word, bytes, me)
    const { words, base } = this.entryAt(index)
    store(words, base + REPORTED, 0)
    store(words, base + PID, process.pid)
    // Before the name, so that a reaper finds it.
    raise(this.words, this.base + TAKERS, index + 1)
    store(words, base + OWNER, me)
    return { words, base, index, owner: me }
  }

  #vacant(): number {
    for (const [index, entry] of this.#entries().entries()) {
      const owner = load(entry.words, entry.base + OWNER)
      if (owner === ENDED) closeLeft(entry)
      else if ((owner & ENDED) !== 0) this.#close(index)
      if (load(entry.words, entry.base + OWNER) === NOBODY) return index
    }
    const takers = load(this.words, this.base + TAKERS)
    if (takers < MOST_ENTRIES) return takers
    throw new MultiprocessingError(`${takers} threads have taken items from the queue, and it has no room for the books of another one`)
  }
}

/** Of those who hold nothing, only one who has been reaped is known to have ended: they are in nobody's way. */
function isOver(owner: OwnerId, isDead: (owner: OwnerId) => boolean, entry: Place): boolean {
  if ((owner & ENDED) !== 0) return true
  return (heldBy(entry) > 0 || load(entry.words, entry.base + REPORTED) > 0) && isDead(owner)
}
