// A checker that cannot fail proves nothing: each kind of damage is planted, and must be found.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Arena } from '../../src/memory/arena.ts'
import { checkArena } from '../../src/memory/check.ts'
import {
  BLOCK_WORDS,
  GRANULES_PER_SEGMENT,
  GRANULES_PER_SPAN,
  SEGMENT_TABLE_WORDS,
  SLOT_TABLE_WORDS,
  SPAN_WORDS,
  WORDS_PER_SLOT,
} from '../../src/memory/layout.ts'
import { HeapMemory } from '../../src/memory/memory-source.ts'
import { childOf, reap } from '../helpers/crash.ts'

interface Stage {
  readonly arena: Arena
  readonly words: Int32Array
  readonly cell: number
  readonly run: number
  /** The run's first span. */
  readonly span: number
  readonly entryOf: (reference: number) => number
}

function stage(): Stage {
  const arena = Arena.create(new HeapMemory(), 1)
  const cell = arena.allocate(64)
  const run = arena.allocate(200_000)
  const entryOf = (reference: number): number => BLOCK_WORDS + (reference % GRANULES_PER_SEGMENT) * 2
  return { arena, words: arena.root, cell, run, span: run / GRANULES_PER_SPAN, entryOf }
}

const state = (kind: number, value: number): number => (kind << 29) | value

const damages: readonly (readonly [title: string, plant: (stage: Stage) => void, finding: RegExp])[] = [
  ['a run without an owner', ({ words, run, entryOf }) => (words[entryOf(run)] = 0), /run \d+ has no owner/],
  [
    'a run of somebody who was reaped',
    ({ words, run, entryOf }) => (words[entryOf(run)] = 4096 + 9),
    /belongs to owner 4105 \(slot 9\), which was reaped/,
  ],
  [
    'a cell of somebody who was reaped',
    ({ words, cell, entryOf }) => (words[entryOf(cell)] = 4096 + 9),
    /cell 0 of span \d+ belongs to owner 4105/,
  ],
  ['a cell that is being freed', ({ words, cell, entryOf }) => (words[entryOf(cell)] = 0x20001001), /cell 0 .* which was reaped/],
  ['a hole in a run', ({ words, span }) => (words[SPAN_WORDS + span + 1] = 0), /unit \d+ is free inside the run/],
  ['a run in a run', ({ words, span }) => (words[SPAN_WORDS + span + 1] = state(2, 1)), /unit \d+ is run inside the run/],
  ['a run that is too long', ({ words, span }) => (words[SPAN_WORDS + span] = state(2, 9)), /unit \d+ is free inside the run/],
  [
    'a run that is too short',
    ({ words, span }) => (words[SPAN_WORDS + span] = state(2, 2)),
    /unit \d+ is a body of \d+, which has no such run/,
  ],
  ['a body of nobody', ({ words, span }) => (words[SPAN_WORDS + span + 20] = state(3, 200)), /is a body of 200, which has no such run/],
  [
    'a span that is held',
    ({ words, span }) => (words[SPAN_WORDS + span + 20] = state(1, 4097)),
    /is held by owner 4097 \(slot 1\) while nobody works/,
  ],
  ['a size class that there is not', ({ words, span }) => (words[SPAN_WORDS + span + 20] = state(4, 77)), /has size class 77/],
  ['a segment that is held', ({ words }) => (words[SEGMENT_TABLE_WORDS] = state(1, 4097)), /segment table: unit 0 is held/],
  ['a segment behind the limit', ({ words }) => (words[SEGMENT_TABLE_WORDS + 7] = state(4, 0)), /segment 7 is in use behind the limit/],
  [
    'a slot behind the limit',
    ({ words }) => (words[SLOT_TABLE_WORDS + 50 * WORDS_PER_SLOT] = state(2, 4097)),
    /slot 50 is in use behind the limit/,
  ],
  ['a child that never came', ({ arena }) => arena.slots.claim(arena.me), /slot 2 is in state 1 while nobody works/],
]

for (const [title, plant, finding] of damages) {
  test(`the check finds ${title}`, () => {
    const staged = stage()
    assert.deepEqual(checkArena(staged.arena).problems, [])
    plant(staged)
    const { problems } = checkArena(staged.arena)
    assert.ok(
      problems.some(problem => finding.test(problem)),
      `found only: ${problems.join('; ') || 'nothing'}`,
    )
  })
}

test('the check finds a reaping that never ended', () => {
  const { arena } = stage()
  const child = childOf(arena)
  arena.slots.beginReaping(child.me, arena.me)
  assert.match(checkArena(arena).problems.join(), /slot 2 is in state 3/)
})

test('a word that no step writes is an error of its own', () => {
  const { arena, words, span } = stage()
  words[SPAN_WORDS + span + 20] = state(7, 1)
  assert.throws(() => checkArena(arena), /memory was overwritten/)
})

test('the report counts blocks, their bytes, and who is there', () => {
  const { arena } = stage()
  const child = childOf(arena)
  child.allocate(20_000_000)
  assert.deepEqual(checkArena(arena), { problems: [], segments: 3, blocks: 3, bytes: 64 + 4 * 65536 + 2 * 16777216, slotsInUse: 2 })
  reap(arena, child.me)
  assert.deepEqual(checkArena(arena), { problems: [], segments: 3, blocks: 2, bytes: 64 + 4 * 65536, slotsInUse: 1 })
})
