// A slot for each thread of each process of the tree. A slot's state and who is responsible for it are one word.
//
//   FREE → STARTING(parent) → ALIVE(parent) → REAPING(who) → FREE, with the next generation
//
// The parent takes a slot before it starts the child, so that it knows the child's name from the beginning; the child makes it
// ALIVE, which fails when the parent was reaped in between: then the child has no place in this tree and must end.
// REAPING names the reaper, so that its own reaper takes the work over. The generation changes as the last step before FREE:
// until then the dead one's id is not used again, and whatever bears it can be found. A slot's number alone names nobody: who is
// to attach or to be reaped is named by its id.
import { MultiprocessingError } from '../base/errors.ts'
import { type OwnerId, nextGeneration, ownerIdOf, slotOf, stateOf, stateWord, valueOf } from './identity.ts'
import { SLOT_COUNT, SLOT_LIMIT_WORD, SLOT_TABLE_WORDS, WORDS_PER_SLOT } from './layout.ts'
import { exchange, load, raise, store, type Words } from './words.ts'

export const SLOT_FREE = 0
export const SLOT_STARTING = 1
export const SLOT_ALIVE = 2
export const SLOT_REAPING = 3

const STATE = 0
const GENERATION = 1
const PID = 2
const PROCESS_SLOT = 3
const ARGUMENT = 4
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
      if (load(this.#words, base(slot)) !== SLOT_FREE) continue
      // Before the slot is taken: a reaper would not find it behind the limit.
      raise(this.#words, SLOT_LIMIT_WORD, slot + 1)
      if (!exchange(this.#words, base(slot), SLOT_FREE, stateWord(SLOT_STARTING, parent))) continue
      this.#prepare(slot)
      this.#from = slot + 1
      return slot
    }
    throw new MultiprocessingError(`This tree has ${SLOT_COUNT - 1} processes and threads, and there is no room for more`, { code: 'ERR_TOO_MANY_PROCESSES' })
  }

  /**
   * In the child: from here on it takes part. False: its parent is gone and the slot with it, which may be another child's by now;
   * so it asks for its slot by the id, and writes nothing before it has it. `processSlot`: the main thread's.
   */
  attach(id: OwnerId, pid: number, processSlot: number): boolean {
    const slot = slotNamedBy(id)
    const state = load(this.#words, base(slot))
    if (stateOf(state) !== SLOT_STARTING || this.idOf(slot) !== id) return false
    if (!exchange(this.#words, base(slot), state, stateWord(SLOT_ALIVE, valueOf(state)))) return false
    store(this.#words, base(slot) + PID, pid)
    store(this.#words, base(slot) + PROCESS_SLOT, processSlot)
    return true
  }

  /** Makes `who` the reaper of one who is over. False: somebody else is, or was: the slot is free or another's. */
  beginReaping(dead: OwnerId, who: OwnerId): boolean {
    const slot = slotNamedBy(dead)
    const state = load(this.#words, base(slot))
    if (stateOf(state) !== SLOT_STARTING && stateOf(state) !== SLOT_ALIVE) return false
    return this.idOf(slot) === dead && exchange(this.#words, base(slot), state, stateWord(SLOT_REAPING, who))
  }

  /**
   * Makes `who` the reaper of a slot that `dead` was starting or reaping. False: there is no such thing to do, or no longer: a child
   * that has attached in between lives on.
   */
  takeOver(slot: number, dead: OwnerId, who: OwnerId): boolean {
    const state = load(this.#words, base(slot))
    if ((stateOf(state) !== SLOT_STARTING && stateOf(state) !== SLOT_REAPING) || valueOf(state) !== dead) return false
    return exchange(this.#words, base(slot), state, stateWord(SLOT_REAPING, who))
  }

  /** Nothing in the arena bears the slot's id any more: it may be used again. */
  endReaping(slot: number): void {
    store(this.#words, base(slot) + PID, 0)
    store(this.#words, base(slot) + GENERATION, nextGeneration(load(this.#words, base(slot) + GENERATION)))
    store(this.#words, base(slot), SLOT_FREE)
  }

  stateAt(slot: number): number {
    return stateOf(load(this.#words, base(slot)))
  }

  /** The parent of a slot that is STARTING or ALIVE, the reaper of one that is REAPING. */
  responsibleFor(slot: number): OwnerId {
    return valueOf(load(this.#words, base(slot)))
  }

  idOf(slot: number): OwnerId {
    return ownerIdOf(slot, load(this.#words, base(slot) + GENERATION))
  }

  /** Whether `owner` still is who it was: a slot that is not free, in the same generation. */
  isCurrent(owner: OwnerId): boolean {
    return this.stateAt(slotOf(owner)) !== SLOT_FREE && this.idOf(slotOf(owner)) === owner
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

  setArgument(slot: number, reference: number): void {
    store(this.#words, base(slot) + ARGUMENT, reference)
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
    if (load(this.#words, base(slot) + GENERATION) === 0) store(this.#words, base(slot) + GENERATION, 1)
    store(this.#words, base(slot) + PID, 0)
    store(this.#words, base(slot) + PROCESS_SLOT, slot)
    store(this.#words, base(slot) + ARGUMENT, 0)
    store(this.#words, base(slot) + BELL, 0)
    store(this.#words, base(slot) + BELL + 1, 0)
  }
}

function slotNamedBy(id: OwnerId): number {
  if (id < SLOT_COUNT) throw new RangeError(`Expected the id of a process or thread, got the slot ${id}, whose user may change`)
  return slotOf(id)
}

function base(slot: number): number {
  return SLOT_TABLE_WORDS + slot * WORDS_PER_SLOT
}
