import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ResultRing } from '../../src/channel/result-ring.ts'
import { arena } from '../../src/memory/arena.ts'
import { checkArena } from '../../src/memory/check.ts'
import { Process } from '../../src/process/process.ts'
import { encode } from '../../src/wire/values/encoder.ts'
import { writeForEver } from '../fixtures/channel/consumers.ts'
import { isRunning, until } from '../helpers/conditions.ts'
import { ownerOf } from '../helpers/owners.ts'

async function withRing(capacity: number, body: (ring: ResultRing) => Promise<void> | void): Promise<void> {
  const { blocks, bytes } = checkArena(arena())
  const ring = ResultRing.create(capacity)
  try {
    await body(ring)
  } finally {
    arena().free(ring.reference)
  }
  const after = checkArena(arena())
  assert.deepEqual([after.problems, after.blocks, after.bytes], [[], blocks, bytes], 'no block is left')
}

function put(ring: ResultRing, id: number, payload: unknown): boolean {
  return ring.put({ id, kind: id % 3, moment: 0, time: 0 }, encode(payload, 'payload'))
}

function drain(ring: ResultRing): [number, unknown][] {
  const received: [number, unknown][] = []
  ring.drain(arena().me, ({ id, kind, payload }) => {
    assert.equal(kind, id % 3)
    received.push([id, payload()])
  })
  return received
}

test('results come out in order and whole, many times around, whatever their sizes', () =>
  withRing(1024, ring => {
    let next = 1
    for (let id = 1; id <= 3000; id += 1) {
      while (!put(ring, id, [id, 'x'.repeat((id * 13) % 230)])) {
        for (const [received, payload] of drain(ring)) {
          assert.deepEqual([received, payload], [next, [next, 'x'.repeat((next * 13) % 230)]])
          next += 1
        }
      }
    }
    next += drain(ring).length
    assert.equal(next, 3001)
    assert.deepEqual(drain(ring), [])
  }))

test('every length of a record meets every place in the ring', () =>
  withRing(512, ring => {
    for (let round = 0; round < 200; round += 1) {
      for (let length = 0; length <= 120; length += 7) {
        const payload = new Uint8Array(length).fill(round)
        while (!put(ring, round, payload)) assert.ok(drain(ring).length > 0)
        if ((round + length) % 5 === 0) drain(ring)
      }
    }
    drain(ring)
  }))

test('a payload of more than a quarter of the ring travels beside it, up to a range of segments', () =>
  withRing(1024, ring => {
    for (const size of [200, 256, 257, 300, 5000, 40_000, 1_000_000, 15_000_000, 33_000_000]) {
      const bytes = new Uint8Array(size).fill(size % 250)
      assert.ok(put(ring, 1, bytes))
      assert.deepEqual(drain(ring), [[1, bytes]])
    }
  }))

test('a full ring refuses, says that its writer waits, and the drain says whom to ring', () =>
  withRing(256, ring => {
    let id = 0
    while (put(ring, id + 1, 'x'.repeat(20))) id += 1
    assert.ok(id >= 4)
    assert.equal(ring.writerWaits, true)
    let received = 0
    assert.equal(
      ring.drain(arena().me, () => {
        received += 1
      }),
      true,
    )
    assert.equal(received, id)
    assert.equal(ring.writerWaits, false)
    assert.ok(put(ring, 1, 'x'))
    assert.equal(
      ring.drain(arena().me, () => {}),
      false,
      'nobody waits any more',
    )
  }))

test('a block whose result was refused is not left behind', () =>
  withRing(64, ring => {
    const large = 'x'.repeat(1000)
    while (put(ring, 1, large));
    assert.equal(put(ring, 1, large), false)
    assert.ok(drain(ring).length > 0)
  }))

test('what arrives while the ring is drained is drained, too', () =>
  withRing(1024, ring => {
    put(ring, 1, 'first')
    const received: number[] = []
    ring.drain(arena().me, ({ id, payload }) => {
      payload()
      received.push(id)
      if (id < 5) put(ring, id + 1, 'next')
    })
    assert.deepEqual(received, [1, 2, 3, 4, 5])
  }))

test('a writer that is killed at any moment leaves whole results and nothing else', () =>
  withRing(8192, async ring => {
    for (let round = 0; round < 8; round += 1) {
      const writer = await new Process({ target: writeForEver, args: [ring.reference, arena().slot], daemon: true }).start()
      const owner = await ownerOf(writer.pid)
      let last = 0
      const readAll = (): void => {
        ring.drain(owner, ({ id, kind, payload }) => {
          const [value, text] = payload() as [number, string]
          assert.deepEqual([value, kind, text.length], [id, 0, (id * 37) % 3000])
          assert.equal(id, last + 1)
          last = id
        })
      }
      await until(() => {
        readAll()
        return last > 50 + round * 13
      }, 'results have come')
      writer.kill()
      // Its blocks go with its slot, so what is there is read before it is joined, as a pool does.
      await until(() => !isRunning(writer.pid as number), 'the writer is gone')
      readAll()
      await writer.join()
    }
  }))
