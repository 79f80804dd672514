// That tests give back what they take of the arena.
import assert from 'node:assert/strict'
import { arena } from '../../src/memory/arena.ts'
import { checkArena } from '../../src/memory/check.ts'

export function ownedBlocks(): number {
  return checkArena(arena()).blocks
}

/** Runs the body, after which there are as many blocks as before. */
export function balanced(body: () => void): void {
  const before = checkArena(arena())
  body()
  const after = checkArena(arena())
  assert.deepEqual([after.problems, after.blocks, after.bytes], [[], before.blocks, before.bytes], 'no block is left')
}

/** The same for a body that takes its time. */
export async function balancedAsync(body: () => Promise<void>): Promise<void> {
  const before = checkArena(arena())
  await body()
  const after = checkArena(arena())
  assert.deepEqual([after.problems, after.blocks], [[], before.blocks], 'no block is left')
}
