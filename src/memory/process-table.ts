// A slot for each thread of each process of the tree. Its state, the generation of its use and who is responsible are one word.
//
//   FREE → STARTING(parent) → ALIVE(parent) → REAPING(who) → FREE, with the next generation
//
// The parent takes a slot before it starts the child, so that it knows the child's name from the beginning; the child makes it
// ALIVE, which fails when the parent was reaped in between: then the child has no place in this tree and must end.
// REAPING names the reaper, so that its own reaper takes the work over. The generation changes together with the step to FREE:
// until then the dead one's id is not used again, and whatever bears it can be found. A slot's number alone names nobody: who is
// to attach or to be reaped is named by its id, and the exchange fails when the slot has got another generation in the meantime.
// Parents and reapers are named by their slots alone: theirs is not FREE before those they are responsible for were taken over.
import { MultiprocessingError } from '../base/errors.ts'
import { generationOf, nextGeneration, type OwnerId, ownerIdOf, slotOf, stateOf, stateWord, valueOf } from './identity.ts'
import { SLOT_COUNT, SLOT_LIMIT_WORD, SLOT_TABLE_WORDS, WORD_BYTES, WORDS_PER_SLOT } from './layout.ts'
import { exchange, load, raise, store, type Words } from './words.ts'

export const SLOT_FREE = 0
export const SLOT_STARTING = 1
export const SLOT_ALIVE = 2
const SLOT_REAPING = 3

const PID = 2
const PROCESS_SLOT = 3
const ARGUMENT = 4
/** How it ended: what its parent for the system was told, and what it said itself on its way out. */
const STATUS = 5
const LAST_WORD = 6
/** The kernel's number of a thread. */
const THREAD = 7
const BY_CODE = 0x10000
const BY_SIGNAL = 0x20000
/** What the process is called, for people: its length in bytes, and that many bytes. */
const NAME = 18
const MOST_NAME_BYTES = (WORDS_PER_SLOT - NAME - 1) * WORD_BYTES
/** The doorbell has a cache line of its own: others write to it while the rest is read. */
const BELL = 16

export class ProcessTable {
  readonly #words: Words
  #from = 1

  constructor(words: Words) {
    this.#words = words
  }

  /** A slot for a child or thread that `parent` is about to start. @throws MultiprocessingError when all 4095 are taken. */
  claim(parent: OwnerId): number {
    for (let step = 0; step < SLOT_COUNT - 1; step += 1) {
      const slot = 1 + ((this.#from - 1 + step) % (SLOT_COUNT - 1))
      const free = load(this.#words, base(slot))
      if (stateOf(free) !== SLOT_FREE) continue
      const generation = generationOf(valueOf(free)) || 1
      // Before the slot is taken: a reaper would not find it behind the limit.
      raise(this.#words, SLOT_LIMIT_WORD, slot + 1)
      if (!exchange(this.#words, base(slot), free, slotWord(SLOT_STARTING, generation, parent))) continue
      this.#prepare(slot)
      this.#from = slot + 1
      return slot
    }
    throw new MultiprocessingError(`This tree has ${SLOT_COUNT - 1} processes and threads, and there is no room for more`, {
      code: 'ERR_TOO_MANY_PROCESSES',
    })
  }

  /**
   * In the child: from here on it takes part. False: its parent is gone and the slot with it, which may be another child's by now;
   * so it asks for its slot by the id, and writes nothing before it has it. `processSlot`: the main thread's.
   */
  attach(id: OwnerId, pid: number, processSlot: number): boolean {
    const slot = slotNamedBy(id)
    const word = load(this.#words, base(slot))
    if (stateOf(word) !== SLOT_STARTING || !isUseOf(word, id)) return false
    if (!exchange(this.#words, base(slot), word, stateWord(SLOT_ALIVE, valueOf(word)))) return false
    store(this.#words, base(slot) + PID, pid)
    store(this.#words, base(slot) + PROCESS_SLOT, processSlot)
    return true
  }

  /** Makes `who` the reaper of one who is over. False: somebody else is, or was: the slot is free or another's. */
  beginReaping(dead: OwnerId, who: OwnerId): boolean {
    const slot = slotNamedBy(dead)
    const word = load(this.#words, base(slot))
    if ((stateOf(word) !== SLOT_STARTING && stateOf(word) !== SLOT_ALIVE) || !isUseOf(word, dead)) return false
    return exchange(this.#words, base(slot), word, slotWord(SLOT_REAPING, generationOf(dead), who))
  }

  /**
   * Makes `who` the reaper of a slot that `dead` was starting or reaping. False: there is no such thing to do, or no longer: a child
   * that has attached in between lives on.
   */
  takeOver(slot: number, dead: OwnerId, who: OwnerId): boolean {
    const word = load(this.#words, base(slot))
    if ((stateOf(word) !== SLOT_STARTING && stateOf(word) !== SLOT_REAPING) || slotOf(valueOf(word)) !== slotOf(dead)) return false
    return exchange(this.#words, base(slot), word, slotWord(SLOT_REAPING, generationOf(valueOf(word)), who))
  }

  /** Nothing in the arena bears the slot's id any more: it may be used again. */
  endReaping(slot: number): void {
    const generation = nextGeneration(generationOf(valueOf(load(this.#words, base(slot)))))
    store(this.#words, base(slot) + PID, 0)
    store(this.#words, base(slot), slotWord(SLOT_FREE, generation, 0))
  }

  stateAt(slot: number): number {
    return stateOf(load(this.#words, base(slot)))
  }

  /** The slot of the parent of one that is STARTING or ALIVE, of the reaper of one that is REAPING. */
  responsibleFor(slot: number): number {
    return slotOf(valueOf(load(this.#words, base(slot))))
  }

  idOf(slot: number): OwnerId {
    return ownerIdOf(slot, generationOf(valueOf(load(this.#words, base(slot)))))
  }

  /** Whether `owner` still is who it was: a slot that is not free, in the same generation. */
  isCurrent(owner: OwnerId): boolean {
    const word = load(this.#words, base(slotOf(owner)))
    return stateOf(word) !== SLOT_FREE && isUseOf(word, owner)
  }

  pidOf(slot: number): number {
    return load(this.#words, base(slot) + PID)
  }

  processSlotOf(slot: number): number {
    return load(this.#words, base(slot) + PROCESS_SLOT)
  }

  /** The block that tells a child what to do: a reference, as two's complement. */
  argumentOf(slot: number): number {
    return load(this.#words, base(slot) + ARGUMENT) >>> 0
  }

  /** Where that reference is, in words of segment 0: 0 until the parent has written it. */
  argumentWordOf(slot: number): number {
    return base(slot) + ARGUMENT
  }

  setArgument(slot: number, reference: number): void {
    store(this.#words, base(slot) + ARGUMENT, reference)
  }

  /** For the one who is told by the system how this child ended and is not the one who started it. */
  setStatus(slot: number, exitCode: number | null, signal: number | null): void {
    store(this.#words, base(slot) + STATUS, signal === null ? BY_CODE | ((exitCode ?? 0) & 0xff) : BY_SIGNAL | signal)
  }

  /** Null: nobody has told. */
  statusOf(slot: number): { exitCode: number; signal: number } | null {
    const word = load(this.#words, base(slot) + STATUS)
    if (word === 0) return null
    return (word & BY_SIGNAL) === 0 ? { exitCode: word & 0xff, signal: 0 } : { exitCode: -1, signal: word & 0xffff }
  }

  /** The child's: it is about to leave with this exit code. */
  setLastWord(slot: number, exitCode: number): void {
    store(this.#words, base(slot) + LAST_WORD, BY_CODE | (exitCode & 0xff))
  }

  setThread(slot: number, number: number): void {
    store(this.#words, base(slot) + THREAD, number)
  }

  /** 0: a process, or a thread that has not come so far. */
  threadOf(slot: number): number {
    return load(this.#words, base(slot) + THREAD)
  }

  /** Where that is, in words of segment 0: 0 until then. */
  lastWordWordOf(slot: number): number {
    return base(slot) + LAST_WORD
  }

  /** Null: it said nothing. */
  lastWordOf(slot: number): number | null {
    const word = load(this.#words, base(slot) + LAST_WORD)
    return word === 0 ? null : word & 0xff
  }

  /** The beginning of it, if it is long. */
  setName(slot: number, name: string): void {
    const start = base(slot) + NAME
    store(this.#words, start, 0)
    const { written } = new TextEncoder().encodeInto(name, this.#nameBytes(slot, MOST_NAME_BYTES))
    store(this.#words, start, written)
  }

  /** '': nobody has said. Two who write and read at the same time may see a mixture. */
  nameOf(slot: number): string {
    const length = load(this.#words, base(slot) + NAME)
    if (length <= 0 || length > MOST_NAME_BYTES) return ''
    // A copy: text decoders refuse memory that others write to.
    return new TextDecoder().decode(this.#nameBytes(slot, length).slice())
  }

  #nameBytes(slot: number, length: number): Uint8Array {
    return new Uint8Array(this.#words.buffer, this.#words.byteOffset + (base(slot) + NAME + 1) * WORD_BYTES, length)
  }

  /** Where the slot's doorbell is, in words of segment 0: sequence, then mode. */
  bellOf(slot: number): number {
    return base(slot) + BELL
  }

  /** All slots from 1 up to here have been used at some time. */
  get limit(): number {
    return Math.max(1, load(this.#words, SLOT_LIMIT_WORD))
  }

  #prepare(slot: number): void {
    store(this.#words, base(slot) + PID, 0)
    store(this.#words, base(slot) + PROCESS_SLOT, slot)
    store(this.#words, base(slot) + ARGUMENT, 0)
    store(this.#words, base(slot) + STATUS, 0)
    store(this.#words, base(slot) + LAST_WORD, 0)
    store(this.#words, base(slot) + THREAD, 0)
    store(this.#words, base(slot) + NAME, 0)
    store(this.#words, base(slot) + BELL, 0)
    store(this.#words, base(slot) + BELL + 1, 0)
  }
}

function slotNamedBy(id: OwnerId): number {
  if (id < SLOT_COUNT) throw new RangeError(`Expected the id of a process or thread, got the slot ${id}, whose user may change`)
  return slotOf(id)
}

function slotWord(state: number, generation: number, responsible: OwnerId): number {
  return stateWord(state, ownerIdOf(slotOf(responsible), generation))
}

function isUseOf(word: number, id: OwnerId): boolean {
  return generationOf(valueOf(word)) === generationOf(id)
}

function base(slot: number): number {
  return SLOT_TABLE_WORDS + slot * WORDS_PER_SLOT
}
