// The block of a shared value or array. It belongs to the tree from its first moment on and not to the process that made it, which
// may end: it is freed by its maker's `close()`, or goes with the tree.
//
// A block is known by its place and its generation, which changes when it is freed. Whoever looks at the generation before each use
// finds out that the block is gone, and not somebody else's memory in its place. (Between the look and the use the maker may free it:
// as with every memory that is freed while somebody uses it, keeping that apart is the program's affair.)
import { ClosedError } from '../base/errors.ts'
import { arena } from '../memory/arena.ts'
import type { OwnerId } from '../memory/identity.ts'
import { GRANULE_BYTES } from '../memory/layout.ts'
import { granuleOf, type Reference, segmentOf } from '../memory/segments.ts'
import type { Words } from '../memory/words.ts'
import { Views } from './scalars.ts'

/** From so many bytes on, giving pages back is sooner done than writing zeros into them, and sparse arrays stay sparse. */
const WORTH_PUNCHING = 1024 * 1024

/** A block as messages name it. */
export interface BlockName {
  readonly reference: Reference
  readonly generation: number
  readonly byteLength: number
  /** The thread that made it, and may free it. */
  readonly maker: OwnerId
}

export class ValueBlock implements BlockName {
  readonly reference: Reference
  readonly generation: number
  readonly byteLength: number
  readonly maker: OwnerId
  readonly #words: Words
  readonly #index: number

  /** A block that is there, or was. */
  constructor({ reference, generation, byteLength, maker }: BlockName) {
    this.reference = reference
    this.generation = generation
    this.byteLength = byteLength
    this.maker = maker
    const { words, index } = arena().allocator.entries.generationPlace(reference)
    this.#words = words
    this.#index = index
  }

  /** A new block whose bytes are all zero. @throws MultiprocessingError `ERR_OUT_OF_MEMORY`, or the system's error when it has no memory */
  static create(byteLength: number): ValueBlock {
    const here = arena()
    const reference = here.allocate(byteLength)
    try {
      clear(reference, byteLength)
    } catch (error) {
      here.free(reference)
      throw error
    }
    const generation = here.allocator.entries.generationOf(reference)
    here.shareBlock(reference)
    return new ValueBlock({ reference, generation, byteLength, maker: here.me })
  }

  /** False once it was freed. A plain load, which V8 makes one instruction of: what is behind it is behind a lock or a race anyway. */
  get isThere(): boolean {
    return this.#words[this.#index] === this.generation
  }

  get isMine(): boolean {
    return this.maker === arena().me
  }

  /** Frees it for the whole tree, if this thread made it and it is there. */
  free(): void {
    if (this.isMine && this.isThere) arena().freeShared(this.reference)
  }
}

function clear(reference: Reference, byteLength: number): void {
  const { segments } = arena()
  if (byteLength < WORTH_PUNCHING) segments.view(reference, byteLength).fill(0)
  else segments.punch(segmentOf(reference), granuleOf(reference) * GRANULE_BYTES, byteLength)
}

/** What stands in a block's place for an object that was closed here. */
const GONE = new Int32Array(2)
GONE[1] = 1

/**
 * An object's hold on its block: what it looks at before each use. Closing an object ends its own hold only, if another has
 * the same block.
 */
export class BlockHold {
  readonly block: ValueBlock
  readonly views: Views
  #words: Words
  #index: number
  readonly #generation: number

  constructor(block: ValueBlock, views: Views) {
    this.block = block
    this.views = views
    const { words, index } = arena().allocator.entries.generationPlace(block.reference)
    this.#words = words
    this.#index = index
    this.#generation = block.generation
  }

  get isOpen(): boolean {
    return this.#words[this.#index] === this.#generation
  }

  /** @throws ClosedError */
  check(): void {
    if (this.#words[this.#index] !== this.#generation) this.#refuse()
  }

  end(): void {
    this.#words = GONE
    this.#index = this.#generation === 0 ? 1 : 0
  }

  #refuse(): never {
    const here = this.#words === GONE ? '' : ' by the process that made it'
    throw new ClosedError(`This shared value was closed${here}`)
  }
}

const viewsOfSegments: (Views | undefined)[] = []

/** A segment as arrays, one set for all values in it. Never for users: there is more in a segment than their values. */
export function segmentViews(segment: number): Views {
  const views = viewsOfSegments[segment] ?? new Views(arena().segments.bytes(segment).buffer)
  viewsOfSegments[segment] = views
  return views
}
