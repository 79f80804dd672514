// Messages on their way in. A frame is read in as many pieces as it comes in; what there is of it stays here until the rest comes, whoever
// asks for it then. Never more is read than one frame has: the descriptor may be shared with another process, which gets the next.
//
// Most messages are short and there in one piece: they are read into the scratch memory of this thread and are valid until the next is.
import { native } from '../../native/load.ts'
import { badLength, brokenMessage, endOfFile } from './stream-errors.ts'

/** What an attempt to send or receive came to. */
export type Outcome = typeof DONE | typeof WOULD_WAIT | typeof INTERRUPTED
export const DONE = 0
export const WOULD_WAIT = -1
export const INTERRUPTED = -2

const TOO_LONG = 1

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
const WITH_BESIDE = 2

const SCRATCH_BYTES = 64 * 1024
let scratch = new Uint8Array(SCRATCH_BYTES)
/** What is in it is being read, and the reader may run a program's code, which may receive something. */
let isScratchLent = false

/** Not zeroed: it is written before it is read. */
function memoryOf(length: number): Uint8Array {
  return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer)
}

/** Who reads it has it; the next message goes elsewhere. */
function leaveScratch(): void {
  scratch = new Uint8Array(SCRATCH_BYTES)
  isScratchLent = false
}

/** What came beside a message: descriptors of this thread, the receiver's to close, and what its header says. */
export interface Beside {
  readonly fds: readonly number[]
  readonly words: readonly [number, number, number]
}

export class IncomingFrame {
  readonly #state = new Float64Array(STATE_NUMBERS)
  /** Of a frame that is long, or did not come in one piece. */
  #own: Uint8Array | null = null
  #isBeingTaken = false

  /** Whether a part of a frame is here. */
  get isBegun(): boolean {
    return (this.#state[HEADER_PRESENT] as number) > 0
  }

  /**
   * Goes on reading the frame. DONE: it is whole, and here until the next call. `limit`: the longest that is read at all. `timeout`: how many
   * ms it may wait. `most`: a longer one does not go through the scratch memory.
   * @throws EndOfFileError, or another MultiprocessingError: then nothing more can be received, or `ERR_BAD_LENGTH`
   */
  receive(fd: number, limit: number, timeout: number, most = SCRATCH_BYTES): Outcome {
    if (isScratchLent) leaveScratch()
    for (;;) {
      const bytes = this.#own ?? scratch
      const room = this.#own === null ? Math.min(limit, most) : Math.min(limit, this.#own.length)
      const result = this.#call(fd, bytes, room, timeout)
      if (result === DONE) return DONE
      if (result === TOO_LONG) this.#makeRoom(limit)
      else {
        this.#keep()
        return result
      }
    }
  }

  /** What `take` makes of it; then the next frame begins. Whoever receives meanwhile needs another `IncomingFrame`. */
  take<T>(take: (incoming: IncomingFrame) => T): T {
    this.#isBeingTaken = true
    isScratchLent = true
    try {
      return take(this)
    } finally {
      isScratchLent = false
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
    return this.#own ?? scratch
  }

  /** The message's bytes, which stay. */
  takeBytes(): Uint8Array {
    return this.#own ?? scratch.slice(0, this.length)
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
    this.#own = null
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

  #call(fd: number, bytes: Uint8Array, room: number, timeout: number): Outcome | typeof TOO_LONG {
    const wasBegun = this.isBegun
    let result: number
    try {
      result = native().streamReceive(fd, this.#state, bytes, room, timeout)
    } catch (error) {
      // A peer that went without reading what we had sent it: told once, and afterwards as an end of file.
      const isGone = (error as NodeJS.ErrnoException).code === 'ECONNRESET'
      throw isGone && !wasBegun ? endOfFile(error) : brokenMessage(error)
    }
    if (result !== -3) return result as Outcome | typeof TOO_LONG
    if (this.isBegun) throw brokenMessage()
    throw endOfFile()
  }

  #makeRoom(limit: number): void {
    if (this.#state[KIND] === 0 || this.length > limit) throw badLength(this.#state[KIND] === 0 ? undefined : this.length)
    try {
      // Only address space, until the bytes come: a length alone costs nothing.
      this.#own = memoryOf(this.length)
    } catch (error) {
      throw badLength(this.length, error)
    }
  }

  /** The scratch memory is the next message's. */
  #keep(): void {
    const state = this.#state
    if ((state[BESIDE] as number) > 0) this.#ownDescriptors()
    if (this.#own !== null || !this.isBegun || state[KIND] === UNKNOWN) return
    this.#own = memoryOf(this.length)
    this.#own.set(scratch.subarray(0, state[PRESENT]))
  }
}
