// A pool whose workers are killed at random while it does a hundred thousand tasks. CHAOS_SEED repeats a run's choices.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { WorkerDiedError } from '../../src/base/errors.ts'
import { arena } from '../../src/memory/arena.ts'
import { checkArena } from '../../src/memory/check.ts'
import { Pool } from '../../src/pool/pool.ts'
import { type ChaosResult, textFor, work } from '../fixtures/pool/chaos.ts'
import { square } from '../fixtures/pool/work.ts'
import { generator } from '../fixtures/random.ts'
import { assertNoGrowth, childrenOf, resources, killIfThere } from '../helpers/resources.ts'

const TASKS = 100_000
const AT_ONCE = 3000
const TASKS_PER_KILL = 400

class Chaos {
  readonly #pool: Pool
  readonly #random: () => number
  readonly #workedIn = new Set<number>()
  #untilKill = 0
  #cameUpSinceStartKill = true
  readonly counts = { succeeded: 0, threw: 0, died: 0, kills: 0, killsAtStart: 0 }

  constructor(pool: Pool, random: () => number) {
    this.#pool = pool
    this.#random = random
  }

  async run(): Promise<void> {
    let next = 0
    const lane = async (): Promise<void> => {
      while (next < TASKS) await this.#runOne(next++)
    }
    await Promise.all(Array.from({ length: AT_ONCE }, lane))
  }

  async #runOne(index: number): Promise<void> {
    const text = textFor(index)
    try {
      const result: ChaosResult = await this.#pool.apply(work, [index, text])
      assert.deepEqual([result.index, result.text === text], [index, true])
      if (!this.#workedIn.has(result.pid)) this.#cameUpSinceStartKill = true
      this.#workedIn.add(result.pid)
      this.counts.succeeded += 1
    } catch (error) {
      if (error instanceof WorkerDiedError) this.counts.died += 1
      else {
        assert.ok(error instanceof RangeError && error.message === `task ${index}`, String(error))
        this.counts.threw += 1
      }
    }
    this.#untilKill -= 1
    if (this.#untilKill <= 0) this.#kill()
  }

  /** Mostly a worker that works; now and then one that is coming up, but not so often that the pool would have to give up. */
  #kill(): void {
    this.#untilKill = Math.floor(this.#random() * 2 * TASKS_PER_KILL)
    const workers = childrenOf(process.pid).filter(pid => this.#workedIn.has(pid))
    const starting = childrenOf(process.pid).filter(pid => !this.#workedIn.has(pid))
    const atStart = this.#cameUpSinceStartKill && starting.length > 0 && this.#random() < 0.3
    const candidates = atStart ? starting : workers
    const victim = candidates[Math.floor(this.#random() * candidates.length)]
    if (victim === undefined || !killIfThere(victim, this.#random() < 0.8 ? 'SIGKILL' : 'SIGTERM')) return
    if (atStart) this.#cameUpSinceStartKill = false
    this.counts[atStart ? 'killsAtStart' : 'kills'] += 1
  }
}

test('a hundred thousand tasks all settle while workers are killed at random', async (context: TestContext) => {
  const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 2 ** 31)
  context.diagnostic(`CHAOS_SEED=${seed}`)
  const before = await restingState()
  const pool = new Pool(4)
  const chaos = new Chaos(pool, generator(seed))
  await chaos.run().catch(async error => {
    await pool[Symbol.asyncDispose]()
    throw error
  })
  context.diagnostic(JSON.stringify(chaos.counts))
  const { succeeded, threw, died, kills, killsAtStart } = chaos.counts
  assert.equal(succeeded + threw + died, TASKS)
  assert.ok(kills + killsAtStart > 50)
  assert.ok(died <= kills + killsAtStart, 'a killed worker costs one task at most')
  assert.deepEqual(await pool.map(square, [1, 2, 3]), [1, 4, 9])
  await pool[Symbol.asyncDispose]()
  const after = checkArena(arena())
  assert.deepEqual(after.problems, [])
  assert.deepEqual([after.blocks, after.bytes, after.slotsInUse], [before.blocks, before.bytes, before.slotsInUse])
})

test('a thousand pools made and disposed leave no descriptor, thread, child or mapping, and no block', async () => {
  const first = await restingState()
  const before = resources()
  for (let round = 0; round < 1000; round += 1) {
    const pool = new Pool(2)
    if (round % 3 !== 0) assert.equal(await pool.apply(square, [round]), round * round)
    if (round % 2 === 0) pool.close()
    else pool.terminate()
    await pool.join()
  }
  await assertNoGrowth(before)
  const after = checkArena(arena())
  assert.deepEqual([after.problems, after.blocks, after.bytes, after.slotsInUse], [[], first.blocks, first.bytes, first.slotsInUse])
})

/** After a pool has come and gone that knows the functions: their definitions stay. */
async function restingState(): Promise<ReturnType<typeof checkArena>> {
  const pool = new Pool(1)
  await pool.apply(work, [0, ''])
  await pool.apply(square, [0])
  await pool[Symbol.asyncDispose]()
  return checkArena(arena())
}
