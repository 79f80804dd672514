// An actor dies before each of its writes to a queue with an order. Others go on before it is reaped, or afterwards; no item of theirs may be
// missing, come twice or out of its turn. README.md of src/queue/ranked has the argument.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { arena } from '../../../src/memory/arena.ts'
import { checkArena } from '../../../src/memory/check.ts'
import { Outgoing } from '../../../src/queue/outgoing.ts'
import { messagesOf } from '../../../src/queue/queue.ts'
import { LifoQueue } from '../../../src/queue/ranked/lifo-queue.ts'
import { assertSound, reap } from '../../helpers/crash.ts'
import { countWrites, dieBeforeWrite } from '../../helpers/steps.ts'
import { newActor } from '../../sync/deaths/crash-scenarios.ts'
import { balanced } from '../../value/balance.ts'
import { bytes, text } from './crash-scenarios.ts'
import { actingAs } from './queue-cast.ts'
import { type KindOfQueue, KINDS, newRankedCast, type RankedCast } from './ranked-cast.ts'
import { items, RANKED_SCENARIOS, type Ranked, type RankedScenario } from './ranked-scenarios.ts'
import { joinAll } from '../ledger/join-all.ts'
import { assertWell } from './well.ts'

// Its header stays for the next one that this thread makes.
new LifoQueue().close()
let covered = 0
after(() => console.log(`crash points covered: ${covered} ways to die in a queue with an order`))

const LATER: readonly Ranked[] = [
  [1, 'later'],
  [0, text('later', 1500)],
  [4, bytes(99)],
  [1, text('later', 90)],
  [-2, 'last'],
]

/** What the actor does until it dies. True: it did not come to its end. */
function play(scenario: RankedScenario, cast: RankedCast, point: number): boolean {
  cast.queue.putManySync(scenario.before)
  return dieBeforeWrite(point, () => actingAs(cast.actor, () => scenario.act(cast.its)))
}

function firstPoint(scenario: RankedScenario, kind: KindOfQueue): number {
  if (scenario.lastPoints === undefined) return 1
  const { queue, its, actor } = newRankedCast(kind, scenario.options ?? {})
  queue.putManySync(scenario.before)
  const writes = countWrites(() => actingAs(actor, () => scenario.act(its)))
  assert.ok(writes >= scenario.least, `only ${writes} crash points`)
  reap(arena(), actor.me)
  queue.close()
  return writes - scenario.lastPoints
}

/** Puts more, takes all, and looks at what came. */
function assertGoesOn(scenario: RankedScenario, { queue, kind }: RankedCast): void {
  const { before, puts = [], takes = 0, options = {} } = scenario
  const { size } = queue
  for (const item of LATER) assert.equal(queue.tryPut(item), true, 'nothing more goes in')
  const got: Ranked[] = []
  for (let more = queue.tryGetMany(5000); more.length > 0; more = queue.tryGetMany(5000)) got.push(...more)
  assert.deepEqual([queue.size, queue.isEmpty], [0, true])
  const gone = new Set(kind.inOrder(before).slice(0, takes))
  let came = 0
  for (const item of kind.inOrder([...before, ...puts, ...LATER])) {
    if (isDeepStrictEqual(got[came], item)) came += 1
    else assert.ok(gone.has(item) || puts.includes(item), `${item} is missing`)
  }
  assert.equal(came, got.length, 'something else came, or out of its turn')
  const rest = got.length - LATER.length
  assert.ok(size >= rest - 1 && size <= rest + Math.max(puts.length, takes, 1), `its size was ${size}, and ${rest} were in it`)
  fill(queue, options.maxSize ?? 40)
}

/** It has room for exactly as many as it should. */
function fill(queue: JoinableLike, count: number): void {
  for (let index = 0; index < count; index += 1) assert.equal(queue.tryPut([index, '']), true, `only ${index} fit`)
  assert.equal(queue.tryGetMany(count).length, count)
}

type JoinableLike = RankedCast['queue']

/** Puts are refused or not; those who get have everything, or nothing any more. */
function assertShut({ before, takes = 0 }: RankedScenario, { queue, kind }: RankedCast): void {
  if (!queue.isShutDown) queue.shutdown({ immediate: takes > 0 })
  assert.throws(() => queue.tryPut([1, 'later']), { code: 'ERR_SHUT_DOWN' })
  if (takes === 0) assert.deepEqual(queue.tryGetMany(1000), kind.inOrder(before))
  assert.throws(() => queue.tryGet(), { code: 'ERR_SHUT_DOWN' })
  if (takes === 0) return
  // What it had not dropped yet is dropped now.
  queue.shutdown({ immediate: true })
  assert.equal(queue.size, 0)
  // The one that it was dropping at that moment counts as got by it.
  assert.ok(joinAll(queue) <= 1, 'it was at one at a time')
}

function check(scenario: RankedScenario, cast: RankedCast): void {
  if (scenario.shuts === true) assertShut(scenario, cast)
  else assertGoesOn(scenario, cast)
}

for (const kind of KINDS) {
  for (const scenario of RANKED_SCENARIOS) {
    for (const order of ['reaped', 'first'] as const) {
      const when = order === 'reaped' ? 'and is reaped' : 'and others go on before it is reaped'
      test(`${kind.name}: a process may die at any write while it ${scenario.title}, ${when}`, t => {
        const first = firstPoint(scenario, kind)
        let point = first
        for (let died = true; died; ) {
          balanced(() => {
            const cast = newRankedCast(kind, scenario.options ?? {})
            died = play(scenario, cast, point)
            assertWell(cast, () => check(scenario, cast), order, `before write ${point}`)
          })
          point += died ? 1 : 0
        }
        assert.ok(point > scenario.least, `only ${point} crash points, not ${scenario.least}`)
        covered += point - first + 1
        t.diagnostic(`${point - first} crash points`)
      })
    }
  }
}

for (const kind of KINDS) {
  const [scenario] = RANKED_SCENARIOS.filter(({ title }) => title === 'takes and puts in turns') as [RankedScenario]

  test(`${kind.name}: its reaper may die at any write, too`, t => {
    let pairs = 0
    for (let point = 1, died = true; died; point += 6) {
      const ends = killSecond(scenario, kind, point, (cast, second, work) =>
        dieBeforeWrite(work, () => actingAs(second, () => reap(arena(), cast.actor.me))),
      )
      died = ends.died
      pairs += ends.pairs
    }
    covered += pairs
    t.diagnostic(`${pairs} pairs of crash points`)
  })

  test(`${kind.name}: who comes next may die at any write while it puts right what the first one left`, t => {
    let pairs = 0
    for (let point = 1, died = true; died; point += 3) {
      const ends = killSecond(scenario, kind, point, (cast, second, work) => {
        reap(arena(), cast.actor.me)
        return dieBeforeWrite(work, () => actingAs(second, () => void putNothing(kind.handleOf(cast.queue))))
      })
      died = ends.died
      pairs += ends.pairs
    }
    covered += pairs
    t.diagnostic(`${pairs} pairs of crash points`)
  })
}

/** It gets the lock, and puts right what is not. */
function putNothing(queue: JoinableLike): void {
  const messages = messagesOf(queue)
  assert.equal(
    messages.store.put(new Outgoing(), () => messages.check()),
    0,
  )
}

type KillSecond = (cast: RankedCast, second: ReturnType<typeof newActor>, point: number) => boolean

/** The actor dies before its write `point`; who comes second before each of its own. */
function killSecond(scenario: RankedScenario, kind: KindOfQueue, point: number, kill: KillSecond): { died: boolean; pairs: number } {
  for (let pairs = 1; ; pairs += 1) {
    let died = false
    let secondDied = false
    balanced(() => {
      const cast = newRankedCast(kind, scenario.options ?? {})
      died = play(scenario, cast, point)
      const second = newActor()
      secondDied = kill(cast, second, pairs)
      reap(arena(), second.me)
      assertWell(cast, () => check(scenario, cast), 'reaped', `before write ${point} and the second's ${pairs}`)
    })
    if (!secondDied) return { died, pairs: pairs - 1 }
  }
}

// Last: what an actor makes, it makes without the headers that this thread has kept.
for (const kind of KINDS) {
  test(`${kind.name}: the maker may die at any write while it closes the queue`, () => {
    for (let point = 1, died = true; died; point += 1) {
      const actor = newActor()
      const its = actingAs(actor, () => kind.make({}))
      const other = kind.handleOf(its)
      its.putManySync([...LATER, ...items(20)])
      died = dieBeforeWrite(point, () => actingAs(actor, () => its.close()))
      // Whatever was freed is somebody else's by now, who writes something into it.
      const blocks = [64, 64, 64, 384, 3072].map(size => arena().allocate(size))
      for (const block of blocks) arena().view(block, 64).fill(0xff)
      reap(arena(), actor.me)
      if (!other.closed) assert.deepEqual(other.tryGetMany(100), kind.inOrder([...LATER, ...items(20)]))
      for (const block of blocks) arena().free(block)
      assertSound(arena())
    }
  })

  test(`${kind.name}: who makes a queue may die at any write, and leaves no more than some small blocks`, () => {
    for (let point = 1, died = true; died; point += 1) {
      const { blocks } = checkArena(arena())
      const actor = newActor()
      died = dieBeforeWrite(point, () => actingAs(actor, () => void kind.make({})))
      reap(arena(), actor.me)
      const now = checkArena(arena())
      assert.deepEqual(now.problems, [])
      assert.ok(now.blocks - blocks <= 4, `${now.blocks - blocks} blocks`)
    }
  })
}
