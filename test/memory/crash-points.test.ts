// An actor dies before each of its writes to shared memory, one after the other; then somebody reaps it, and the arena must be
// as if it had never been there.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Arena } from '../../src/memory/arena.ts'
import { checkArena } from '../../src/memory/check.ts'
import { LARGEST_RUN } from '../../src/memory/layout.ts'
import { assertSound, childOf, reap } from '../helpers/crash.ts'
import { countWrites, dieBeforeWrite } from '../helpers/steps.ts'
import { type Cast, newCast, SCENARIOS, type Scenario } from './crash-scenarios.ts'

let covered = 0
after(() => console.log(`crash points covered: ${covered} ways to die at a write`))

/** Everything that is not somebody's can be had by another. */
function assertUsable(arena: Arena): void {
  for (const size of [64, 32768, 500_000, LARGEST_RUN, 20_000_000]) assert.ok(arena.free(arena.allocate(size)))
}

function assertReaped(scenario: Scenario, cast: Cast, point: string): void {
  scenario.finish?.(cast)
  const { blocks, problems } = checkArena(cast.main)
  assert.deepEqual(problems, [], point)
  const allowed = scenario.left?.(blocks, cast) ?? blocks === 0
  assert.ok(allowed, `${point}: ${blocks} blocks have an owner`)
  assert.equal(cast.main.slots.isCurrent(cast.actor.me), false)
  assertUsable(cast.main)
  assertUsable(childOf(cast.main))
  assertSound(cast.main)
}

for (const scenario of SCENARIOS) {
  test(`a process may die at any write while it ${scenario.title}`, t => {
    const whole = newCast(scenario)
    const points = countWrites(() => scenario.act(whole))
    assert.ok(points >= scenario.least, `only ${points} crash points, not ${scenario.least}`)
    for (let point = 1; point <= points; point += 1) {
      const cast = newCast(scenario)
      assert.ok(dieBeforeWrite(point, () => scenario.act(cast)))
      reap(cast.main, cast.actor.me)
      assertReaped(scenario, cast, `before write ${point} of ${points}`)
    }
    covered += points
    t.diagnostic(`${points} crash points`)
  })
}

for (const title of [
  'allocates a run',
  'frees a run',
  'frees a range',
  'allocates a small block in a new span',
  'starts children, one of which attaches',
]) {
  const scenario = SCENARIOS.find(candidate => candidate.title === title) as Scenario
  test(`its reaper may die at any write, too, after a process has died while it ${title}`, t => {
    const points = countWrites(() => scenario.act(newCast(scenario)))
    let pairs = 0
    for (let point = 1; point <= points; point += 1) pairs += killReapers(scenario, point)
    assert.ok(pairs >= points * 3, `only ${pairs} pairs of crash points`)
    covered += pairs
    t.diagnostic(`${pairs} pairs of crash points`)
  })
}

/** The actor dies before its write `point`; its reaper dies before each of its own. */
function killReapers(scenario: Scenario, point: number): number {
  for (let reaperPoint = 1; ; reaperPoint += 1) {
    const cast = newCast(scenario)
    dieBeforeWrite(point, () => scenario.act(cast))
    const reaper = childOf(cast.main)
    const died = dieBeforeWrite(reaperPoint, () => reap(reaper, cast.actor.me))
    reap(cast.main, reaper.me)
    if (cast.main.slots.isCurrent(cast.actor.me)) reap(cast.main, cast.actor.me)
    assertReaped(scenario, cast, `before write ${point} and the reaper's ${reaperPoint}`)
    if (!died) return reaperPoint - 1
  }
}

test('a child may die at any write while it attaches', () => {
  const count = { title: '', least: 2, act: () => {} }
  const points = countWrites(() => void childOf(newCast(count).main))
  let died = 0
  for (let point = 1; point <= points; point += 1) {
    const { main } = newCast(count)
    const id = main.slots.idOf(main.slots.claim(main.me))
    if (dieBeforeWrite(point, () => main.slots.attach(id, 5, 4))) died += 1
    reap(main, id)
    assertSound(main)
    assert.equal(checkArena(main).slotsInUse, 3)
  }
  assert.ok(died >= 3)
  covered += died
})

test('what a dead process handed to others is intact', () => {
  const scenario = SCENARIOS.find(({ title }) => title === 'takes blocks over from another process and frees them') as Scenario
  const points = countWrites(() => scenario.act(newCast(scenario)))
  for (let point = 1; point <= points; point += 1) {
    const cast = newCast(scenario)
    for (const [index, block] of cast.blocks.slice(0, 5).entries()) cast.survivor.view(block, 64).fill(index + 1)
    dieBeforeWrite(point, () => scenario.act(cast))
    reap(cast.main, cast.actor.me)
    for (const [index, block] of cast.blocks.slice(0, 5).entries()) {
      if (cast.main.allocator.entries.ownerOf(block) !== cast.survivor.me) continue
      assert.ok(cast.survivor.view(block, 64).every(byte => byte === index + 1))
      assert.ok(cast.survivor.free(block))
    }
  }
})
