import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Arena } from '../../src/memory/arena.ts'
import { checkArena } from '../../src/memory/check.ts'
import { LARGEST_RUN, LARGEST_SMALL_BLOCK, SEGMENT_BYTES, SIZE_CLASSES, SPAN_BYTES } from '../../src/memory/layout.ts'
import { HeapMemory } from '../../src/memory/memory-source.ts'
import { assertSound, childOf } from '../helpers/crash.ts'

const MIB = 1024 * 1024

function newArena(): Arena {
  return Arena.create(new HeapMemory(), 1)
}

test('a block of every size class and one byte more has at least its size', () => {
  const arena = newArena()
  for (const [index, size] of SIZE_CLASSES.entries()) {
    const exact = arena.allocate(size)
    assert.equal(arena.allocator.capacityOf(exact), size)
    assert.ok(arena.allocator.capacityOf(arena.allocate(size + 1)) > size)
    assert.equal(arena.allocator.capacityOf(arena.allocate(1 + (SIZE_CLASSES[index - 1] ?? 0))), size)
  }
  assert.equal(checkArena(arena).blocks, SIZE_CLASSES.length * 3)
  assertSound(arena)
})

test('blocks of all kinds do not overlap', () => {
  const arena = newArena()
  const sizes = [1, 64, 65, 5000, LARGEST_SMALL_BLOCK, LARGEST_SMALL_BLOCK + 1, SPAN_BYTES, 3 * SPAN_BYTES + 1, 4 * MIB]
  const blocks = [...sizes, ...sizes].map((size, index) => ({ size, fill: index + 1, reference: arena.allocate(size) }))
  for (const { reference, size, fill } of blocks) arena.view(reference, size).fill(fill)
  for (const { reference, size, fill } of blocks) assert.ok(arena.view(reference, size).every(byte => byte === fill))
  assertSound(arena)
})

test('a run takes as many spans as it needs, and the largest takes all of a segment', () => {
  const arena = newArena()
  assert.equal(arena.allocator.capacityOf(arena.allocate(SPAN_BYTES)), SPAN_BYTES)
  assert.equal(arena.allocator.capacityOf(arena.allocate(SPAN_BYTES + 1)), 2 * SPAN_BYTES)
  assert.equal(arena.allocator.capacityOf(arena.allocate(LARGEST_RUN)), LARGEST_RUN)
  assert.equal(checkArena(arena).segments, 2)
  assertSound(arena)
})

test('a block larger than a segment’s room is a range of whole segments', () => {
  const arena = newArena()
  const range = arena.allocate(LARGEST_RUN + 1)
  const larger = arena.allocate(2 * SEGMENT_BYTES + 1)
  assert.equal(arena.allocator.capacityOf(range), SEGMENT_BYTES)
  assert.equal(arena.allocator.capacityOf(larger), 3 * SEGMENT_BYTES)
  assert.ok(arena.free(range))
  assert.equal(arena.allocate(SEGMENT_BYTES), range)
  assertSound(arena)
})

test('a freed block is used again, with another generation each time', () => {
  const arena = newArena()
  for (const size of [64, 32768, SPAN_BYTES, 20 * MIB]) {
    const first = arena.allocate(size)
    const generations = new Set<number>()
    for (let use = 0; use < 5; use += 1) {
      generations.add(arena.allocator.entries.generationOf(first))
      assert.ok(arena.free(first))
      assert.equal(arena.allocate(size), first)
    }
    assert.equal(generations.size, 5)
  }
  assertSound(arena)
})

test('freed runs grow together again', () => {
  const arena = newArena()
  const runs = Array.from({ length: 40 }, () => arena.allocate(5 * SPAN_BYTES))
  const segments = checkArena(arena).segments
  for (const run of runs) assert.ok(arena.free(run))
  arena.allocate(150 * SPAN_BYTES)
  assert.equal(checkArena(arena).segments, segments)
})

test('freeing a block that somebody else owns is refused and changes nothing', () => {
  const arena = newArena()
  const other = childOf(arena)
  for (const size of [64, SPAN_BYTES, 20 * MIB]) {
    const block = arena.allocate(size)
    assert.equal(other.free(block), false)
    assert.equal(arena.freeShared(block), false)
    assert.equal(arena.allocator.entries.ownerOf(block), arena.me)
    assert.ok(arena.free(block))
    assert.equal(arena.free(block), false)
  }
  assert.equal(checkArena(arena).blocks, 0)
  assertSound(arena)
})

test('a block that is handed on belongs to its receiver alone', () => {
  const arena = newArena()
  const other = childOf(arena)
  for (const size of [64, SPAN_BYTES, 20 * MIB]) {
    const block = arena.allocate(size)
    assert.ok(other.allocator.entries.changeOwner(block, arena.me, other.me))
    assert.equal(arena.free(block), false)
    assert.ok(other.free(block))
    const shared = arena.allocate(size)
    arena.shareBlock(shared)
    assert.equal(arena.free(shared), false)
    assert.ok(other.takeShared(shared))
    assert.equal(arena.takeShared(shared), false)
    assert.ok(other.free(shared))
  }
  assert.equal(checkArena(arena).blocks, 0)
})

test('the arena grows over many segments and every block in them can be freed', () => {
  const arena = newArena()
  const blocks = Array.from({ length: 60 }, (_, index) => arena.allocate(index % 10 === 0 ? 17 * MIB : 3 * MIB))
  assert.ok(checkArena(arena).segments >= 20)
  assertSound(arena)
  for (const block of blocks) assert.ok(arena.free(block))
  assert.equal(checkArena(arena).blocks, 0)
  assertSound(arena)
})

test('a process finds room in spans that another has cut', () => {
  const arena = newArena()
  const other = childOf(arena)
  for (const block of Array.from({ length: 3000 }, () => arena.allocate(64))) arena.free(block)
  const spansOf = (blocks: number[]): number => new Set(blocks.map(block => Math.floor((block * 64) / SPAN_BYTES))).size
  assert.equal(spansOf(Array.from({ length: 3000 }, () => other.allocate(64))), 3)
  assert.equal(checkArena(arena).blocks, 3000)
  assertSound(arena)
})

test('100,000 blocks of 64 bytes take little time and little room', t => {
  const arena = newArena()
  const started = performance.now()
  const blocks = Array.from({ length: 100_000 }, () => arena.allocate(64))
  const allocated = performance.now()
  const { bytes, segments } = checkArena(arena)
  assert.equal(new Set(blocks).size, 100_000)
  assert.equal(bytes, 6_400_000)
  assert.equal(segments, 1)
  const checked = performance.now()
  for (const block of blocks) arena.free(block)
  const freed = performance.now() - checked
  t.diagnostic(`100,000 blocks: allocated in ${(allocated - started).toFixed(0)} ms, freed in ${freed.toFixed(0)} ms, ${segments} segment`)
  assert.equal(checkArena(arena).blocks, 0)
})
