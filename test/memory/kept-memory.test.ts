import assert from 'node:assert/strict'
import { fstatSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { arena, arenaDescriptor } from '../../src/memory/arena.ts'
import { segmentOf } from '../../src/memory/segments.ts'

const MIB = 1024 * 1024

function usedBytes(): number {
  return fstatSync(arenaDescriptor()).blocks * 512
}

function freeRange(): void {
  const block = arena().allocate(64 * MIB)
  arena().segments.range(segmentOf(block), 4).fill(1)
  assert.ok(arena().free(block))
}

test('memory of freed ranges goes back to the system when nothing was freed for a while, more than once', async () => {
  assert.ok(arena().free(arena().allocate(64 * MIB)))
  const before = usedBytes()
  for (let round = 0; round < 2; round += 1) {
    freeRange()
    freeRange()
    assert.ok(usedBytes() >= before + 64 * MIB)
    while (usedBytes() > before) await setTimeout(20)
  }
})
