// An actor that takes items and says that they are done with dies before each of its writes. What it had taken and not reported is lost, and
// told once; everything else is done with when others have done it: none is counted twice, and none is waited for for ever.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { arena, type Arena } from '../../../src/memory/arena.ts'
import { JoinableQueue } from '../../../src/queue/joinable-queue.ts'
import { messagesOf } from '../../../src/queue/queue.ts'
import { LifoQueue } from '../../../src/queue/ranked/lifo-queue.ts'
import { reap } from '../../helpers/crash.ts'
import { dieBeforeWrite } from '../../helpers/steps.ts'
import { newActor } from '../../sync/deaths/crash-scenarios.ts'
import { balanced } from '../../value/balance.ts'
import { joinAll } from './join-all.ts'
import { actingAs, handleOf } from '../deaths/queue-cast.ts'
import { KINDS as RANKED } from '../deaths/ranked-cast.ts'
import { assertWell } from '../deaths/well.ts'

// Their headers stay for the next ones that this thread makes.
for (const queue of [new JoinableQueue(), new LifoQueue()]) queue.close()
let covered = 0
after(() => console.log(`crash points covered: ${covered} ways to die with items of a queue`))

interface Kind {
  readonly name: string
  readonly make: () => JoinableQueue
  readonly handleOf: (queue: JoinableQueue) => JoinableQueue
}

interface Cast {
  readonly kind: Kind
  readonly queue: JoinableQueue
  readonly its: JoinableQueue
  readonly actor: Arena
  /** How many are unfinished before it acts. */
  left: number
}

interface Scenario {
  readonly title: string
  readonly least: number
  /** What has happened before. */
  readonly before?: (cast: Cast) => void
  /** Counts in `tally` what it has said to be done with. */
  readonly act: (queue: JoinableQueue, tally: Tally) => void
}

interface Tally {
  done: number
}

const KINDS: readonly Kind[] = [
  { name: 'JoinableQueue', make: () => new JoinableQueue(), handleOf },
  ...RANKED.map(kind => ({ ...kind, make: () => kind.make({}) })),
]
const BIG = 'x'.repeat(5000)
const COUNT = 12
/** Large ones, and more than a chunk of the ring takes. */
const ITEMS = Array.from({ length: COUNT }, (_, index) => [index, index % 4 === 0 ? BIG : 'x'.repeat(80)])

function report(queue: JoinableQueue, tally: Tally): void {
  queue.taskDone()
  tally.done += 1
}

function workOff(queue: JoinableQueue, tally: Tally): void {
  for (let count = 0; count < 4; count += 1) {
    queue.tryGet()
    report(queue, tally)
  }
}

const SCENARIOS: readonly Scenario[] = [
  { title: 'takes one', least: 10, act: queue => void queue.tryGet() },
  { title: 'takes many', least: 20, act: queue => void queue.tryGetMany(9) },
  { title: 'takes items and does them', least: 30, act: workOff },
  {
    title: 'takes items after others have, and does some',
    least: 30,
    before: ({ queue }) => {
      queue.tryGetMany(2)
      queue.taskDone()
      queue.taskDone()
    },
    act: (queue, tally) => {
      queue.tryGetMany(3)
      report(queue, tally)
      queue.tryGet()
      report(queue, tally)
    },
  },
  {
    title: 'takes an entry that was that of one who is dead',
    least: 15,
    before: ({ queue, kind }) => {
      const first = newActor()
      actingAs(first, () => {
        const its = kind.handleOf(queue)
        its.tryGet()
        its.taskDone()
      })
      reap(arena(), first.me)
    },
    act: workOff,
  },
]

function newCast(kind: Kind, { before }: Scenario): Cast {
  const queue = kind.make()
  const cast = { kind, queue, its: kind.handleOf(queue), actor: newActor(), left: 0 }
  queue.putManySync(ITEMS)
  before?.(cast)
  cast.left = queue.unfinished
  return cast
}

function play({ act }: Scenario, { its, actor }: Cast, tally: Tally, point: number): boolean {
  return dieBeforeWrite(point, () => actingAs(actor, () => act(its, tally)))
}

/** All the others do what is left; then each item was done by one of them, or by the dead one, or is lost. */
function assertAccounted({ kind, queue, actor, left }: Cast, { done }: Tally): void {
  if (arena().slots.isCurrent(actor.me)) closeBooks({ kind, queue, actor })
  const got = queue.tryGetMany(100)
  for (const _ of got) queue.taskDone()
  const lost = joinAll(queue)
  assert.equal(queue.unfinished, 0)
  const its = left - got.length - lost
  // It may have died before `taskDone()` came back.
  assert.ok(its === done || its === done + 1, `${left} were unfinished, ${got.length} came, ${lost} are lost, ${done} were done`)
  // Late reports for what was lost are no error, but there are no more of them than that; who died while it closed the books counts them again.
  assert.throws(
    () => {
      for (let count = 0; count <= 2 * lost; count += 1) queue.taskDone()
    },
    { code: 'ERR_TASK_DONE' },
  )
  // And it goes on.
  queue.putManySync(ITEMS)
  assert.equal(queue.joinSync({ timeout: 0 }), false)
  for (const _ of queue.tryGetMany(100)) queue.taskDone()
  assert.equal(joinAll(queue), 0, 'nothing is told twice')
}

for (const kind of KINDS) {
  for (const scenario of SCENARIOS) {
    for (const order of ['reaped', 'first'] as const) {
      const when = order === 'reaped' ? 'and is reaped' : 'and others go on before it is reaped'
      test(`${kind.name}: who ${scenario.title} may die at any write, ${when}`, () => {
        let points = 0
        for (let died = true; died; ) {
          balanced(() => {
            const cast = newCast(kind, scenario)
            const tally = { done: 0 }
            died = play(scenario, cast, tally, points + 1)
            assertWell(cast, () => assertAccounted(cast, tally), order, `before write ${points + 1}`)
          })
          points += died ? 1 : 0
        }
        assert.ok(points >= scenario.least, `only ${points} crash points`)
        covered += points + 1
      })
    }
  }
}

// The two that have an order keep the same books.
for (const kind of KINDS.filter(({ name }) => name !== 'LifoQueue')) {
  for (const [who, kill] of [
    ['its reaper', (cast: Cast) => reap(arena(), cast.actor.me)],
    ['who joins', (cast: Cast) => void closeBooks(cast)],
  ] as const) {
    test(`${kind.name}: ${who} may die at any write while it closes the books of a dead one`, () => {
      const scenario = SCENARIOS[3] as Scenario
      for (let point = 12, died = true; died; point += 7) {
        for (let second = 1, secondDied = true; secondDied; second += 1) {
          balanced(() => {
            const cast = newCast(kind, scenario)
            const tally = { done: 0 }
            died = play(scenario, cast, tally, point)
            const actor = newActor()
            secondDied = dieBeforeWrite(second, () => actingAs(actor, () => kill(cast)))
            reap(arena(), actor.me)
            assertWell(cast, () => assertAccounted(cast, tally), 'reaped', `before write ${point}, and the second's ${second}`)
          })
          covered += 1
        }
      }
    })
  }
}

/** What somebody does who has waited for long. */
function closeBooks({ kind, queue, actor }: Pick<Cast, 'kind' | 'queue' | 'actor'>): void {
  const { store } = messagesOf(kind.handleOf(queue))
  store.unlockForDead(owner => owner === actor.me)
  store.lose(
    owner => owner === actor.me,
    () => {},
  )
}
