// The code of src/memory as it is, stopped before each access, over an arena so small that every schedule can be run: a segment
// of nine spans of four granules, of which the tables leave four; two sizes of small blocks; six slots.
import { mkdirSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { MemorySource } from '../../../src/memory/memory-source.ts'
import type { Words } from '../../../src/memory/words.ts'
import { runAlone, type Steps } from '../operations.ts'
import { wordNumber } from '../run.ts'
import { type Patch, transform } from '../transform.ts'

/** What models use of the rewritten classes; their sources have the real types. */
export interface TinyArena {
  readonly segments: { words(segment: number): Words }
  readonly allocator: {
    readonly entries: {
      ownerOf(reference: number): Steps<number>
      generationOf(reference: number): Steps<number>
      changeOwner(reference: number, from: number, to: number): Steps<boolean>
    }
    readonly large: { addSegment(owner: number): Steps<boolean>; takeSpans(length: number, owner: number): Steps<unknown> }
    allocate(byteLength: number, owner: number): Steps<number>
    free(reference: number, owner: number, me: number): Steps<boolean>
    capacityOf(reference: number): Steps<number>
  }
  readonly slots: {
    claim(parent: number): Steps<number>
    attach(id: number, pid: number, processSlot: number): Steps<boolean>
    idOf(slot: number): Steps<number>
    stateAt(slot: number): Steps<number>
    responsibleFor(slot: number): Steps<number>
    isCurrent(owner: number): Steps<boolean>
    pidOf(slot: number): Steps<number>
  }
  readonly reaper: { reap(slot: number, me: number): Steps<boolean> }
}

export interface Report {
  readonly problems: readonly string[]
  readonly blocks: number
  readonly bytes: number
  readonly slotsInUse: number
}

interface Loaded {
  readonly layout: typeof import('../../../src/memory/layout.ts')
  readonly newArena: (source: MemorySource) => TinyArena
  readonly check: (arena: TinyArena) => Steps<Report>
}

export interface Variant {
  readonly name: string
  readonly patches: readonly Patch[]
  /** How many segments there may be; one, if nothing is said. */
  readonly segments?: number
}

const MODULES = [
  ...['layout.js', 'identity.js', 'words.js', 'segments.js', 'blocks/run-table.js', 'blocks/block-entries.js', 'blocks/small-blocks.js'],
  ...['blocks/large-blocks.js', 'blocks/allocator.js', 'process-table.js', 'reaper.js', 'check.js'],
]

/** They look and change shared words, and remember nothing. */
const FORGETFUL = [
  ...[
    'raise',
    '#firstTaken',
    'countDirty',
    'takeDirty',
    'heldLength',
    'lengthAt',
    'sizeClassAt',
    'entryAt',
    'hold',
    'commit',
    'commitCells',
    'release',
  ],
  ...['ownerOf', 'generationOf', 'hasSpans', 'segmentLimit', '#sizeClassOf', '#clearOwner'],
  ...['stateAt', 'idOf', 'responsibleFor', 'limit', 'isCurrent', 'takeOver', 'beginReaping', 'endReaping', 'attach'],
]

function geometry(segments: number): Patch[] {
  const constants = [
    ['SEGMENT_BYTES = 16 * 1024 * 1024', 'SEGMENT_BYTES = 9 * 256'],
    ['SPAN_BYTES = 64 * 1024', 'SPAN_BYTES = 256'],
    ['MAX_SEGMENTS = 2 ** 32 / GRANULES_PER_SEGMENT', `MAX_SEGMENTS = ${segments}`],
    ['BLOCK_WORDS = 1024', 'BLOCK_WORDS = 2 * SPANS_PER_SEGMENT'],
    ['SEGMENT_TABLE_WORDS = ROOT_START + 1024', 'SEGMENT_TABLE_WORDS = ROOT_START + 16'],
    ['SLOT_COUNT = 4096', 'SLOT_COUNT = 7'],
    ['WORDS_PER_SLOT = 64', 'WORDS_PER_SLOT = 20'],
    ['LARGEST_SMALL_BLOCK = 32768', 'LARGEST_SMALL_BLOCK = 128'],
    ['export const SIZE_CLASSES = [', 'export const SIZE_CLASSES = [64, 128];\nconst UNUSED_CLASSES = ['],
  ]
  return constants.map(([from, to]) => ({ module: 'layout.js', from: from as string, to: to as string }))
}

async function load(variant: Variant): Promise<Loaded> {
  const segments = variant.segments ?? 1
  const from = fileURLToPath(new URL('../../../each/memory/', import.meta.url))
  const beside = fileURLToPath(new URL('../../../src/memory/', import.meta.url))
  const to = fileURLToPath(new URL(`../../../explore/${variant.name}-${segments}/`, import.meta.url))
  mkdirSync(to, { recursive: true })
  transform({
    from,
    beside,
    to,
    modules: MODULES,
    primitives: ['load', 'store', 'exchange', 'add'],
    forgetful: FORGETFUL,
    patches: [...geometry(segments), ...variant.patches],
  })
  const get = (module: string) => import(pathToFileURL(`${to}${module}`).href)
  const [layout, { Segments }, { BlockEntries }, { Allocator }, { ProcessTable }, { Reaper }, { checkArena }] = await Promise.all(
    ['layout.js', 'segments.js', 'blocks/block-entries.js', 'blocks/allocator.js', 'process-table.js', 'reaper.js', 'check.js'].map(get),
  )
  const newArena = (source: MemorySource): TinyArena => {
    const parts = new Segments(source)
    const allocator = new Allocator(parts, new BlockEntries(parts))
    const slots = new ProcessTable(parts.words(0))
    return { segments: parts, allocator, slots, reaper: new Reaper(parts, allocator, slots) }
  }
  return { layout, newArena, check: checkArena }
}

/** The shared words, set back to one and the same beginning for every run. */
export class TinyWorld {
  readonly buffers: SharedArrayBuffer[]
  readonly #loaded: Loaded
  readonly #beginning: Int32Array[]

  /** `prepare` works alone, once, in an arena in which the main process of slot 1 has just begun. */
  static async create(variant: Variant, prepare?: (arena: TinyArena, main: number) => Steps<void>): Promise<TinyWorld> {
    return new TinyWorld(await load(variant), variant.segments ?? 1, prepare)
  }

  private constructor(loaded: Loaded, segments: number, prepare?: (arena: TinyArena, main: number) => Steps<void>) {
    this.#loaded = loaded
    this.buffers = Array.from({ length: segments }, () => new SharedArrayBuffer(loaded.layout.SEGMENT_BYTES))
    const arena = this.arena()
    const slot = runAlone(arena.slots.claim(THE_TREE))
    const main = runAlone(arena.slots.idOf(slot))
    runAlone(arena.slots.attach(main, 1, slot))
    runAlone(arena.allocator.large.addSegment(main))
    if (prepare !== undefined) runAlone(prepare(arena, main))
    this.#beginning = this.buffers.map(buffer => new Int32Array(buffer).slice())
  }

  reset(): void {
    for (const [index, buffer] of this.buffers.entries()) new Int32Array(buffer).set(this.#beginning[index] as Int32Array)
  }

  /** The arena as another process has it: with a memory of its own for what it has met. */
  arena(): TinyArena {
    const map = (segment: number): SharedArrayBuffer => this.buffers[segment] as SharedArrayBuffer
    // Whoever punches holds the memory: that it is no step of its own hides no schedule.
    const punch = (segment: number, offset: number, length: number): void => void new Uint8Array(map(segment), offset, length).fill(0)
    return this.#loaded.newArena({ mostKept: 2, grow() {}, map, punch })
  }

  /** A word that the arena does not use, for models: the last ones of the header before the segment table. */
  spareWord(number: number): readonly [Words, number] {
    return [new Int32Array(this.buffers[0] as SharedArrayBuffer), this.#loaded.layout.SEGMENT_TABLE_WORDS - 1 - number]
  }

  /** `DIRTY_KIB_WORD` decides no more than whether freed memory stays. */
  get hints(): readonly number[] {
    return [wordNumber(0, this.#loaded.layout.DIRTY_KIB_WORD)]
  }

  pidAt(slot: number): number {
    return runAlone(this.arena().slots.pidOf(slot))
  }

  report(): Report {
    return runAlone(this.#loaded.check(this.arena()))
  }
}

/** The main process is in slot 1; ids are those of the first generation. */
export const THE_TREE = 4096
export const PLAIN: Variant = { name: 'plain', patches: [] }
