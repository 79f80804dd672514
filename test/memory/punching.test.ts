import assert from 'node:assert/strict'
import { closeSync, fstatSync } from 'node:fs'
import { test } from 'node:test'
import { Arena } from '../../src/memory/arena.ts'
import { checkArena } from '../../src/memory/check.ts'
import { FileMemory } from '../../src/memory/memory-source.ts'

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

test('a range gives all of its memory back when it is freed', t => {
  withFile((arena, memory) => {
    const block = arena.allocate(64 * MIB)
    const before = usedBytes(memory)
    const segment = Math.floor((block * 64) / (16 * MIB))
    arena.segments.range(segment, 4).fill(1)
    const filled = usedBytes(memory)
    assert.ok(filled - before >= 64 * MIB)
    assert.ok(arena.free(block))
    t.diagnostic(`${filled / MIB} MiB with the block, ${usedBytes(memory) / MIB} MiB after it was freed`)
    assert.ok(usedBytes(memory) <= before)
    assert.ok(arena.segments.range(Math.floor((arena.allocate(64 * MIB) * 64) / (16 * MIB)), 4).every(byte => byte === 0))
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
