// Large data goes to several processes and comes back while they are killed at random. CHAOS_SEED repeats a run's choices.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { lentBlocks } from '../../src/channel/attachments.ts'
import { ResultRing } from '../../src/channel/result-ring.ts'
import { TaskRing } from '../../src/channel/task-ring.ts'
import { arena } from '../../src/memory/arena.ts'
import { checkArena } from '../../src/memory/check.ts'
import { Process } from '../../src/process/process.ts'
import { echo } from '../fixtures/channel/attachment-partners.ts'
import { BUFFER_MESSAGES, damage, messageOf, patterned } from '../fixtures/channel/buffer-messages.ts'
import { collectUntil } from '../helpers/collector.ts'
import { isRunning, until } from '../helpers/conditions.ts'
import { ownerOf } from '../helpers/owners.ts'
import { randomFrom } from './memory-player.ts'

const DURATION = 6000
const PROCESSES = 3
/** The last two are lent, the others are copied. */
const SIZES = [65_536, 300_000, 1_000_000, 3_000_000, 20_000_000]

class Chaos {
  readonly #tasks = TaskRing.create(16, BUFFER_MESSAGES)
  readonly #random: () => number
  readonly #deadline = performance.now() + DURATION
  readonly #waiting = new Map<number, readonly number[]>()
  #nextId = 1
  readonly counts = { sent: 0, returned: 0, lost: 0, reaped: 0, kills: 0 }

  constructor(random: () => number) {
    this.#random = random
  }

  async run(): Promise<void> {
    await Promise.all(Array.from({ length: PROCESSES }, () => this.#oneAfterTheOther()))
    this.#tasks.clear()
    this.#tasks.free()
  }

  async #oneAfterTheOther(): Promise<void> {
    while (performance.now() < this.#deadline) {
      const results = ResultRing.create(4096, BUFFER_MESSAGES)
      await this.#oneLife(results)
      arena().free(results.reference)
    }
  }

  async #oneLife(results: ResultRing): Promise<void> {
    const target = new Process({ target: echo, args: [this.#tasks.reference, results.reference, arena().slot], daemon: true })
    const child = await target.start()
    const owner = await ownerOf(child.pid)
    const end = performance.now() + this.#random() * 600
    while (performance.now() < end) {
      this.#send()
      this.#receive(results, owner)
      await delay(1)
    }
    child.kill()
    this.counts.kills += 1
    await until(() => !isRunning(child.pid as number), 'it is gone')
    this.#receive(results, owner)
    for (const id of this.#tasks.recover(owner)) this.counts.lost += this.#waiting.delete(id) ? 1 : 0
    await child.join()
  }

  #send(): void {
    for (let count = 0; count < 3 && this.#tasks.hasRoom(); count += 1) {
      const id = this.#nextId++
      const sizes = Array.from(
        { length: 1 + Math.floor(this.#random() * 3) },
        () => SIZES[Math.floor(this.#random() ** 3 * SIZES.length)] ?? 0,
      )
      const parts = sizes.map((byteLength, index) => patterned(byteLength, id + index))
      const padding = this.#random() < 0.3 ? 1000 : 0
      this.#tasks.put({ id, kind: 0, functionReference: 0, functionGeneration: 0 }, messageOf(parts, { padding }))
      this.#waiting.set(id, sizes)
      this.counts.sent += 1
    }
  }

  /** Null: who sent it was killed, and reaped when this process heard of that, before it was read. */
  #buffersOf(payload: () => unknown): ArrayBuffer[] | null {
    try {
      return payload() as ArrayBuffer[]
    } catch (error) {
      assert.match(String(error), /the process that sent it ended|was freed before the result was read/)
      this.counts.reaped += 1
      return null
    }
  }

  #receive(results: ResultRing, owner: number): void {
    results.drain(owner, ({ id, payload }) => {
      const sizes = this.#waiting.get(id) as readonly number[]
      const buffers = this.#buffersOf(payload)
      if (buffers === null) return
      assert.deepEqual(
        buffers.map((buffer, index) => damage(buffer, sizes[index] as number, id - index)),
        sizes.map(() => null),
      )
      this.#waiting.delete(id)
      this.counts.returned += 1
    })
  }
}

test('nothing is lost and nothing stays when processes that exchange large data are killed', async (context: TestContext) => {
  const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 2 ** 31)
  context.diagnostic(`CHAOS_SEED=${seed}`)
  const before = checkArena(arena())
  const chaos = new Chaos(randomFrom(seed))
  await chaos.run()
  context.diagnostic(JSON.stringify(chaos.counts))
  assert.ok(chaos.counts.returned > 100 && chaos.counts.kills > 10)
  await collectUntil(() => lentBlocks() === 0, 'all buffers are collected')
  const after = checkArena(arena())
  assert.deepEqual([after.problems, after.blocks, after.bytes, after.slotsInUse], [[], before.blocks, before.bytes, 1])
})
