// Buffers over shared blocks, as users have them: over exactly the bytes of the array or struct. They are ordinary ArrayBuffers, so
// what is known about one stands in a map beside it. A block has one buffer in a thread for as long as somebody has it, however often
// the block is received: views of one memory are views of one buffer.
//
// When the buffer is collected, nothing is freed: other processes may use the block, which belongs to the tree.
import { lendBlock } from '../memory/lending.ts'
import type { Reference } from '../memory/segments.ts'
import { native } from '../native/load.ts'
import { type BlockLock, closeOwn } from './lock-option.ts'
import { Views } from './scalars.ts'
import type { ValueBlock } from './value-block.ts'

/** No loan: who hears of memory that came back knows no block of this key. */
const NO_KEY = 0

/** A buffer and what it is of. */
export class SharedBuffer {
  readonly block: ValueBlock
  readonly buffer: ArrayBuffer
  readonly lock: BlockLock | null
  /** It lies under structs: whoever closes it closes the Value or StructArray. */
  readonly isOfStructs: boolean
  #views: Views | null = null
  #closed = false

  constructor(block: ValueBlock, { lock, isOfStructs }: BufferFacts) {
    this.block = block
    this.lock = lock
    this.isOfStructs = isOfStructs
    const hasBytes = block.byteLength > 0 && block.isThere
    this.buffer = hasBytes ? lendBlock(block.reference, block.byteLength, NO_KEY) : new ArrayBuffer(0)
  }

  get views(): Views {
    this.#views ??= new Views(this.buffer)
    return this.#views
  }

  /** Closed here, which a buffer of no bytes does not show. */
  get closed(): boolean {
    return this.#closed
  }

  /** False also once the program moved its memory elsewhere, with `transfer()` or to a Worker. */
  get isUsable(): boolean {
    return !this.#closed && this.buffer.byteLength === this.block.byteLength
  }

  /** Takes the memory from all views in this thread, and in the thread that made it frees it for the tree. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    native().detach(this.buffer)
    if (this.block.isMine) closeOwn(this.lock)
    this.block.free()
  }
}

export interface BufferFacts {
  readonly lock: BlockLock | null
  readonly isOfStructs: boolean
}

const byBuffer = new WeakMap<ArrayBufferLike, SharedBuffer>()
const byReference = new Map<Reference, WeakRef<SharedBuffer>>()
const collected = new FinalizationRegistry<Reference>(reference => {
  if (byReference.get(reference)?.deref() === undefined) byReference.delete(reference)
})

/** The buffer of a block: the one that this thread has already, or else a new one. It has no bytes if the block is gone. */
export function bufferOf(block: ValueBlock, facts: BufferFacts): SharedBuffer {
  const known = byReference.get(block.reference)?.deref()
  if (known !== undefined && known.block.generation === block.generation && known.isUsable) return known
  const made = new SharedBuffer(block, facts)
  byBuffer.set(made.buffer, made)
  byReference.set(block.reference, new WeakRef(made))
  collected.register(made, block.reference)
  return made
}

/** What is known about a buffer; null: it is an ordinary one. */
export function sharedBufferOf(buffer: ArrayBufferLike): SharedBuffer | null {
  return byBuffer.get(buffer) ?? null
}
