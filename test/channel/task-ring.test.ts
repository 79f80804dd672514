import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ResultRing } from '../../src/channel/result-ring.ts'
import { TaskRing } from '../../src/channel/task-ring.ts'
import { arena } from '../../src/memory/arena.ts'
import { checkArena } from '../../src/memory/check.ts'
import { Process } from '../../src/process/process.ts'
import { encode } from '../../src/wire/values/encoder.ts'
import { consume, takeAndStay } from '../fixtures/channel/consumers.ts'
import { until } from '../helpers/conditions.ts'
import { ownerOf } from '../helpers/owners.ts'
import { reached, withWords } from '../helpers/wait-words.ts'

interface Taken {
  readonly id: number
  readonly payload: unknown
}

async function withRing(capacity: number, body: (ring: TaskRing) => Promise<void> | void): Promise<void> {
  const { blocks, bytes } = checkArena(arena())
  const ring = TaskRing.create(capacity)
  try {
    await body(ring)
  } finally {
    ring.clear()
    ring.free()
  }
  const after = checkArena(arena())
  assert.deepEqual([after.problems, after.blocks, after.bytes], [[], blocks, bytes], 'no block is left')
}

function put(ring: TaskRing, id: number, payload: unknown): void {
  ring.put({ id, kind: id % 3, functionReference: 0xf0000000 + id, functionGeneration: id * 2 }, encode(payload, 'payload'))
}

function take(ring: TaskRing): Taken | null {
  const cell = ring.take(arena().me)
  if (cell === -1) return null
  const { id, kind, functionReference, functionGeneration } = ring.headAt(cell)
  assert.deepEqual([kind, functionReference, functionGeneration], [id % 3, 0xf0000000 + id, id * 2])
  const payload = ring.payloadAt(cell)
  ring.release(cell)
  return { id, payload }
}

test('tasks come out in the order in which they went in, many times around', () =>
  withRing(8, ring => {
    let next = 1
    for (let id = 1; id <= 1000; id += 1) {
      put(ring, id, { id })
      if (id % 3 !== 0 && ring.hasRoom()) continue
      for (let taken = take(ring); taken !== null; taken = take(ring), next += 1)
        assert.deepEqual(taken, { id: next, payload: { id: next } })
    }
    while (take(ring) !== null) next += 1
    assert.equal(next, 1001)
    assert.ok(ring.isEmpty)
  }))

test('a full ring has no room until a task has been taken and released', () =>
  withRing(4, ring => {
    for (let id = 1; id <= 4; id += 1) put(ring, id, id)
    assert.equal(ring.hasRoom(), false)
    const cell = ring.take(arena().me)
    assert.equal(ring.hasRoom(), false, 'the cell is still being read')
    ring.release(cell)
    assert.equal(ring.hasRoom(), true)
    put(ring, 5, 5)
    assert.deepEqual(
      [take(ring), take(ring), take(ring), take(ring), take(ring)].map(taken => taken?.id),
      [2, 3, 4, 5, undefined],
    )
  }))

test('payloads of every size come out as they went in: in the cell, in a block, in a range of segments', () =>
  withRing(16, ring => {
    for (const size of [0, 1, 190, 200, 210, 230, 5000, 40_000, 1_000_000, 14_000_000, 15_000_000, 40_000_000]) {
      const bytes = new Uint8Array(size).map((_, index) => index * 7 + size)
      put(ring, 1, bytes)
      assert.deepEqual(take(ring)?.payload, bytes)
    }
  }))

test('clear takes back what nobody has taken, and gives its blocks back', () =>
  withRing(8, ring => {
    for (let id = 1; id <= 5; id += 1) put(ring, id, 'x'.repeat(id * 200))
    assert.equal(take(ring)?.id, 1)
    assert.deepEqual(ring.clear(), [2, 3, 4, 5])
    assert.deepEqual(ring.clear(), [])
    assert.equal(take(ring), null)
    for (let id = 6; id <= 13; id += 1) put(ring, id, id)
    assert.equal(take(ring)?.id, 6)
  }))

test('a ring says that it is closed to all who read it', () =>
  withRing(4, ring => {
    const same = new TaskRing(ring.reference)
    put(ring, 1, 'last')
    assert.equal(same.closed, false)
    ring.close()
    assert.equal(same.closed, true)
    assert.deepEqual(take(same), { id: 1, payload: 'last' })
  }))

for (const read of [false, true]) {
  test(`what a killed consumer had taken and ${read ? 'read' : 'not read'} is told, and nothing of it stays`, () =>
    withWords(taken =>
      withRing(8, async ring => {
        put(ring, 1, 'x'.repeat(100_000))
        put(ring, 2, 'x'.repeat(100_000))
        const consumer = await new Process({ target: takeAndStay, args: [ring.reference, taken.reference, read] }).start()
        await reached(taken, 1)
        const dead = taken.value
        assert.deepEqual(ring.recover(arena().me), [], 'somebody else has lost nothing')
        consumer.kill()
        await consumer.join()
        assert.deepEqual(ring.recover(dead), [1])
        assert.deepEqual(ring.recover(dead), [])
        assert.equal(take(ring)?.id, 2)
        for (let id = 3; id <= 10; id += 1) put(ring, id, id)
        assert.equal(take(ring)?.id, 3)
      }),
    ))
}

test('three consumers take each task exactly once, while the ring is full most of the time', () =>
  withRing(16, async ring => {
    const total = 5000
    const results = [1, 2, 3].map(() => ResultRing.create(4096))
    const consumers = await Promise.all(
      results.map(result => new Process({ target: consume, args: [ring.reference, result.reference, arena().slot], daemon: true }).start()),
    )
    const owners = await Promise.all(consumers.map(consumer => ownerOf(consumer.pid)))
    const seen = new Uint8Array(total + 1)
    let received = 0
    const drain = (): void => {
      for (const [index, result] of results.entries()) {
        // The consumers look again by themselves: nobody has to ring them.
        result.drain(owners[index] as number, ({ id, kind, payload }) => {
          const [value, text] = payload() as [number, string]
          assert.deepEqual([value, kind, text.length], [id, id % 3, (id * 31) % 600])
          seen[id] = (seen[id] as number) + 1
          received += 1
        })
      }
    }
    for (let id = 1; id <= total; id += 1) {
      while (!ring.hasRoom()) drain()
      put(ring, id, [id, 'x'.repeat((id * 31) % 600)])
    }
    ring.close()
    await until(() => {
      drain()
      return received === total
    }, 'all have come back')
    for (const consumer of consumers) {
      await consumer.join()
      assert.equal(consumer.exitCode, 0)
    }
    assert.ok(seen.subarray(1).every(count => count === 1))
    for (const result of results) arena().free(result.reference)
  }))
