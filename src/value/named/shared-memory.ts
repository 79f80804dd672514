import { ClosedError } from '../../base/errors.ts'
import { checkBoolean, checkInteger, readOptions } from '../../base/validate.ts'
import { native } from '../../native/load.ts'
import { inspect } from '../../sync/parts/inspection.ts'
import type { Closable } from '../../sync/parts/shared-object.ts'
import { checkName } from './names.ts'
import { createSegment, openSegment, type Segment, unlinkSegment } from './segments.ts'

export interface SharedMemoryOptions {
  /** In bytes; it has exactly so many. */
  size: number
  /** With or without the leading slash; without a name it gets one, `psm_` and eight digits. */
  name?: string
  /** Whether it is unlinked when the tree of processes ends, however it ends. Default: true. */
  track?: boolean
}

export interface AttachOptions {
  /** As for `create`. Default: false, it is somebody else's. */
  track?: boolean
}

/** What another process attaches to. */
export interface SegmentLink {
  readonly name: string
  readonly identity: string
}

/** For messages inside the tree: what leads another process to this very memory. @throws ClosedError */
export let linkTo: (memory: SharedMemory) => SegmentLink
/** Attaches where a link leads. @throws MultiprocessingError `ENOENT` when the memory was unlinked, even if its name is another's by now */
export let followLink: (link: SegmentLink) => SharedMemory

/** Only this module makes instances. */
const OURS = Symbol('SharedMemory')

/**
 * Memory with a name, which any process of this user can attach to: another program of polyprocess or Python's
 * `multiprocessing.shared_memory`, in both directions. It can be sent to any process of the tree, and is attached to there.
 *
 * `close()` ends this process's use of it, and `unlink()` frees the name, once for all; the memory goes when both is done everywhere. What
 * nobody has unlinked is unlinked at the tree's end, with a warning that names it: when the main process and all others of the tree have
 * ended, also when they were killed. A child that made it may end before.
 *
 * Python's resource tracker unlinks at the end of a Python process whatever that process attached to, also if it is ours, unless it attaches
 * with `track=False` (Python 3.13 and later).
 *
 * Ordering: none but that of the operations on it. `Atomics` work on its arrays, across processes, too; locks say who may write.
 * @example const memory = SharedMemory.create({ size: 64 }); memory.bytes[0] = 1
 */
export class SharedMemory implements Closable {
  readonly #name: string
  readonly #identity: string
  readonly #size: number
  #bytes: Uint8Array | null

  /** `SharedMemory.create` and `SharedMemory.attach` make instances. */
  private constructor(ours: symbol, { name, identity, buffer }: Segment) {
    if (ours !== OURS) throw new TypeError('A SharedMemory is made by SharedMemory.create() or SharedMemory.attach()')
    this.#name = name
    this.#identity = identity
    this.#size = buffer.byteLength
    this.#bytes = new Uint8Array(buffer)
  }

  /**
   * New memory, all zero.
   * Waiting: some milliseconds for the first that is tracked in a tree.
   * Crash safety: at every moment the tree's end unlinks it.
   * @throws RangeError for a size below 1 or beyond the longest buffer, or a name that is none; MultiprocessingError `EEXIST` when the name is taken,
   * `ENOSPC` when /dev/shm has no room for it
   */
  static create(options: SharedMemoryOptions): SharedMemory {
    const { size, name, track = true } = readOptions<SharedMemoryOptions>(options, ['size', 'name', 'track'])
    checkInteger(size, 'size', 1)
    const plain = name === undefined ? undefined : checkName(name)
    return new SharedMemory(OURS, createSegment(size, plain, checkBoolean(track, 'track')))
  }

  /**
   * The memory that has this name.
   * @throws RangeError for a name that is none; MultiprocessingError `ENOENT` when there is no such memory, `ERR_NOT_READY` when it has no bytes yet
   */
  static attach(name: string, options?: AttachOptions): SharedMemory {
    const { track = false } = readOptions<AttachOptions>(options, ['track'])
    return new SharedMemory(OURS, openSegment(checkName(name), checkBoolean(track, 'track')))
  }

  /** Without a slash. */
  get name(): string {
    return this.#name
  }

  /** In bytes. */
  get size(): number {
    return this.#size
  }

  /** Exactly the memory's bytes. Must not be used after `close()`. @throws ClosedError */
  get buffer(): ArrayBufferLike {
    return this.bytes.buffer
  }

  /** All of it; the same array each time. Must not be used after `close()`. @throws ClosedError */
  get bytes(): Uint8Array {
    if (this.#bytes === null) throw new ClosedError(`The shared memory ${this.#name} is closed in this process`)
    return this.#bytes
  }

  get closed(): boolean {
    return this.#bytes === null
  }

  /**
   * Ends the use of it through this object; other processes keep theirs, and the name stays until `unlink()`. Arrays over it have length 0 from
   * then on. What was moved away by `buffer.transfer()` (Node 22) stays usable. May be called twice.
   */
  close(): void {
    const bytes = this.#bytes
    if (bytes === null) return
    this.#bytes = null
    if (bytes.byteLength > 0) native().detach(bytes.buffer as ArrayBuffer)
  }

  [Symbol.dispose](): void {
    this.close()
  }

  /**
   * Frees the name, also after `close()`; the memory goes when the last process has closed it.
   * @throws MultiprocessingError `ENOENT` when that was done before, also when the name is another memory's by now, which is left alone
   */
  unlink(): void {
    unlinkSegment(this.#name, this.#identity)
  }

  [inspect](): string {
    return `SharedMemory { '${this.#name}', ${this.#size} bytes${this.closed ? ', closed' : ''} }`
  }

  static {
    linkTo = memory => {
      if (memory.closed) throw new ClosedError(`The shared memory ${memory.#name} is closed in this process and cannot be sent`)
      return { name: memory.#name, identity: memory.#identity }
    }
    followLink = ({ name, identity }) => new SharedMemory(OURS, openSegment(checkName(name), false, identity))
  }
}
