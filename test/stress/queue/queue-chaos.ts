// Processes and threads that put into a queue and take from it while some of them are killed at random, and what must be true at the end.
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { closeShared, getContext, Queue, RawArray } from '../../../src/index.ts'
import { BATCH, consume, MESSAGES, produce, type Things } from '../../fixtures/queue/chaos.ts'
import { generator } from '../../fixtures/random.ts'

export interface ChaosOptions {
  readonly seed: number
  /** How many put, and how many take. */
  readonly each: number
  readonly milliseconds: number
}

export interface ChaosCounts {
  readonly kills: number
  readonly producers: number
  /** Messages whose put came back, how many of them came, and how many were lost with those who had taken them. */
  readonly put: number
  readonly got: number
  readonly lost: number
}

type Role = 'producer' | 'consumer'
type Child = InstanceType<ReturnType<typeof getContext>['Process']>

interface Member {
  child: Child
  readonly role: Role
  readonly isThread: boolean
  readonly form: 'promise' | 'blocking'
}

/** So many producers, one after the other, have a place on the board. */
const MOST_PRODUCERS = 4000
const END_OF_ALL = { timeout: 60_000 }

export async function playQueueChaos({ seed, each, milliseconds }: ChaosOptions): Promise<ChaosCounts> {
  const things: Things = {
    queue: new Queue({ maxSize: 50 }),
    stop: new RawArray('i32', 1) as Int32Array,
    put: new RawArray('i32', MOST_PRODUCERS) as Int32Array,
    got: new RawArray('u8', MOST_PRODUCERS * MESSAGES) as Uint8Array,
  }
  const crew = new Crew(things, generator(seed))
  await crew.start(each)
  const end = performance.now() + milliseconds
  while (performance.now() < end && crew.producers < MOST_PRODUCERS) await crew.killOne()
  Atomics.store(things.stop, 0, 1)
  await crew.join('producer')
  things.queue.shutdown()
  await crew.join('consumer')
  const counts = count(things, crew)
  assert.equal(things.queue.size, 0)
  things.queue.close()
  for (const array of [things.stop, things.put, things.got]) closeShared(array)
  return counts
}

/** Each message that was put has come once, unless somebody had taken it who was killed. */
function count({ put, got }: Things, crew: Crew): ChaosCounts {
  const counts = { kills: crew.kills, producers: crew.producers, put: 0, got: 0, lost: 0 }
  for (let producer = 0; producer < crew.producers; producer += 1) {
    const sure = put[producer] as number
    counts.put += sure
    for (let number = 0; number < MESSAGES; number += 1) {
      const times = got[producer * MESSAGES + number] as number
      assert.ok(times <= 1, `${number} of ${producer} came ${times} times`)
      if (times === 1) assert.ok(number < sure + BATCH, `${number} of ${producer} came, who had put ${sure}`)
      if (number < sure) counts[times === 1 ? 'got' : 'lost'] += 1
    }
  }
  const most = crew.consumerKills * BATCH
  assert.ok(counts.lost <= most, `${counts.lost} are lost, and ${crew.consumerKills} consumers were killed`)
  return counts
}

class Crew {
  readonly #things: Things
  readonly #random: () => number
  readonly #members: Member[] = []
  kills = 0
  consumerKills = 0
  /** How many there have been. */
  producers = 0

  constructor(things: Things, random: () => number) {
    this.#things = things
    this.#random = random
  }

  async start(each: number): Promise<void> {
    for (let index = 0; index < each; index += 1) {
      for (const role of ['producer', 'consumer'] as const) {
        const isThread = index % 5 === 4
        const form = isThread || index % 2 === 0 ? 'promise' : 'blocking'
        this.#members.push({ role, isThread, form, child: await this.#startChild(role, form, isThread) })
      }
    }
  }

  /** Somebody is killed after a moment, or has ended since all its messages are put, and another one comes in its place. */
  async killOne(): Promise<void> {
    await delay(this.#random() * 20)
    const member = this.#members[Math.floor(this.#random() * this.#members.length)] as Member
    const { child, role, isThread } = member
    if (isThread) child.terminate()
    else child.kill()
    await child.join()
    const { exitCode } = child
    const hasEnded = role === 'producer' && exitCode === 0
    assert.ok(hasEnded || (isThread ? exitCode !== 0 : exitCode === -9), `${child.name}, a ${role}, ended by itself, with ${exitCode}`)
    if (!hasEnded) this.kills += 1
    if (!hasEnded && role === 'consumer') this.consumerKills += 1
    member.child = await this.#startChild(role, member.form, isThread)
  }

  async join(role: Role): Promise<void> {
    for (const { child } of this.#members.filter(member => member.role === role)) {
      assert.equal(await child.join(END_OF_ALL), true, `${child.name}, a ${role}, does not end`)
      assert.equal(child.exitCode, 0, `${child.name}, a ${role}, ended with ${child.exitCode}`)
    }
  }

  async #startChild(role: Role, form: Member['form'], isThread: boolean): Promise<Child> {
    const { Process } = getContext(isThread ? 'thread' : 'forkserver')
    const seed = Math.floor(this.#random() * 2 ** 31)
    if (role === 'consumer') return (await new Process({ target: consume, args: [this.#things, form, seed] }).start()) as unknown as Child
    const number = this.producers
    this.producers += 1
    return (await new Process({ target: produce, args: [this.#things, number, form, seed] }).start()) as unknown as Child
  }
}
