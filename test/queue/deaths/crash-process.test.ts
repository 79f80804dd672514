// The crash points again, with real processes that are killed before one of their writes while another one waits for the same queue.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { getContext, Queue } from '../../../src/index.ts'
import { arena } from '../../../src/memory/arena.ts'
import { dieBefore } from '../../fixtures/queue/dying.ts'
import { assertSound } from '../../helpers/crash.ts'
import { ownedBlocks } from '../../value/balance.ts'

for (const queue of Array.from({ length: 5 }, () => new Queue())) queue.close()

const SOON = { timeout: 10_000 }

interface Play {
  readonly maxSize?: number
  /** What is in it before. */
  readonly before: readonly unknown[]
  /** How many of those it may take with it. */
  readonly takes: number
  /** What this process does each ms while that one works. */
  help?(queue: Queue): void
}

const LARGE = [
  ['other', 0, 'x'.repeat(7000)],
  ['other', 1, new Uint8Array(70_000)],
  ['other', 2],
  ['other', 3],
  ['other', 4],
  ['other', 5],
]

let helps = 0
const waitsForItem: Play = {
  before: [],
  takes: 1,
  help: queue => void (/waiting for items/.test(inspect(queue)) && queue.tryPut(['other', helps++])),
}
const waitsForRoom: Play = {
  maxSize: 1,
  before: [['other', 0]],
  takes: 1,
  help: queue => void (/waiting for room/.test(inspect(queue)) && queue.tryGet()),
}

const PLAYS: Record<string, Play> = {
  'puts in all forms': { before: [['other', 0]], takes: 0 },
  'puts large items': { before: [['other', 0]], takes: 0 },
  'gets in all forms': { before: LARGE, takes: 5 },
  'waits for an item, blocked': waitsForItem,
  'waits for an item, as a promise': waitsForItem,
  'waits for room, blocked': waitsForRoom,
  'waits for room, as a promise': waitsForRoom,
}

/** False: it had fewer writes, and has ended by itself. */
async function playOnce(work: string, { maxSize = 0, before, takes, help }: Play, write: number): Promise<boolean> {
  const queue = new Queue({ maxSize })
  queue.putManySync(before)
  const child = await new (getContext('fork').Process)({ target: dieBefore, args: [write, work, queue] }).start()
  for (let running = true; running; ) {
    help?.(queue)
    running = !(await child.join({ timeout: 1 }))
  }
  const died = child.exitCode === -9
  assert.ok(died || child.exitCode === 0, `the process ended with ${child.exitCode}`)
  try {
    await assertGoesOn(queue, before, takes)
    assertSound(arena())
  } catch (error) {
    throw new Error(`before write ${write}: ${(error as Error).message}`, { cause: error })
  }
  queue.close()
  return died
}

async function assertGoesOn(queue: Queue, before: readonly unknown[], takes: number): Promise<void> {
  const rest = queue.tryGetMany(100) as [string, number][]
  for (const item of ['later', 'x'.repeat(5000)]) {
    await queue.put(item, SOON)
    assert.equal(await queue.get(SOON), item)
  }
  for (const name of ['other', 'mine']) {
    const numbers = rest.filter(([from]) => from === name).map(([, number]) => number)
    assert.deepEqual(
      numbers,
      [...new Set(numbers)].toSorted((a, b) => a - b),
      `${name} came in order and once`,
    )
    if (name === 'other') assert.ok(numbers.length >= before.length - takes, `${before.length - numbers.length} are missing`)
  }
  assert.deepEqual([queue.size, queue.isEmpty], [0, true])
}

for (const [work, play] of Object.entries(PLAYS)) {
  test(`a process is killed at any write while it ${work}`, { timeout: 90_000 }, async t => {
    const before = ownedBlocks()
    let points = 0
    while (await playOnce(work, play, points + 1)) points += 1
    t.diagnostic(`${points} crash points`)
    assert.ok(points >= 5, `only ${points} crash points`)
    assert.equal(ownedBlocks(), before, 'no block is left')
  })
}
