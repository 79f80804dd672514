// An actor dies before each of its writes to a queue, one after the other, and after the last. Others go on before it is reaped, or
// afterwards; no item of theirs may be missing or come twice, and nothing may be left of the dead one. README.md of src/queue has the table.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { arena } from '../../../src/memory/arena.ts'
import { JoinableQueue } from '../../../src/queue/joinable-queue.ts'
import { checkArena } from '../../../src/memory/check.ts'
import { assertSound, reap } from '../../helpers/crash.ts'
import { dieBeforeWrite } from '../../helpers/steps.ts'
import { newActor } from '../../sync/deaths/crash-scenarios.ts'
import { balanced } from '../../value/balance.ts'
import { bytes, SCENARIOS, type Scenario, text } from './crash-scenarios.ts'
import { actingAs, type Cast, handleOf, newCast } from './queue-cast.ts'
import { joinAll } from '../ledger/join-all.ts'
import { assertWell } from './well.ts'

// Its header stays for the next one that this thread makes.
new JoinableQueue().close()
let covered = 0
after(() => console.log(`crash points covered: ${covered} ways to die in a queue`))

const LATER = ['later', text('later', 1500), text('later', 5000), bytes(99), text('later', 3900), 'last']

/** What the actor does until it dies. True: it did not come to its end. */
function play(scenario: Scenario, cast: Cast, point: number): boolean {
  cast.queue.putManySync(scenario.before)
  return dieBeforeWrite(point, () => actingAs(cast.actor, () => scenario.act(cast.its)))
}

/** Puts more, takes all, and looks at what came. */
function assertGoesOn({ before, puts = [], takes = 0, options = {} }: Scenario, { queue }: Cast): void {
  const { size, unfinished } = queue
  for (const item of LATER) assert.equal(queue.tryPut(item), true, 'nothing more goes in')
  assert.ok(queue.size <= size + LATER.length)
  const got = queue.tryGetMany(1000)
  assert.deepEqual([queue.size, queue.isEmpty], [0, true])
  assert.deepEqual(got.slice(-LATER.length), LATER, 'what was put later')
  const rest = got.slice(0, -LATER.length)
  assertPart(rest, before, puts, takes)
  assert.ok(
    size >= rest.length && size <= rest.length + Math.max(puts.length, takes),
    `its size was ${size}, and ${rest.length} were in it`,
  )
  assert.ok(unfinished >= rest.length, `${unfinished} unfinished`)
  fill(queue, options.maxSize ?? 10)
}

/** What of `before` is missing is among the first `takes`, and of `puts` anything may be; nothing comes twice, and all in order. */
function assertPart(rest: readonly unknown[], before: readonly unknown[], puts: readonly unknown[], takes: number): void {
  let came = 0
  for (const [index, item] of [...before, ...puts].entries()) {
    if (isDeepStrictEqual(rest[came], item)) came += 1
    else assert.ok(index < takes || index >= before.length, `item ${index} is missing`)
  }
  assert.equal(came, rest.length, 'something else came')
}

/** It has room for exactly as many as it should. */
function fill(queue: JoinableQueue, count: number): void {
  for (let index = 0; index < count; index += 1) assert.equal(queue.tryPut(index), true, `only ${index} fit`)
  assert.deepEqual(queue.tryGetMany(count), [...Array(count).keys()])
}

/** Puts are refused or not; those who get have everything, or nothing any more. */
function assertShut({ before, takes = 0 }: Scenario, { queue }: Cast): void {
  if (!queue.isShutDown) queue.shutdown({ immediate: takes > 0 })
  assert.throws(() => queue.tryPut('later'), { code: 'ERR_SHUT_DOWN' })
  if (takes === 0) assert.deepEqual(queue.tryGetMany(1000), before)
  assert.throws(() => queue.tryGet(), { code: 'ERR_SHUT_DOWN' })
  if (takes === 0) return
  // Those that it was dropping at that moment count as got by it.
  const lost = joinAll(queue)
  assert.deepEqual([queue.size, queue.unfinished], [0, 0])
  assert.ok(lost < before.length, `${lost} lost`)
}

function check(scenario: Scenario, cast: Cast): void {
  if (scenario.shuts === true) assertShut(scenario, cast)
  else assertGoesOn(scenario, cast)
}

for (const scenario of SCENARIOS) {
  for (const order of ['reaped', 'first'] as const) {
    const when = order === 'reaped' ? 'and is reaped' : 'and others go on before it is reaped'
    test(`a process may die at any write while it ${scenario.title}, ${when}`, t => {
      let points = 0
      for (let died = true; died; ) {
        balanced(() => {
          const cast = newCast(scenario.options ?? {})
          died = play(scenario, cast, points + 1)
          assertWell(cast, () => check(scenario, cast), order, `before write ${points + 1}`)
        })
        points += died ? 1 : 0
      }
      assert.ok(points >= scenario.least, `only ${points} crash points, not ${scenario.least}`)
      covered += points + 1
      t.diagnostic(`${points} crash points`)
    })
  }

  test(`its reaper may die at any write, too, after a process has died while it ${scenario.title}`, t => {
    let pairs = 0
    // A scenario that drops many items comes to the same writes again and again.
    const stride = scenario.shuts === true ? 16 : 4
    for (let point = 1, died = true; died; point += stride) {
      const ends = killReapers(scenario, point)
      died = ends.died
      pairs += ends.reapers
      assertSound(arena())
    }
    covered += pairs
    t.diagnostic(`${pairs} pairs of crash points`)
  })
}

function killReapers(scenario: Scenario, point: number): { died: boolean; reapers: number } {
  for (let reaperPoint = 1; ; reaperPoint += 1) {
    let died = false
    let reaperDied = false
    balanced(() => {
      const cast = newCast(scenario.options ?? {})
      died = play(scenario, cast, point)
      const reaper = newActor()
      reaperDied = dieBeforeWrite(reaperPoint, () => actingAs(reaper, () => reap(arena(), cast.actor.me)))
      reap(arena(), reaper.me)
      assertWell(cast, () => check(scenario, cast), 'reaped', `before write ${point} and the reaper's ${reaperPoint}`)
    })
    if (!reaperDied) return { died, reapers: reaperPoint - 1 }
  }
}

test('the maker may die at any write while it closes the queue: it is as good as before or closed, and its reaper finds its way', () => {
  for (let point = 1, died = true; died; point += 1) {
    const actor = newActor()
    const its = actingAs(actor, () => new JoinableQueue())
    const other = handleOf(its)
    its.putManySync([...LATER, ...LATER])
    died = dieBeforeWrite(point, () => actingAs(actor, () => its.close()))
    // Whatever was freed is somebody else's by now, who writes something into it.
    const blocks = [64, 64, 64, 256, 4096].map(size => arena().allocate(size))
    for (const block of blocks) arena().view(block, 64).fill(0xff)
    reap(arena(), actor.me)
    if (!other.closed) assert.deepEqual(other.tryGetMany(100), [...LATER, ...LATER])
    for (const block of blocks) arena().free(block)
    assertSound(arena())
  }
})

test('who makes a queue may die at any write, and leaves no more than some small blocks', () => {
  for (let point = 1, died = true; died; point += 1) {
    const { blocks, bytes: before } = checkArena(arena())
    const actor = newActor()
    died = dieBeforeWrite(point, () => actingAs(actor, () => void new JoinableQueue()))
    reap(arena(), actor.me)
    const after = checkArena(arena())
    assert.deepEqual(after.problems, [])
    assert.ok(after.blocks - blocks <= 5 && after.bytes - before <= 5000, `${after.blocks - blocks} blocks, ${after.bytes - before} bytes`)
  }
})
