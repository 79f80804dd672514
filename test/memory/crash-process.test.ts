// The crash points again, with real processes on a real memory file: SIGKILL in the middle of their work.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Arena } from '../../src/memory/arena.ts'
import { checkArena } from '../../src/memory/check.ts'
import { THE_TREE } from '../../src/memory/identity.ts'
import { FileMemory } from '../../src/memory/memory-source.ts'
import { assertSound, childOf, reap } from '../helpers/crash.ts'

const PROGRAM = fileURLToPath(new URL('../fixtures/memory/crash-main.js', import.meta.url))
const SAMPLES = 60
const SIZES = [64, 2000, 32768, 200_000, 20_000_000]

/** Runs the program until its write; returns what it printed and how it ended. */
async function runUntil(write: number): Promise<{ output: string; signal: string | null }> {
  const memory = FileMemory.create()
  try {
    const main = Arena.create(memory, process.pid)
    const victim = childOf(main)
    for (const size of SIZES) victim.allocate(size)
    const blocks = SIZES.map(size => main.allocate(size))
    for (const block of blocks) main.view(block, 64).fill(7)
    const id = main.slots.idOf(main.slots.claim(main.me))
    const result = await run([id, write, main.me, victim.me, ...blocks], memory.fd)
    reap(main, id)
    // The reaper may have died before it began.
    main.reaper.reap(victim.me, main.me)
    assertAllIsWell(main, blocks)
    return result
  } finally {
    closeSync(memory.fd)
  }
}

async function run(parameters: readonly number[], fd: number): Promise<{ output: string; signal: string | null }> {
  const child = spawn(process.execPath, [PROGRAM, ...parameters.map(String)], { stdio: ['ignore', 'pipe', 'inherit', fd] })
  const [output, [exitCode, signal]] = await Promise.all([text(child.stdout as NonNullable<typeof child.stdout>), once(child, 'exit')])
  assert.ok(exitCode === 0 || signal === 'SIGKILL', `the program ended with ${exitCode ?? signal}`)
  return { output, signal }
}

function assertAllIsWell(main: Arena, blocks: readonly number[]): void {
  assertSound(main)
  const kept = blocks.filter(block => main.allocator.entries.ownerOf(block) === main.me)
  for (const block of kept) {
    assert.ok(main.view(block, 64).every(byte => byte === 7))
    assert.ok(main.free(block))
  }
  const { blocks: shared, slotsInUse } = checkArena(main)
  assert.ok(shared <= 3, `${shared} blocks are left`)
  assert.equal(slotsInUse, 1)
  main.reaper.reclaim(THE_TREE, main.me)
  assert.equal(checkArena(main).blocks, 0)
  for (const size of SIZES) assert.ok(main.free(main.allocate(size)))
  assertSound(main)
}

test('a process that is killed at a write leaves nothing behind', { timeout: 120_000 }, async t => {
  const { output, signal } = await runUntil(0)
  assert.equal(signal, null)
  const writes = Number(output)
  assert.ok(writes >= 300, `only ${writes} writes`)
  const points = Array.from({ length: SAMPLES }, (_, index) => 1 + Math.floor((index * writes) / SAMPLES))
  // Two at a time: most of the time goes into starting them.
  const runner = async (): Promise<void> => {
    for (let point = points.pop(); point !== undefined; point = points.pop()) assert.equal((await runUntil(point)).signal, 'SIGKILL')
  }
  await Promise.all([runner(), runner()])
  t.diagnostic(`killed before ${SAMPLES} of ${writes} writes`)
})
