// What an arena stands on. The allocator and everything above it see segments and never ask where they come from, so that the
// same layout works on a memory file shared by processes and on SharedArrayBuffers shared by threads (and by tests).
import { totalmem } from 'node:os'
import { native } from '../native/load.ts'
import { SEGMENT_BYTES } from './layout.ts'

/** As much as one thread lends in a turn, so that a stream of large arrays finds the same pages again. */
const KEPT_BYTES = 256 * 1024 * 1024
/** What nobody uses is no more than this part of what this system, or its container, has: nobody can reclaim it from us. */
const KEPT_PART = 8

export interface MemorySource {
  /** So many segments of freed ranges stay backed by memory, in the whole tree. */
  readonly mostKept: number
  /** Makes segments up to `count` exist, zeroed. Called by several processes at once; never shrinks. */
  grow(count: number): void
  /** `count` segments from `segment` on as one buffer. */
  map(segment: number, count: number): ArrayBufferLike
  /** Gives the memory behind these bytes back to the system; they read as zero afterwards. */
  punch(segment: number, offset: number, length: number): void
}

/** An anonymous memory file: it has no name to leak, and the kernel frees it when the last process of the tree ends. */
export class FileMemory implements MemorySource {
  readonly fd: number
  #mostKept = -1

  constructor(fd: number) {
    this.fd = fd
  }

  static create(): FileMemory {
    return new FileMemory(native().memoryCreate('polyprocess'))
  }

  get mostKept(): number {
    if (this.#mostKept === -1) this.#mostKept = Math.floor(mostKeptBytes() / SEGMENT_BYTES)
    return this.#mostKept
  }

  grow(count: number): void {
    native().memoryGrow(this.fd, count * SEGMENT_BYTES)
  }

  map(segment: number, count: number): ArrayBufferLike {
    return native().memoryMap(this.fd, segment * SEGMENT_BYTES, count * SEGMENT_BYTES)
  }

  punch(segment: number, offset: number, length: number): void {
    native().memoryPunch(this.fd, segment * SEGMENT_BYTES + offset, length)
  }
}

/** Memory of this process alone, or of its threads: no addon needed. */
export class HeapMemory implements MemorySource {
  readonly mostKept = KEPT_BYTES / SEGMENT_BYTES
  readonly #segments = new Map<number, SharedArrayBuffer>()

  grow(): void {}

  map(segment: number, count: number): ArrayBufferLike {
    let buffer = this.#segments.get(segment)
    if (buffer === undefined || buffer.byteLength !== count * SEGMENT_BYTES) {
      buffer = new SharedArrayBuffer(count * SEGMENT_BYTES)
      this.#segments.set(segment, buffer)
    }
    return buffer
  }

  punch(segment: number, offset: number, length: number): void {
    const buffer = this.#segments.get(segment)
    if (buffer !== undefined && offset + length <= buffer.byteLength) new Uint8Array(buffer, offset, length).fill(0)
  }
}

function mostKeptBytes(): number {
  // 0: it is not known. Without a limit it is a number beyond everything.
  const limit = process.constrainedMemory?.() ?? 0
  const present = limit > 0 ? Math.min(limit, totalmem()) : totalmem()
  return Math.min(KEPT_BYTES, present / KEPT_PART)
}
