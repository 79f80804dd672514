// As pool.test.ts, with tasks of all kinds: with timeouts, retries, priorities and signals, maps and streams, in workers that have several
// at once and are replaced all the time. CHAOS_SEED repeats a run's choices.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { TimeoutError, WorkerDiedError } from '../../src/base/errors.ts'
import { arena } from '../../src/memory/arena.ts'
import { checkArena } from '../../src/memory/check.ts'
import { Pool } from '../../src/pool/pool.ts'
import { textFor, work, workItem, workOften, workStream, workTimed } from '../fixtures/pool/chaos.ts'
import { square } from '../fixtures/pool/work.ts'
import { generator } from '../fixtures/random.ts'
import { until } from '../helpers/conditions.ts'
import { assertNoGrowth, childrenOf, type Resources, resources, killIfThere } from '../helpers/resources.ts'

const TASKS = 100_000
const LANES = 60
const TASKS_PER_KILL = 1000
const OPTIONS = { processes: 3, concurrency: 3, maxTasksPerChild: 2000 }

class Chaos {
  readonly #pool: Pool
  readonly #random: () => number
  #next = 0
  #untilKill = 0
  readonly counts: Record<string, number> = { kills: 0 }

  constructor(pool: Pool, random: () => number) {
    this.#pool = pool
    this.#random = random
  }

  async run(): Promise<void> {
    const lane = async (): Promise<void> => {
      while (this.#next < TASKS) await this.#some()
    }
    await Promise.all(Array.from({ length: LANES }, lane))
  }

  #some(): Promise<void> {
    const kind = Math.floor(this.#random() * 20)
    if (kind < 2) return this.#map()
    if (kind < 4) return this.#imap(kind === 2 ? 'imap' : 'imapUnordered')
    if (kind === 4) return this.#stream()
    if (kind === 5) return this.#abort()
    return this.#calls()
  }

  async #calls(): Promise<void> {
    const first = this.#take(40)
    const calls = Array.from({ length: 40 }, (_, offset) => this.#call(first + offset))
    await Promise.all(calls)
  }

  async #call(index: number): Promise<void> {
    const how = Math.floor(this.#random() * 4)
    const priority = Math.floor(this.#random() * 3) - 1
    if (how === 0) await this.#settle('plain', index, this.#pool.apply(work, [index, textFor(index)]))
    else if (how === 1) await this.#settle('retried', index, this.#pool.apply(workOften, [index], { retries: 2 }))
    else if (how === 2) await this.#settle('urgent', index, this.#pool.apply(workOften, [index], { priority }))
    else await this.#settle('timed', index, this.#pool.apply(workTimed, [index], { timeout: 100, priority, retries: index % 2 }))
  }

  async #settle(kind: string, index: number, call: Promise<{ readonly index: number }>): Promise<void> {
    try {
      assert.equal((await call).index, index)
      this.#count(`${kind} ok`)
    } catch (error) {
      this.#failed(kind, error)
    }
    this.#tick()
  }

  async #map(): Promise<void> {
    const first = this.#take(100)
    const items = Array.from({ length: 100 }, (_, offset) => first + offset)
    try {
      assert.deepEqual(await this.#pool.map(workItem, items, this.#random() < 0.3 ? { retries: 1 } : {}), items)
      this.#count('map ok')
    } catch (error) {
      this.#failed('map', error)
    }
    this.#tick()
  }

  async #imap(method: 'imap' | 'imapUnordered'): Promise<void> {
    const first = this.#take(100)
    const stream = this.#pool[method](
      workItem,
      Array.from({ length: 100 }, (_, offset) => first + offset),
      { maxPending: 30 },
    )
    const seen = new Set<number>()
    let outcomes = 0
    for (let isOver = false; !isOver; ) {
      try {
        const { value, done } = await stream.next()
        if (done === true) isOver = true
        else {
          seen.add(value)
          outcomes += 1
        }
      } catch (error) {
        outcomes += 1
        this.#failed(method, error)
      }
    }
    assert.equal(outcomes, 100)
    for (const value of seen) assert.ok(value >= first && value < first + 100)
    this.#count(`${method} ok`)
    this.#tick()
  }

  async #stream(): Promise<void> {
    this.#take(50)
    let next = 0
    try {
      for await (const value of this.#pool.stream(workStream, [50], { maxPending: 1 + Math.floor(this.#random() * 20) })) {
        assert.equal(value, next)
        next += 1
        if (value === 30 && this.#random() < 0.3) break
      }
      this.#count('stream ok')
    } catch (error) {
      this.#failed('stream', error)
    }
    this.#tick()
  }

  async #abort(): Promise<void> {
    const first = this.#take(20)
    const controller = new AbortController()
    const { signal } = controller
    const settled = Promise.allSettled(Array.from({ length: 20 }, (_, offset) => this.#pool.apply(workOften, [first + offset], { signal })))
    if (this.#random() < 0.5) await new Promise(setImmediate)
    controller.abort(new Error('called off'))
    for (const outcome of await settled) {
      if (outcome.status === 'fulfilled') this.#count('abort ok')
      else if ((outcome.reason as Error).message === 'called off') this.#count('abort called off')
      else this.#failed('abort', outcome.reason)
    }
    this.#tick()
  }

  #take(count: number): number {
    const first = this.#next
    this.#next += count
    return first
  }

  #count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1
  }

  #failed(kind: string, error: unknown): void {
    if (error instanceof WorkerDiedError) this.#count(`${kind} died`)
    else if (error instanceof TimeoutError) this.#count(`${kind} late`)
    else {
      assert.ok(error instanceof RangeError && /^task \d+$/.test(error.message), String((error as Error).stack))
      this.#count(`${kind} threw`)
    }
  }

  #tick(): void {
    this.#untilKill -= 1
    if (this.#untilKill > 0) return
    this.#untilKill = Math.floor((this.#random() * TASKS_PER_KILL) / 4)
    // One that has come up: those that are coming up are pool.test.ts's.
    const ready = this.#pool.stats.workers.filter(({ done }) => done > 0).map(({ pid }) => pid)
    const victims = childrenOf(process.pid).filter(pid => ready.includes(pid))
    const victim = victims[Math.floor(this.#random() * victims.length)]
    if (victim === undefined) return
    if (killIfThere(victim, this.#random() < 0.8 ? 'SIGKILL' : 'SIGTERM')) this.#count('kills')
  }
}

test('a hundred thousand tasks of all kinds settle while workers are killed at random', async (context: TestContext) => {
  const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 2 ** 31)
  context.diagnostic(`CHAOS_SEED=${seed}`)
  const [before, had] = await restingState()
  const pool = new Pool(OPTIONS)
  const chaos = new Chaos(pool, generator(seed))
  try {
    await chaos.run()
    context.diagnostic(JSON.stringify(chaos.counts))
    assert.ok((chaos.counts.kills ?? 0) > 20)
    assert.deepEqual(await pool.map(square, [1, 2, 3]), [1, 4, 9])
    // What was called off has a moment to end.
    await until(() => pool.stats.queued + pool.stats.running === 0, 'nothing is forgotten')
  } finally {
    await pool[Symbol.asyncDispose]()
  }
  await assertNoGrowth(had)
  const after = checkArena(arena())
  assert.deepEqual([after.problems, after.blocks, after.bytes, after.slotsInUse], [[], before.blocks, before.bytes, before.slotsInUse])
})

/** After a pool has come and gone that knows the functions: their definitions stay. */
async function restingState(): Promise<[ReturnType<typeof checkArena>, Resources]> {
  const pool = new Pool(OPTIONS)
  await pool.apply(work, [0, ''])
  await pool.apply(workOften, [0])
  await pool.apply(workTimed, [0])
  await pool.map(workItem, [1])
  await pool.map(square, [1])
  await pool.stream(workStream, [1]).next()
  await pool[Symbol.asyncDispose]()
  return [checkArena(arena()), resources()]
}
