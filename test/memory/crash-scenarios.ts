// What an actor is doing when it dies. Each scenario begins in an arena of the main process, a survivor and the actor.
import { Arena } from '../../src/memory/arena.ts'
import { LARGEST_RUN, SEGMENT_BYTES, SPAN_BYTES } from '../../src/memory/layout.ts'
import { HeapMemory } from '../../src/memory/memory-source.ts'
import type { Reference } from '../../src/memory/segments.ts'
import { childOf } from '../helpers/crash.ts'

const MIB = 1024 * 1024

export interface Cast {
  readonly main: Arena
  readonly survivor: Arena
  readonly actor: Arena
  /** Blocks that the scenario has prepared. */
  readonly blocks: Reference[]
}

export interface Scenario {
  readonly title: string
  /** It must really have so many crash points. */
  readonly least: number
  readonly prepare?: (cast: Cast) => void
  readonly act: (cast: Cast) => void
  /** What the main process does once it has reaped the actor. */
  readonly finish?: (cast: Cast) => void
  /** How many blocks may have an owner once the actor was reaped; none, if nothing is said. */
  readonly left?: (blocks: number, cast: Cast) => boolean
}

export function newCast(scenario: Scenario): Cast {
  const main = Arena.create(new HeapMemory(), 1)
  const cast = { main, survivor: childOf(main), actor: childOf(main), blocks: [] }
  scenario.prepare?.(cast)
  return cast
}

function allocating(title: string, size: number, least: number, prepare?: Scenario['prepare']): Scenario {
  const scenario = { title: `allocates ${title}`, least, act: ({ actor }: Cast) => void actor.allocate(size) }
  return prepare === undefined ? scenario : { ...scenario, prepare, left: (blocks, cast) => blocks === cast.blocks.length }
}

function freeing(title: string, size: number, least: number): Scenario {
  return {
    title: `frees ${title}`,
    least,
    prepare: ({ actor, blocks }) => void blocks.push(actor.allocate(size)),
    act: ({ actor, blocks }) => void actor.free(blocks[0] as Reference),
  }
}

/** The main process leaves no room in the first segment. */
function fillSegment({ main, blocks }: Cast): void {
  for (const length of [128, 64, 16, 8, 4, 2, 1]) {
    const segments = main.allocator.large.segmentLimit
    const taken = main.allocator.large.takeSpans(length, main.me)
    if (taken === null || main.allocator.large.segmentLimit !== segments) continue
    main.allocator.large.spanTable(taken.segment).release(taken.head, { dirty: false })
    blocks.push(main.allocate(length * SPAN_BYTES))
  }
}

/** The same, and the next segment was a range, which was freed with all that is in it. */
function fillSegmentBesideRange(cast: Cast): void {
  fillSegment(cast)
  const { main } = cast
  const range = main.allocate(15 * MIB)
  main.view(range, 15 * MIB).fill(0xa5)
  main.free(range)
}

/** As much as is kept of freed ranges. */
function keepRanges({ main }: Cast): void {
  main.free(main.allocate(main.source.mostKept * SEGMENT_BYTES))
}

function blocksOfAllKinds(owner: Arena): Reference[] {
  return [64, 64, 32768, 100_000, 3 * MIB, 20 * MIB].map(size => owner.allocate(size))
}

const allocations: Scenario[] = [
  allocating('a small block in a new span', 64, 4),
  allocating('a small block in a span with room', 64, 2, ({ main, blocks }) => void blocks.push(main.allocate(64))),
  allocating('a run', 5 * SPAN_BYTES, 7),
  allocating('the largest run, in a new segment', LARGEST_RUN, 220),
  allocating('a small block in a new segment', 64, 7, fillSegment),
  allocating('a small block in a new segment that was a range', 64, 7, fillSegmentBesideRange),
  allocating('a range', 40 * MIB, 6),
  allocating('a range where others were', 40 * MIB, 5, keepRanges),
  {
    title: 'gives back what is kept of freed ranges',
    least: 32,
    prepare: keepRanges,
    act: ({ actor }) => actor.allocator.large.giveBackKept(actor.me),
  },
]

const frees: Scenario[] = [
  freeing('a small block', 64, 3),
  freeing('a run', 5 * SPAN_BYTES, 9),
  freeing('a range', 40 * MIB, 7),
  {
    ...freeing('a range that is punched, since enough is kept', 40 * MIB, 7),
    prepare: cast => {
      cast.blocks.push(cast.actor.allocate(40 * MIB))
      keepRanges(cast)
    },
  },
  {
    ...freeing('a run that is punched, since enough is dirty', 5 * SPAN_BYTES, 8),
    prepare: ({ main, actor, blocks }) => {
      blocks.push(actor.allocate(5 * SPAN_BYTES))
      for (const run of Array.from({ length: 4 }, () => main.allocate(12 * MIB))) main.free(run)
    },
  },
]

const handovers: Scenario[] = [
  {
    title: 'takes blocks over from another process and frees them',
    least: 20,
    prepare: ({ survivor, blocks }) => void blocks.push(...blocksOfAllKinds(survivor)),
    act: ({ survivor, actor, blocks }) => {
      for (const block of blocks) {
        actor.allocator.entries.changeOwner(block, survivor.me, actor.me)
        actor.free(block)
      }
    },
    // Whatever the survivor still has is intact; it has them all if the actor died at once.
    left: (blocks, { survivor, blocks: all }) =>
      blocks === all.filter(block => survivor.allocator.entries.ownerOf(block) === survivor.me).length,
  },
  {
    title: 'leaves blocks to the tree',
    least: 14,
    act: ({ actor }) => {
      for (const size of [64, 100_000, 20 * MIB]) actor.shareBlock(actor.allocate(size))
    },
    left: blocks => blocks <= 3,
  },
]

const slots: Scenario[] = [
  {
    title: 'starts children, one of which attaches',
    least: 21,
    act: ({ actor }) => {
      actor.slots.claim(actor.me)
      childOf(actor)
      actor.slots.claim(actor.me)
    },
  },
  {
    title: 'reaps somebody who had blocks of all kinds and children that had not attached',
    least: 60,
    prepare: ({ survivor }) => {
      blocksOfAllKinds(survivor)
      survivor.slots.claim(survivor.me)
      survivor.slots.claim(survivor.me)
      survivor.shareBlock(survivor.allocate(64))
    },
    act: ({ actor, survivor }) => void actor.reaper.reap(survivor.me, actor.me),
    // The reaper may have died before it began: then nobody has taken its work over.
    finish: ({ main, survivor }) => void main.reaper.reap(survivor.me, main.me),
    left: blocks => blocks === 1,
  },
]

export const SCENARIOS: readonly Scenario[] = [...allocations, ...frees, ...handovers, ...slots]
