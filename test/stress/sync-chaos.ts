// Processes that use shared objects while some of them are killed at random, and what must be true at the end.
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { arena } from '../../src/memory/arena.ts'
import { store } from '../../src/memory/words.ts'
import { Process } from '../../src/process/process.ts'
import { Barrier } from '../../src/sync/barrier.ts'
import { Condition } from '../../src/sync/condition.ts'
import { Event } from '../../src/sync/event.ts'
import { Lock } from '../../src/sync/lock.ts'
import { RLock } from '../../src/sync/rlock.ts'
import { Semaphore } from '../../src/sync/semaphore.ts'
import { generator } from '../fixtures/random.ts'
import { boardOf, hammer, PERMITS, STEPS, STOP, stand, type Things } from '../fixtures/sync/hammer.ts'

export interface ChaosOptions {
  readonly seed: number
  readonly workers: number
  readonly milliseconds: number
}

export interface ChaosCounts {
  readonly steps: number
  readonly kills: number
}

const PARTIES = 3
const BOARD_BYTES = 1024

export async function playSyncChaos({ seed, workers, milliseconds }: ChaosOptions): Promise<ChaosCounts> {
  const random = generator(seed)
  const board = arena().allocate(BOARD_BYTES)
  arena().view(board, BOARD_BYTES).fill(0)
  arena().shareBlock(board)
  const things: Things = {
    lock: new Lock(),
    rlock: new RLock(),
    semaphore: new Semaphore(PERMITS),
    condition: new Condition(),
    event: new Event(),
    barrier: new Barrier(PARTIES),
    board,
  }
  const { words, base } = boardOf(board)
  const crew = new Crew(things, random)
  await crew.start(workers)
  const end = performance.now() + milliseconds
  while (performance.now() < end) {
    await delay(5 + random() * 40)
    await crew.killOne()
  }
  store(words, base + STOP, 1)
  things.barrier.abort()
  await crew.join()
  await expectRest(things)
  const counts = { steps: words[base + STEPS] as number, kills: crew.kills }
  for (const thing of [things.lock, things.rlock, things.semaphore, things.condition, things.condition.lock, things.event, things.barrier])
    thing.close()
  arena().freeShared(board)
  return counts
}

/** All that the dead held has come back, and nobody is named any more. */
async function expectRest({ lock, rlock, semaphore, condition }: Things): Promise<void> {
  assert.equal(await lock.acquire({ timeout: 1000 }), true)
  lock.release()
  await rlock.run(() => {}, { timeout: 1000 })
  assert.equal(await condition.acquire({ timeout: 1000 }), true)
  condition.notifyAll()
  condition.release()
  const held = await Promise.all(Array.from({ length: PERMITS }, () => semaphore.hold({ timeout: 1000 })))
  assert.equal(semaphore.value, 0, 'no permit too many has come back')
  for (const each of held) each[Symbol.dispose]()
  assert.equal(semaphore.value, PERMITS)
}

class Crew {
  readonly #things: Things
  readonly #random: () => number
  readonly #members: { process: Process; start: () => Process }[] = []
  kills = 0

  constructor(things: Things, random: () => number) {
    this.#things = things
    this.#random = random
  }

  async start(workers: number): Promise<void> {
    const starts: (() => Process)[] = []
    for (let worker = 0; worker < workers; worker += 1) {
      starts.push(
        () =>
          new Process({
            target: hammer,
            args: [this.#things, worker % 2 === 0 ? 'promise' : 'blocking', Math.floor(this.#random() * 2 ** 31)],
          }),
      )
    }
    for (let party = 0; party < PARTIES; party += 1) {
      starts.push(() => new Process({ target: stand, args: [this.#things, party % 2 === 0 ? 'promise' : 'blocking'] }))
    }
    for (const start of starts) this.#members.push({ process: await start().start(), start })
  }

  async killOne(): Promise<void> {
    const member = this.#members[Math.floor(this.#random() * this.#members.length)] as { process: Process; start: () => Process }
    const { process: victim } = member
    victim.kill()
    await victim.join()
    assert.equal(victim.exitCode, -9, `${victim.name} ended by itself, with ${victim.exitCode}`)
    this.kills += 1
    member.process = await member.start().start()
  }

  async join(): Promise<void> {
    for (const { process: member } of this.#members) {
      assert.equal(await member.join({ timeout: 30_000 }), true, `${member.name} does not end`)
      assert.equal(member.exitCode, 0, `${member.name} ended with ${member.exitCode}`)
    }
  }
}
