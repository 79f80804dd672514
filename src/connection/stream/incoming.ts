// Messages on their way in. A frame is read in as many pieces as it comes in; what there is of it stays here until the rest comes, whoever
// asks for it then. Never more is read than one frame has: the descriptor may be shared with another process, which gets the next.
//
// Most messages are short and there in one piece: one call reads them into memory that all share (memory.ts).
import { native } from '../../native/load.ts'
import { lendScratch, memoryOf, placeInSlab, returnScratch, ROOM_IN_SLAB, scratchMemory, slabMemory, takeFromSlab } from './memory.ts'
import { badLength, brokenMessage, endOfFile } from './stream-errors.ts'

/** What an attempt to send or receive came to. */
export type Outcome = typeof DONE | typeof WOULD_WAIT | typeof INTERRUPTED
export const DONE = 0
export const WOULD_WAIT = -1
export const INTERRUPTED = -2

const TOO_LONG = 1
const ENDED = -3
/** Of `streamReceiveNext`: it is whole, but there is more to it than its bytes. */
const NEXT_IN_STATE = -4
const NEXT_TOO_LONG = -5

// In the state, see `streamReceive`.
const HEADER_PRESENT = 0
const KIND = 1
const LENGTH = 2
const PRESENT = 3
const WORDS = 4
const BESIDE = 10
const DESCRIPTORS = 11
const STATE_NUMBERS = 43

const UNKNOWN = -1
const PLAIN = 1
const WITH_BESIDE = 2

/** Where a frame is. */
const OWN = 0
const SCRATCH = 1
const SLAB = 2

/** What came beside a message: descriptors of this thread, the receiver's to close, and what its header says. */
export interface Beside {
  readonly fds: readonly number[]
  readonly words: readonly [number, number, number]
}

const NOTHING = new Uint8Array(0)

export class IncomingFrame {
  readonly #state = new Float64Array(STATE_NUMBERS)
  /** The message's bytes are there from `#start` on. */
  #memory: Uint8Array = NOTHING
  #start = 0
  #place: typeof OWN | typeof SCRATCH | typeof SLAB = OWN
  #isBeingTaken = false

  /** Whether a part of a frame is here. */
  get isBegun(): boolean {
    return (this.#state[HEADER_PRESENT] as number) > 0
  }

  /**
   * Goes on reading the frame. DONE: it is whole, and here until the next call. `limit`: the longest that is read at all. `timeout`: how many
   * ms it may wait. `stays`: its bytes are taken as they are.
   * @throws EndOfFileError, or another MultiprocessingError: then nothing more can be received, or `ERR_BAD_LENGTH`
   */
  receive(fd: number, limit: number, timeout: number, stays = false): Outcome {
    let result = this.isBegun ? this.#goOn(fd, limit, timeout) : this.#begin(fd, limit, timeout, stays)
    while (result === TOO_LONG) {
      this.#makeRoom(limit)
      result = this.#goOn(fd, limit, timeout)
    }
    if (result !== DONE) this.#keep()
    return result
  }

  /** What `take` makes of it; then the next frame begins. Whoever receives meanwhile needs another `IncomingFrame`. */
  take<T>(take: (incoming: IncomingFrame) => T): T {
    this.#isBeingTaken = true
    if (this.#place === SCRATCH) lendScratch()
    try {
      return take(this)
    } finally {
      returnScratch()
      this.#isBeingTaken = false
      this.next()
    }
  }

  /** Whether it is whole, and somebody reads it. */
  get isBeingTaken(): boolean {
    return this.#isBeingTaken
  }

  get length(): number {
    return this.#state[LENGTH] as number
  }

  /** The message's bytes are the first of these. */
  get bytes(): Uint8Array {
    return this.#start === 0 ? this.#memory : this.#memory.subarray(this.#start)
  }

  /** The message's bytes, which stay. */
  takeBytes(): Uint8Array {
    if (this.#place === SLAB) return takeFromSlab(this.length)
    return this.#place === OWN ? this.#memory : this.#memory.slice(0, this.length)
  }

  get hasBeside(): boolean {
    return this.#state[KIND] === WITH_BESIDE
  }

  /** Null: nothing was sent beside it. The descriptors are the caller's now; those for which this process had no room are missing. */
  takeBeside(): Beside | null {
    const state = this.#state
    if (!this.hasBeside) return null
    return { fds: this.#takeDescriptors(), words: [state[WORDS] as number, state[WORDS + 1] as number, state[WORDS + 2] as number] }
  }

  /** The next frame begins. Descriptors that came with this one and were not taken are closed. */
  next(): void {
    const state = this.#state
    if ((state[BESIDE] as number) > 0) for (const fd of this.#takeDescriptors()) native().closeOwned(fd)
    state[HEADER_PRESENT] = 0
    state[PRESENT] = 0
    this.#own(NOTHING)
  }

  #takeDescriptors(): number[] {
    const state = this.#state
    const fds = this.#ownDescriptors()
    state[BESIDE] = 0
    return fds
  }

  /** A Worker may end before the rest comes. */
  #ownDescriptors(): number[] {
    const state = this.#state
    const fds = [...state.subarray(DESCRIPTORS, DESCRIPTORS + (state[BESIDE] as number))]
    for (const fd of fds) native().ownDescriptor(fd)
    return fds
  }

  #begin(fd: number, limit: number, timeout: number, stays: boolean): Outcome | typeof TOO_LONG {
    this.#start = stays ? placeInSlab() : 0
    this.#memory = stays ? slabMemory() : scratchMemory()
    this.#place = stays ? SLAB : SCRATCH
    const room = Math.min(limit, stays ? ROOM_IN_SLAB : this.#memory.length)
    const state = this.#state
    let result: number
    try {
      result = native().streamReceiveNext(fd, state, this.#memory, this.#start, room, timeout)
    } catch (error) {
      // A peer that went without reading what we had sent it: told once, and afterwards as an end of file.
      throw (error as NodeJS.ErrnoException).code === 'ECONNRESET' ? endOfFile(error) : brokenMessage(error)
    }
    if (result === NEXT_IN_STATE) return DONE
    if (result === NEXT_TOO_LONG) return TOO_LONG
    if (result < 0) return this.#unlessEnded(result)
    state[KIND] = PLAIN
    state[LENGTH] = result
    return DONE
  }

  #goOn(fd: number, limit: number, timeout: number): Outcome | typeof TOO_LONG {
    const memory = this.#memory
    let result: number
    try {
      result = native().streamReceive(fd, this.#state, memory, Math.min(limit, memory.length), timeout)
    } catch (error) {
      throw brokenMessage(error)
    }
    return this.#unlessEnded(result)
  }

  #unlessEnded(result: number): Outcome | typeof TOO_LONG {
    if (result !== ENDED) return result as Outcome | typeof TOO_LONG
    throw this.isBegun ? brokenMessage() : endOfFile()
  }

  #makeRoom(limit: number): void {
    if (this.#state[KIND] === 0 || this.length > limit) throw badLength(this.#state[KIND] === 0 ? undefined : this.length)
    try {
      // Only address space, until the bytes come: a length alone costs nothing.
      this.#own(memoryOf(this.length))
    } catch (error) {
      throw badLength(this.length, error)
    }
  }

  /** The shared memory is the next message's. */
  #keep(): void {
    const state = this.#state
    if ((state[BESIDE] as number) > 0) this.#ownDescriptors()
    if (this.#place === OWN || !this.isBegun) return
    if (state[KIND] === UNKNOWN) return this.#own(NOTHING)
    const own = memoryOf(this.length)
    own.set(this.bytes.subarray(0, state[PRESENT]))
    this.#own(own)
  }

  #own(memory: Uint8Array): void {
    this.#memory = memory
    this.#start = 0
    this.#place = OWN
  }
}
