import assert from 'node:assert/strict'
import { closeSync, fstatSync } from 'node:fs'
import { totalmem } from 'node:os'
import { test } from 'node:test'
import { Arena } from '../../src/memory/arena.ts'
import { checkArena } from '../../src/memory/check.ts'
import { SEGMENT_BYTES } from '../../src/memory/layout.ts'
import { FileMemory } from '../../src/memory/memory-source.ts'
import { segmentOf } from '../../src/memory/segments.ts'

const MIB = 1024 * 1024

/** What the file takes up at this moment, whatever its length. */
function usedBytes(memory: FileMemory): number {
  return fstatSync(memory.fd).blocks * 512
}

function withFile(work: (arena: Arena, memory: FileMemory) => void): void {
  const memory = FileMemory.create()
  try {
    work(Arena.create(memory, process.pid), memory)
  } finally {
    closeSync(memory.fd)
  }
}

/** The same once the pages are there in which the arena notes ranges. */
function usedWithTables(arena: Arena, memory: FileMemory): number {
  assert.ok(arena.free(arena.allocate(16 * MIB)))
  return usedBytes(memory)
}

/** A block of so many MiB with something in every page. */
function filled(arena: Arena, size: number): number {
  const block = arena.allocate(size * MIB)
  arena.segments.range(segmentOf(block), size / 16).fill(1)
  return block
}

test('a range that is freed and taken again keeps its memory', () => {
  withFile((arena, memory) => {
    const block = filled(arena, 64)
    assert.equal(arena.allocator.large.lastIsBacked, false)
    const used = usedBytes(memory)
    assert.ok(arena.free(block))
    assert.equal(usedBytes(memory), used)
    assert.equal(filled(arena, 64), block)
    assert.equal(arena.allocator.large.lastIsBacked, true)
    assert.equal(usedBytes(memory), used)
    filled(arena, 32)
    assert.equal(arena.allocator.large.lastIsBacked, false)
  })
})

test('what freed ranges keep is given back when somebody says so, and reads as zeros then', t => {
  withFile((arena, memory) => {
    const before = usedWithTables(arena, memory)
    const blocks = [filled(arena, 64), filled(arena, 32), filled(arena, 16)]
    const used = usedBytes(memory)
    assert.ok(used - before >= 112 * MIB)
    let heard = 0
    arena.allocator.large.hearOfKept(() => {
      heard += 1
    })
    for (const block of blocks) assert.ok(arena.free(block))
    assert.equal(heard, 3)
    arena.allocator.large.giveBackKept(arena.me)
    t.diagnostic(`${used / MIB} MiB with the blocks, ${usedBytes(memory) / MIB} MiB when they were given back`)
    assert.ok(usedBytes(memory) <= before)
    assert.deepEqual(checkArena(arena).problems, [])
    assert.ok(arena.segments.range(segmentOf(arena.allocate(64 * MIB)), 4).every(byte => byte === 0))
    assert.equal(arena.allocator.large.lastIsBacked, false)
  })
})

test('of many freed ranges no more than a limit stays in memory', () => {
  withFile((arena, memory) => {
    const before = usedWithTables(arena, memory)
    const limit = memory.mostKept * SEGMENT_BYTES
    assert.ok(limit <= 256 * MIB && limit <= totalmem() / 8)
    const blocks = Array.from({ length: 6 }, () => filled(arena, 64))
    for (const block of blocks) assert.ok(arena.free(block))
    assert.ok(usedBytes(memory) - before <= limit)
    assert.deepEqual(checkArena(arena).problems, [])
  })
})

test('a segment that was part of a range is all zero when it is cut into spans', () => {
  withFile(arena => {
    assert.ok(arena.free(filled(arena, 64)))
    const segments = arena.allocator.large.segmentLimit
    for (let count = 1; count < segments; count += 1) assert.ok(arena.allocator.large.addSegment(arena.me))
    assert.equal(arena.allocator.large.segmentLimit, segments)
    for (let segment = 1; segment < segments; segment += 1) assert.ok(arena.segments.bytes(segment).every(byte => byte === 0))
    assert.deepEqual(checkArena(arena).problems, [])
  })
})

test('bytes go into a block, and come out of it, across its segments', () => {
  withFile(arena => {
    const bytes = Uint8Array.from({ length: 40 * MIB + 3 }, (_, index) => index % 251)
    const range = arena.allocate(bytes.length)
    arena.segments.write(range, bytes)
    assert.ok(
      Buffer.from(arena.segments.range(segmentOf(range), 3))
        .subarray(0, bytes.length)
        .equals(bytes),
    )
    const read = new Uint8Array(bytes.length)
    arena.segments.read(range, read)
    assert.ok(Buffer.from(read).equals(bytes))
    const run = arena.allocate(3 * MIB)
    arena.segments.write(run, bytes.subarray(0, 3 * MIB))
    assert.ok(Buffer.from(arena.view(run, 3 * MIB)).equals(bytes.subarray(0, 3 * MIB)))
  })
})

test('of many freed runs no more than the dirty limit stays in memory', t => {
  withFile((arena, memory) => {
    const size = 2 * MIB
    const runs = Array.from({ length: 64 }, () => arena.allocate(size))
    for (const run of runs) arena.view(run, size).fill(1)
    const filled = usedBytes(memory)
    for (const run of runs) assert.ok(arena.free(run))
    const left = usedBytes(memory)
    t.diagnostic(`${(filled / MIB).toFixed(1)} MiB with 128 MiB in runs, ${(left / MIB).toFixed(1)} MiB after they were freed`)
    assert.ok(filled >= 128 * MIB)
    assert.ok(left <= filled - 96 * MIB)
    assert.equal(checkArena(arena).blocks, 0)
  })
})

test('a run that is freed and taken again all the time stays in memory', () => {
  withFile((arena, memory) => {
    const touch = (): void => {
      const run = arena.allocate(MIB)
      arena.view(run, MIB).fill(1)
      arena.free(run)
    }
    touch()
    const used = usedBytes(memory)
    for (let round = 0; round < 100; round += 1) touch()
    assert.equal(usedBytes(memory), used)
  })
})

test('the dirty limit holds however often runs are freed', t => {
  withFile((arena, memory) => {
    for (let round = 0; round < 20; round += 1) {
      const runs = Array.from({ length: 24 }, () => arena.allocate(4 * MIB))
      for (const run of runs) arena.view(run, 4 * MIB).fill(1)
      for (const run of runs) arena.free(run)
    }
    t.diagnostic(`${(usedBytes(memory) / MIB).toFixed(1)} MiB after 20 rounds of 96 MiB`)
    assert.ok(usedBytes(memory) < 40 * MIB)
  })
})

test('100,000 blocks of 64 bytes take less than 20 MB of memory', t => {
  withFile((arena, memory) => {
    for (let block = 0; block < 100_000; block += 1) arena.view(arena.allocate(64), 64).fill(1)
    t.diagnostic(`100,000 blocks of 64 bytes: ${(usedBytes(memory) / 1e6).toFixed(1)} MB`)
    assert.ok(usedBytes(memory) < 20e6)
  })
})
