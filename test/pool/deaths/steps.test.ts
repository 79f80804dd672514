// A worker dies before any one of its writes, or the pool does something at any one of its steps: each task is one's or the other's.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TaskRing } from '../../../src/channel/task-ring.ts'
import { arena } from '../../../src/memory/arena.ts'
import { checkArena } from '../../../src/memory/check.ts'
import { setStepHook } from '../../../src/memory/words.ts'
import { SeatWords } from '../../../src/pool/workforce/seat-words.ts'
import { encode } from '../../../src/wire/values/encoder.ts'
import { dieBeforeWrite } from '../../helpers/steps.ts'

const IDS = [1, 2, 3, 4]
/** No process has it. */
const WORKER = 0x3ffff

interface Scene {
  readonly ring: TaskRing
  readonly seat: SeatWords
}

/** A ring of eight with four tasks, the third with a block of its own, and a worker's seat. */
function withScene(body: (scene: Scene) => void): void {
  const { blocks, bytes } = checkArena(arena())
  const ring = TaskRing.create(8)
  const seat = SeatWords.create(2)
  for (const id of IDS)
    ring.put({ id, kind: 0, functionReference: 0, functionGeneration: 0 }, encode(id === 3 ? 'x'.repeat(1000) : `task ${id}`, 'payload'))
  try {
    body({ ring, seat })
  } finally {
    ring.clear()
    ring.free()
    arena().free(seat.reference)
  }
  const after = checkArena(arena())
  assert.deepEqual([after.problems, after.blocks, after.bytes], [[], blocks, bytes])
}

/** What a worker does with a task, but for running it: takes it, names it, reads it, and ends it. Returns its id. */
function workOn({ ring, seat }: Scene): number | null {
  const cell = ring.take(WORKER)
  if (cell === -1) return null
  const id = ring.idAt(cell)
  seat.hold(0, id)
  ring.payloadAt(cell)
  ring.release(cell)
  return id
}

function heldBy(seat: SeatWords): number[] {
  return [seat.held(0), seat.held(1)].filter(id => id !== null)
}

/** Cells are numbered by the ring, in the order of the tasks. */
function cellsOf(ring: TaskRing): number[] {
  const first = ring.take(WORKER + 1)
  assert.equal(ring.idAt(first), 1)
  assert.deepEqual(ring.recover(WORKER + 1), [1])
  return IDS.map(id => first + (id - 1) * 64)
}

for (const way of ['takeBack', 'withdraw'] as const) {
  test(`a worker dies before any write while it takes a task: ${way} gets what it has not, and what it has is lost`, () => {
    for (let n = 1, ended = false; !ended; n += 1) {
      withScene(scene => {
        const { ring, seat } = scene
        const [, ...cells] = cellsOf(ring)
        ended = !dieBeforeWrite(n, () => workOn(scene))
        const back = [2, 3, 4].filter((id, index) => {
          const got = way === 'takeBack' ? ring.takeBack(cells[index] as number, id) : ring.withdraw(cells[index] as number, id)
          return got !== null && got !== false
        })
        const lost = new Set([...ring.recover(WORKER), ...heldBy(seat)])
        assert.deepEqual([...back, ...lost].sort(), [2, 3, 4], `before write ${n}`)
        assert.equal(ring.take(WORKER + 2), -1)
        for (let id = 10; id < 18; id += 1) {
          assert.ok(ring.hasRoom(), `room for ${id}, before write ${n}`)
          ring.put({ id, kind: 0, functionReference: 0, functionGeneration: 0 }, encode(id, 'payload'))
        }
        assert.deepEqual(ring.clear().sort(), [10, 11, 12, 13, 14, 15, 16, 17])
      })
      assert.ok(n < 50)
    }
  })

  test(`a worker takes a task at any step of ${way}: one of the two has it`, () => {
    for (let n = 1, ended = false; !ended; n += 1) {
      withScene(scene => {
        const { ring } = scene
        const cell = cellsOf(ring)[1] as number
        let taken: number | null = null
        let got: unknown
        ended = !atStep(
          n,
          () => (got = way === 'takeBack' ? ring.takeBack(cell, 2) : ring.withdraw(cell, 2)),
          () => (taken = workOn(scene)),
        )
        const isBack = got !== null && got !== false
        if (!ended) assert.equal(isBack, taken !== 2, `step ${n}`)
      })
      assert.ok(n < 50)
    }
  })
}

test('the pool takes a task back at any step of a worker that takes it: one of the two has it, and the next comes', () => {
  for (let n = 1, ended = false; !ended; n += 1) {
    withScene(scene => {
      const { ring } = scene
      const cell = cellsOf(ring)[1] as number
      let taken: number | null = null
      let back: Uint8Array | null = null
      ended = !atStep(
        n,
        () => (taken = workOn(scene)),
        () => (back = ring.takeBack(cell, 2)),
      )
      if (!ended) assert.equal(taken, back === null ? 2 : 3, `step ${n}`)
    })
    assert.ok(n < 50)
  }
})

for (const isPoolFirst of [true, false]) {
  test(`the pool stops a worker for its task as that ends (${isPoolFirst ? 'the end' : 'the stop'} comes in between): it takes no other, or has ended it`, () => {
    for (let n = 1, ended = false; !ended; n += 1) {
      withScene(({ seat }) => {
        seat.hold(0, 7)
        let mayGoOn = true
        let isDoomed = false
        const end = (): void => {
          mayGoOn = seat.letGo(0, 7)
        }
        const stop = (): void => {
          isDoomed = seat.placeOf(7) === 0 && seat.doom(0, 7)
        }
        ended = !atStep(n, isPoolFirst ? stop : end, isPoolFirst ? end : stop)
        if (!ended) assert.equal(mayGoOn, !isDoomed)
        assert.deepEqual(heldBy(seat), isDoomed ? [7] : [])
        assert.equal(seat.doom(0, 7), false)
      })
      assert.ok(n < 20)
    }
  })
}

test('a worker that dies before any write at the end of its task holds that one or none', () => {
  for (let n = 1, ended = false; !ended; n += 1) {
    withScene(({ seat }) => {
      seat.hold(1, 7)
      seat.setListens(1, 7)
      seat.openCredit(1, 7)
      seat.setCredit(1, 7, 5)
      ended = !dieBeforeWrite(n, () => {
        seat.letGo(1, 7)
        seat.hold(1, 8)
      })
      const [held = 0] = heldBy(seat)
      assert.ok([7, 0, 8].includes(held))
      assert.deepEqual([seat.listens(1, 8), seat.credit(1, 8), seat.cancelReason(1, 8)], [false, 0, 0], 'nothing of the one is the other’s')
    })
  }
})

test('what is said of a task that has ended is not said of the one that has its place', () =>
  withScene(({ seat }) => {
    seat.hold(0, 7)
    seat.openCredit(0, 7)
    seat.letGo(0, 7)
    seat.hold(0, 8)
    seat.setCredit(0, 7, 5)
    seat.cancel(0, 7, 1)
    seat.giveUp(0, 7)
    assert.deepEqual([seat.credit(0, 8), seat.cancelReason(0, 8), seat.isGivenUp(0, 8), seat.credit(0, 7)], [0, 0, false, 5])
    seat.openCredit(0, 8)
    seat.setCredit(0, 7, 6)
    assert.equal(seat.credit(0, 8), 0)
  }))

test('each request to take no more tasks has an answer of its own', () =>
  withScene(({ seat }) => {
    const first = seat.retire()
    assert.equal(seat.hasAnswered(first), false)
    seat.answer()
    assert.equal(seat.hasAnswered(first), true)
    const second = seat.retire()
    assert.deepEqual([seat.hasAnswered(second), seat.hasAnswered(first)], [false, true])
    seat.answer()
    assert.equal(seat.hasAnswered(second), true)
  }))

/** Does `other` before the `n`th step of `work`, from 1 on. False: it had fewer. */
function atStep(n: number, work: () => unknown, other: () => unknown): boolean {
  let steps = 0
  setStepHook(() => {
    steps += 1
    if (steps !== n) return
    setStepHook(null)
    other()
  })
  try {
    work()
    return steps >= n
  } finally {
    setStepHook(null)
  }
}
