// The same for those who meet: at a condition and at a barrier.
import assert from 'node:assert/strict'
import {
  arrive,
  arrivedAt,
  enterBarrier,
  isBroken,
  leaveBarrier,
  outcomeOf,
  partiesOf,
  pass,
  resetBarrier,
} from '../../../src/sync/state/barrier-state.ts'
import { enterCondition, isNotified, leaveCondition, notifyOldest } from '../../../src/sync/state/condition-state.ts'
import { KIND_BARRIER, KIND_CONDITION } from '../../../src/sync/state/object-layout.ts'
import { byAnother } from '../../helpers/steps.ts'
import { type Cast, other, type Scenario } from './crash-scenarios.ts'

const nobodyIsDead = (): boolean => false

const conditions: Scenario[] = [
  {
    title: 'waits for a condition, is notified, and comes back',
    least: 5,
    kind: KIND_CONDITION,
    others: 1,
    act: cast => {
      const { block, me, log, notes } = cast
      const place = enterCondition(block, me)
      byAnother(() => {
        notes.next = enterCondition(block, other(cast))
        notifyOldest(block, 1, nobodyIsDead)
        log.push('notified')
      })
      assert.equal(isNotified(block, place), true)
      leaveCondition(block, place, me)
      log.push('back')
    },
    check: ({ block, log, notes }) => {
      if (notes.next === undefined) return
      // The notification is with one of them, whoever it is.
      assert.equal(isNotified(block, notes.next), log.at(-1) === 'notified')
    },
  },
  {
    title: 'waits for a condition until its time is up',
    least: 5,
    kind: KIND_CONDITION,
    others: 1,
    prepare: cast => {
      cast.notes.next = enterCondition(cast.block, other(cast))
    },
    act: ({ block, me }) => void leaveCondition(block, enterCondition(block, me), me),
    check: cast => {
      assert.equal(isNotified(cast.block, cast.notes.next as number), false)
      assert.deepEqual(notifyOldest(cast.block, 5, nobodyIsDead), [other(cast)])
    },
  },
  {
    title: 'notifies two who wait',
    least: 2,
    kind: KIND_CONDITION,
    others: 2,
    prepare: cast => {
      cast.notes.first = enterCondition(cast.block, other(cast))
      cast.notes.second = enterCondition(cast.block, other(cast, 1))
    },
    act: ({ block }) => void notifyOldest(block, 2, nobodyIsDead),
    check: cast => {
      const { block, notes } = cast
      const [first, second] = [notes.first as number, notes.second as number]
      assert.ok(isNotified(block, first) || !isNotified(block, second), 'in their order')
      notifyOldest(block, 2, nobodyIsDead)
      assert.deepEqual([leaveCondition(block, first, other(cast)), leaveCondition(block, second, other(cast, 1))], [true, true])
    },
  },
]

/** `number` of the others come; their places are noted. */
function come(cast: Cast, number: number): void {
  for (let count = 0; count < number; count += 1) {
    const place = enterBarrier(cast.block, other(cast, count))
    cast.notes[`place ${count}`] = place
    assert.notEqual(arrive(cast.block, place), null)
  }
}

/** Nobody who had arrived waits for ever; after a reset, if need be, it is as new. */
function assertBarrierWell(cast: Cast): void {
  const { block, log } = cast
  const outcome = outcomeOf(block, 0)
  if (log.includes('passed')) assert.equal(outcome, 'passed')
  else if (log.includes('arriving')) assert.notEqual(outcome, 'passed')
  for (const [note, place] of Object.entries(cast.notes)) leaveBarrier(block, place, other(cast, Number(note.split(' ')[1])))
  if (isBroken(block) || arrivedAt(block) > 0) resetBarrier(block)
  assert.deepEqual([isBroken(block), arrivedAt(block)], [false, 0])
  const places = Array.from({ length: partiesOf(block) }, (_, count) => enterBarrier(block, other(cast, count)))
  const arrivals = places.map(place => arrive(block, place))
  assert.deepEqual(
    arrivals.map(each => typeof each === 'object' && each?.index),
    [0, 1, 2],
  )
  const last = arrivals[2] as { generation: number; acts: boolean }
  assert.deepEqual([last.acts, pass(block, last.generation)], [true, true])
  assert.equal(outcomeOf(block, last.generation), 'passed')
  for (const [count, place] of places.entries()) leaveBarrier(block, place, other(cast, count))
}

const barriers: Scenario[] = [
  {
    title: 'comes to a barrier first and stands there until the others come',
    least: 6,
    kind: KIND_BARRIER,
    others: 3,
    act: cast => {
      const { block, me, log } = cast
      const place = enterBarrier(block, me)
      log.push('arriving')
      arrive(block, place)
      byAnother(() => {
        come(cast, 2)
        pass(block, 0)
        log.push('passed')
      })
      leaveBarrier(block, place, me)
    },
    check: assertBarrierWell,
  },
  {
    title: 'comes to a barrier last, runs the action, lets the others go, and leaves',
    least: 7,
    kind: KIND_BARRIER,
    others: 3,
    prepare: cast => come(cast, 2),
    act: cast => {
      const { block, me, log } = cast
      const place = enterBarrier(block, me)
      log.push('arriving')
      arrive(block, place)
      assert.equal(pass(block, 0), true)
      log.push('passed')
      leaveBarrier(block, place, me)
    },
    check: cast => {
      const { block, log } = cast
      // Those who stand there know what became of it: before it came at all, too, since it was on its way.
      if (log.length > 0) assert.notEqual(outcomeOf(block, 0), null)
      assertBarrierWell(cast)
    },
  },
  {
    title: 'stands at a barrier and breaks it by giving up',
    least: 6,
    kind: KIND_BARRIER,
    others: 3,
    prepare: cast => come(cast, 1),
    act: ({ block, me }) => {
      const place = enterBarrier(block, me)
      arrive(block, place)
      resetBarrier(block)
      leaveBarrier(block, place, me)
    },
    check: assertBarrierWell,
  },
]

export const MEETINGS: readonly Scenario[] = [...conditions, ...barriers]
