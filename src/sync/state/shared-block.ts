// The block of a shared object (object-layout.ts), and who may use it.
//
// The block belongs to SHARED_OBJECT and not to a process: it outlives whoever made it, and reapers look into it for names of the
// dead (repair.ts). A handle remembers how often the block had been freed when it was made, so that one whose object was closed
// anywhere in the tree says so instead of using what is there now.
import { ClosedError } from '../../base/errors.ts'
import { arena } from '../../memory/arena.ts'
import { type OwnerId, SHARED_OBJECT } from '../../memory/identity.ts'
import { BLOCK_WORDS, GRANULE_BYTES, WORD_BYTES, WORDS_PER_BLOCK_ENTRY } from '../../memory/layout.ts'
import { type Reference, segmentOf, wordOf } from '../../memory/segments.ts'
import { peek, store, type Words } from '../../memory/words.ts'
import { BLOCK_BYTES, BLOCK_LENGTH, KIND, type ObjectWords } from './object-layout.ts'

/** What another process finds the object by. */
export interface SharedHandle {
  readonly reference: Reference
  readonly generation: number
}

export function objectAt(reference: Reference): ObjectWords {
  return { words: arena().segments.words(segmentOf(reference)), base: wordOf(reference) }
}

export class SharedBlock implements ObjectWords {
  readonly reference: Reference
  readonly generation: number
  readonly base: number
  /** After `close`, none: a handle that looks for its generation there finds nothing. */
  #words: Words
  /** Who made it, if that was here. */
  readonly #maker: OwnerId
  /** What it is the block of, for errors. */
  readonly #name: string

  private constructor(reference: Reference, generation: number, maker: OwnerId, name: string) {
    this.#name = name
    this.reference = reference
    this.generation = generation
    this.base = wordOf(reference)
    this.#words = arena().segments.words(segmentOf(reference))
    this.#maker = maker
  }

  /** The block of a new `name`, with everything 0 but its kind. Killed inside: the block is freed with its maker. */
  static create(kind: number, name: string): SharedBlock {
    const here = arena()
    const reference = here.allocate(BLOCK_BYTES)
    const { entries } = here.allocator
    const block = new SharedBlock(reference, entries.generationOf(reference), here.me, name)
    block.words.fill(0, block.base, block.base + BLOCK_LENGTH)
    store(block.words, block.base + KIND, kind)
    entries.changeOwner(reference, here.me, SHARED_OBJECT)
    return block
  }

  /** The block of an object that came from elsewhere. It may be closed already: then every use says so. */
  static find({ reference, generation }: SharedHandle, name: string): SharedBlock {
    return new SharedBlock(reference, generation, NOBODY, name)
  }

  get words(): Words {
    return this.#words
  }

  get handle(): SharedHandle {
    return { reference: this.reference, generation: this.generation }
  }

  /** The same block for one who stays when this handle is closed, and has to leave what it is in. */
  view(): SharedBlock {
    return SharedBlock.find(this, this.#name)
  }

  /** False: closed, by this handle or by the maker; that may have been a moment ago. */
  get isOpen(): boolean {
    // Small blocks only: their entries are in their own segment.
    return peek(this.#words, BLOCK_WORDS + (this.base >> ENTRY_SHIFT) + 1) === this.generation
  }

  /** Whether closing it here frees it. */
  get isMadeHere(): boolean {
    return this.#maker === arena().me
  }

  /** @throws ClosedError */
  check(): void {
    if (this.isOpen) return
    const how = this.#words === NO_WORDS ? 'close() was called here' : 'the thread that made it called close(), which ends it for all'
    throw new ClosedError(`The ${this.#name} is closed: ${how}`)
  }

  /** True: this frees the object for the whole tree, for it was made here. Whatever it returns, the handle is of no more use. */
  close(): boolean {
    // A forked child has its parent's handles, and has made nothing.
    const frees = this.isOpen && this.isMadeHere
    this.#words = NO_WORDS
    if (frees) arena().allocator.free(this.reference, SHARED_OBJECT, arena().me)
    return frees
  }
}

const NOBODY = 0
const NO_WORDS = new Int32Array(0)
/** From words of blocks to words of their entries: 16 for each granule to 2. */
const ENTRY_SHIFT = Math.log2(GRANULE_BYTES / WORD_BYTES / WORDS_PER_BLOCK_ENTRY)
