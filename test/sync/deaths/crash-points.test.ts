// An actor dies before each of its writes to a shared object, one after the other, and after the last; then somebody reaps it, and the
// object must be as good as before. Then the same with a reaper that dies before each of its own writes.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { arena } from '../../../src/memory/arena.ts'
import { allNames } from '../../../src/sync/state/places.ts'
import { closeBlock } from '../../../src/sync/parts/shared-object.ts'
// Its hook is what the reaper does for shared objects.
import '../../../src/sync/waiting/listed.ts'
import { assertSound, reap } from '../../helpers/crash.ts'
import { dieBeforeWrite } from '../../helpers/steps.ts'
import { balanced } from '../../value/balance.ts'
import { type Cast, newActor, newCast, SCENARIOS, type Scenario } from './crash-scenarios.ts'
import { MEETINGS } from './meeting-scenarios.ts'

let covered = 0
after(() => console.log(`crash points covered: ${covered} ways to die at a write`))

function assertWell(scenario: Scenario, cast: Cast, point: string): void {
  try {
    assert.equal(arena().slots.isCurrent(cast.me), false)
    assert.equal(allNames(cast.block).includes(cast.me), false, 'the dead one is still named')
    scenario.check(cast)
    end(scenario, cast)
  } catch (error) {
    throw new Error(`${point}: ${(error as Error).message}`, { cause: error })
  }
}

/** The others are no more, either; then nobody is named. */
function end({ extensions = [] }: Scenario, { block, others }: Cast): void {
  for (const { me } of others) reap(arena(), me)
  assert.equal(allNames(block).length, 0, 'somebody is still named')
  closeBlock(block, ...extensions)
}

for (const scenario of [...SCENARIOS, ...MEETINGS]) {
  test(`a process may die at any write while it ${scenario.title}`, t =>
    balanced(() => {
      // After the last one it has done all and dies then.
      let points = 0
      for (let died = true; died; ) {
        const cast = newCast(scenario)
        died = dieBeforeWrite(points + 1, () => scenario.act(cast))
        reap(arena(), cast.me)
        assertSound(arena())
        assertWell(scenario, cast, `before write ${points + 1}`)
        points += died ? 1 : 0
      }
      assert.ok(points >= scenario.least, `only ${points} crash points, not ${scenario.least}`)
      covered += points + 1
      t.diagnostic(`${points} crash points`)
    }))

  test(`its reaper may die at any write, too, after a process has died while it ${scenario.title}`, t =>
    balanced(() => {
      let pairs = 0
      for (let point = 1, died = true; died; point += 1) {
        const ends = killReapers(scenario, point)
        died = ends.died
        pairs += ends.reapers
        assertSound(arena())
      }
      assert.ok(pairs >= scenario.least * 3, `only ${pairs} pairs of crash points`)
      covered += pairs
      t.diagnostic(`${pairs} pairs of crash points`)
    }))
}

/** The actor dies before its write `point`, if it has as many; its reaper dies before each of its own. */
function killReapers(scenario: Scenario, point: number): { died: boolean; reapers: number } {
  for (let reaperPoint = 1; ; reaperPoint += 1) {
    const cast = newCast(scenario)
    const died = dieBeforeWrite(point, () => scenario.act(cast))
    const reaper = newActor()
    const reaperDied = dieBeforeWrite(reaperPoint, () => reap(reaper, cast.me))
    reap(arena(), reaper.me)
    if (arena().slots.isCurrent(cast.me)) reap(arena(), cast.me)
    assertWell(scenario, cast, `before write ${point} and the reaper's ${reaperPoint}`)
    if (!reaperDied) return { died, reapers: reaperPoint - 1 }
  }
}
