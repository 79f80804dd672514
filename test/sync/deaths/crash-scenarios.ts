// What an actor is doing with a shared object when it dies, in the steps that the classes take, and what must be true once it was reaped.
import assert from 'node:assert/strict'
import { type Arena, arena } from '../../../src/memory/arena.ts'
import type { OwnerId } from '../../../src/memory/identity.ts'
import { setParties } from '../../../src/sync/state/barrier-state.ts'
import { isAbandoned, ownerOf, PROMISE, release, renounce, reserve, take } from '../../../src/sync/state/lock-state.ts'
import { KIND_BARRIER, KIND_EVENT, KIND_LOCK, KIND_RLOCK, KIND_SEMAPHORE } from '../../../src/sync/state/object-layout.ts'
import {
  claimHolder,
  countOf,
  givePermits,
  HOLDERS,
  heldBy,
  holdPermit,
  MAX_COUNT,
  returnPermit,
  setCount,
  takePermit,
  vacateHolder,
} from '../../../src/sync/state/semaphore-state.ts'
import { SharedBlock } from '../../../src/sync/state/shared-block.ts'
import { chooseNext, enter, leave, nowLooking } from '../../../src/sync/state/waiting-list.ts'
import { byAnother } from '../../helpers/steps.ts'

/** One who dies, and others who live, each with a name of its own. */
export interface Cast {
  readonly block: SharedBlock
  readonly me: OwnerId
  readonly others: readonly Arena[]
  /** What happened before the actor died. */
  readonly log: string[]
  /** Places and the like, by name. */
  readonly notes: Record<string, number>
}

export interface Scenario {
  readonly title: string
  /** It must really have so many crash points. */
  readonly least: number
  readonly kind: number
  readonly prepare?: (cast: Cast) => void
  readonly act: (cast: Cast) => void
  /** After the actor was reaped. */
  readonly check: (cast: Cast) => void
  /** How many live beside it. */
  readonly others: number
  /** Words that name blocks of the object's own, beside its list. */
  readonly extensions?: readonly number[]
}

const PERMITS = 3

/** An arena with a name of its own; it has the memory of this process, as a forked child's has. */
export function newActor(): Arena {
  const { slots, me } = arena()
  const id = slots.idOf(slots.claim(me))
  return arena().attachForked(id, 1000 + id)
}

export function newCast({ kind, prepare, others: count }: Scenario): Cast {
  const block = SharedBlock.create(kind, 'object')
  const others = Array.from({ length: count }, newActor)
  const cast = { block, me: newActor().me, others, log: [], notes: {} }
  if (kind === KIND_SEMAPHORE) setCount(block, PERMITS, MAX_COUNT)
  if (kind === KIND_BARRIER) setParties(block, 3)
  prepare?.(cast)
  return cast
}

export function other({ others }: Cast, number = 0): OwnerId {
  return (others[number] as Arena).me
}

/** Anybody can have it, and it says that it was abandoned if the dead one had it. */
function assertLockWell({ block, me, log, others }: Cast): void {
  const { me: main } = arena()
  assert.notEqual(ownerOf(block), me, 'the dead one has it')
  if (ownerOf(block) !== 0) assert.ok(release(block, ownerOf(block)))
  assert.equal(take(block, main, 0), true, 'somebody else cannot have it')
  if (log.includes('taken') && !log.includes('releasing')) assert.equal(isAbandoned(block), true)
  if (!log.includes('taking')) assert.equal(isAbandoned(block), false)
  assert.equal(release(block, main), true)
  for (const { me: each } of others) {
    assert.equal(take(block, each, PROMISE), true)
    assert.equal(release(block, each), true)
  }
}

/** No permit is lost, but those that were taken for good. */
function assertPermits(cast: Cast, expected = PERMITS): void {
  const { block } = cast
  assert.equal(countOf(block), expected)
  for (let taken = 0; taken < expected; taken += 1) assert.equal(holdOne(block, other(cast)), true)
  assert.equal(holdOne(block, other(cast)), false)
  const place = claimHolder(block, other(cast))
  for (let taken = 0; taken < expected; taken += 1) assert.equal(returnPermit(block, place), true)
  assert.deepEqual([returnPermit(block, place), countOf(block)], [false, expected])
}

function holdOne(block: SharedBlock, me: OwnerId): boolean {
  return holdPermit(block, claimHolder(block, me))
}

const locks: Scenario[] = [KIND_LOCK, KIND_RLOCK].flatMap(kind => {
  const name = kind === KIND_LOCK ? 'Lock' : 'RLock'
  return [
    {
      title: `acquires and releases a ${name}`,
      least: 2,
      kind,
      others: 1,
      act: ({ block, me, log }) => {
        log.push('taking')
        take(block, me, 0)
        log.push('taken')
        log.push('releasing')
        release(block, me)
      },
      check: assertLockWell,
    },
    {
      title: `waits for a ${name}, becomes the heir, and has it`,
      least: 10,
      kind,
      others: 1,
      prepare: cast => void take(cast.block, other(cast), 0),
      act: cast => {
        const { block, me, log } = cast
        const place = enter(block, me)
        assert.equal(take(block, me, PROMISE), false)
        reserve(block, me)
        byAnother(() => {
          release(block, other(cast))
          chooseNext(block, me)
        })
        nowLooking(block, me)
        log.push('taking')
        take(block, me, PROMISE)
        log.push('taken')
        leave(block, place, me)
      },
      check: assertLockWell,
    },
    {
      title: `waits for a ${name}, becomes the heir, and gives up`,
      least: 8,
      kind,
      others: 1,
      prepare: cast => void take(cast.block, other(cast), 0),
      act: cast => {
        const { block, me } = cast
        const place = enter(block, me)
        reserve(block, me)
        byAnother(() => release(block, other(cast)))
        leave(block, place, me)
        renounce(block, me)
      },
      check: assertLockWell,
    },
    {
      title: `releases a ${name} for which others wait`,
      least: 3,
      kind,
      others: 2,
      prepare: cast => {
        take(cast.block, cast.me, PROMISE)
        cast.log.push('taking')
        for (const { me } of cast.others.slice(0, 2)) enter(cast.block, me)
      },
      act: ({ block, me }) => {
        release(block, me)
        chooseNext(block, 0)
      },
      check: cast => {
        // Whoever looks next has it, whether or not it was rung.
        assert.equal(take(cast.block, other(cast), PROMISE), true)
        assertLockWell(cast)
      },
    },
  ] satisfies Scenario[]
})

const semaphores: Scenario[] = [
  {
    title: 'holds permits of a semaphore, the first of all',
    least: 8,
    kind: KIND_SEMAPHORE,
    others: 1,
    act: ({ block, me }) => {
      for (let taken = 0; taken < 2; taken += 1) holdOne(block, me)
    },
    check: cast => assertPermits(cast),
    extensions: [HOLDERS],
  },
  {
    title: 'gives held permits back',
    least: 7,
    kind: KIND_SEMAPHORE,
    others: 1,
    prepare: ({ block, me }) => {
      for (let taken = 0; taken < 2; taken += 1) holdOne(block, me)
    },
    act: ({ block, me }) => {
      const place = claimHolder(block, me)
      while (heldBy(block, place) > 0) returnPermit(block, place)
      vacateHolder(block, place, me)
    },
    check: cast => assertPermits(cast),
    extensions: [HOLDERS],
  },
  {
    title: 'acquires a permit and releases it',
    least: 2,
    kind: KIND_SEMAPHORE,
    others: 1,
    act: ({ block, log }) => {
      takePermit(block)
      log.push('taken')
      givePermits(block, 1, MAX_COUNT)
      log.push('given')
    },
    // What was acquired and not given back is lost, and nothing else.
    check: cast => assertPermits(cast, cast.log.at(-1) === 'taken' ? PERMITS - 1 : PERMITS),
    extensions: [HOLDERS],
  },
  {
    title: 'waits for a permit that another gives back, and holds it',
    least: 10,
    kind: KIND_SEMAPHORE,
    others: 1,
    prepare: ({ block }) => {
      for (let taken = 0; taken < PERMITS; taken += 1) takePermit(block)
    },
    act: ({ block, me }) => {
      const place = enter(block, me)
      assert.equal(holdOne(block, me), false)
      byAnother(() => {
        givePermits(block, PERMITS, MAX_COUNT)
        chooseNext(block, 0)
      })
      nowLooking(block, me)
      holdOne(block, me)
      leave(block, place, me)
    },
    check: cast => {
      const missing = PERMITS - countOf(cast.block)
      // It died before they came.
      if (missing > 0) givePermits(cast.block, missing, MAX_COUNT)
      assertPermits(cast)
    },
    extensions: [HOLDERS],
  },
]

const lists: Scenario[] = [
  {
    title: 'is the fifth to wait, and makes more room for those who wait',
    least: 6,
    kind: KIND_EVENT,
    others: 5,
    prepare: cast => {
      for (const { me } of cast.others.slice(0, 4)) enter(cast.block, me)
    },
    act: ({ block, me }) => void enter(block, me),
    check: cast => assert.ok(enter(cast.block, other(cast, 4)) >= 4),
  },
  {
    title: 'waits beside others and leaves',
    least: 4,
    kind: KIND_EVENT,
    others: 1,
    prepare: cast => void enter(cast.block, other(cast)),
    act: ({ block, me }) => leave(block, enter(block, me), me),
    check: ({ block }) => assert.notEqual(chooseNext(block, 0), 0),
  },
]

export const SCENARIOS: readonly Scenario[] = [...locks, ...semaphores, ...lists]
