import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { Pool } from '../../../src/pool/pool.ts'
import * as trials from '../../fixtures/trials/tasks.ts'
import { square } from '../../fixtures/pool/work.ts'
import { collectNow, collectUntil } from '../../helpers/collector.ts'
import { readLines } from '../../helpers/conditions.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { reached, withWords } from '../../helpers/wait-words.ts'

const folder = temporaryFolder()
let files = 0

/** In which order a pool of one does tasks of these priorities, all submitted while it does another. */
async function orderOf(priorities: readonly number[]): Promise<number[]> {
  files += 1
  const file = join(folder, `order-${files}`)
  await using pool = new Pool(1)
  await withWords(async (arrived, gate) => {
    const first = pool.apply(trials.block, [arrived.reference, gate.reference])
    await reached(arrived, 1)
    const rest = priorities.map((priority, index) => pool.apply(trials.note, [file, index], { priority }))
    gate.set(1)
    await Promise.all([first, ...rest])
  })
  return readLines(file).map(Number)
}

function wanted(priorities: readonly number[]): number[] {
  return priorities.map((_, index) => index).sort((a, b) => (priorities[b] as number) - (priorities[a] as number) || a - b)
}

const cases: readonly (readonly number[])[] = [
  [1, 2],
  [1, 2, 3, 2, 1],
  [-1, 0],
  [-1, 0, 0, 1, -1],
  [0, 0, 0, 1],
  [0, -5, 0, -5, 0],
  [5, 0, 0, 5, 7, 0, 7],
  [0.5, 0.25, 1e9, -1e9, 0.5],
  [3, 3, 3, 3],
]

for (const priorities of cases) {
  test(`one worker does tasks of the priorities ${priorities.join(', ')} highest first, equal ones in their order`, async () => {
    assert.deepEqual(await orderOf(priorities), wanted(priorities))
  })
}

test('random priorities, hundreds of them, are done in their order', async () => {
  const priorities = Array.from({ length: 400 }, (_, index) => ((index * 7919) % 13) - 6)
  assert.deepEqual(await orderOf(priorities), wanted(priorities))
})

test('an urgent task comes before five thousand usual ones that wait already, and those keep their order', async () => {
  const priorities = [...Array.from({ length: 5000 }, () => 0), 1, 2, -1, 0, 2]
  assert.deepEqual(await orderOf(priorities), wanted(priorities))
})

test('a task may have a priority of its own each, twenty thousand of them, and that takes no longer than a second or two', async () => {
  await using pool = new Pool(1)
  await pool.apply(square, [1])
  const start = performance.now()
  const results = await Promise.all(
    Array.from({ length: 20_000 }, (_, index) => pool.apply(square, [index], { priority: (index * 7919) % 20_011 })),
  )
  assert.equal(results[19_999], 19_999 ** 2)
  assert.ok(performance.now() - start < 8000, `${performance.now() - start} ms`)
})

test('a hundred thousand tasks of mixed priorities leave nothing in memory', async () => {
  await using pool = new Pool(2)
  const round = async (): Promise<void> => {
    await Promise.all(
      Array.from({ length: 2000 }, (_, index) => pool.apply(square, [index], { priority: index % 5 === 0 ? index % 7 : 0 })),
    )
  }
  for (let times = 0; times < 10; times += 1) await round()
  await collectNow()
  const before = process.memoryUsage().heapUsed
  for (let times = 0; times < 50; times += 1) await round()
  // A tenth of what each task that is not forgotten would take.
  await collectUntil(() => process.memoryUsage().heapUsed - before < 2e6, 'what 100,000 tasks needed is free')
})
