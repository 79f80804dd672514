// Whoever dies while large data is on its way, every block of it is freed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lentBlocks } from '../../src/channel/attachments.ts'
import { dropMessage } from '../../src/channel/payload.ts'
import { ResultRing } from '../../src/channel/result-ring.ts'
import { TaskRing } from '../../src/channel/task-ring.ts'
import { arena } from '../../src/memory/arena.ts'
import { checkArena } from '../../src/memory/check.ts'
import { Process } from '../../src/process/process.ts'
import { sendAndStay, takeAndKeep } from '../fixtures/channel/attachment-partners.ts'
import { BUFFER_MESSAGES, damage, messageOf, patterned } from '../fixtures/channel/buffer-messages.ts'
import { collectUntil } from '../helpers/collector.ts'
import { ownerOf } from '../helpers/owners.ts'
import { reached, withWords } from '../helpers/wait-words.ts'

/** Copied out of its block, lent inside a segment, and lent with a mapping of its own. */
const SIZES = [100_000, 3_000_000, 20_000_000]

async function balanced(body: () => Promise<void> | void): Promise<void> {
  const { blocks, bytes } = checkArena(arena())
  await body()
  await collectUntil(() => lentBlocks() === 0, 'all buffers are collected')
  const after = checkArena(arena())
  assert.deepEqual([after.problems, after.blocks, after.bytes], [[], blocks, bytes], 'no block is left')
}

function withTasks(body: (ring: TaskRing) => Promise<void> | void): Promise<void> {
  return balanced(async () => {
    const ring = TaskRing.create(16, BUFFER_MESSAGES)
    await body(ring)
    ring.free()
  })
}

function withResults(body: (ring: ResultRing) => Promise<void> | void): Promise<void> {
  return balanced(async () => {
    const ring = ResultRing.create(4096, BUFFER_MESSAGES)
    await body(ring)
    arena().free(ring.reference)
  })
}

/** `padding`: the message itself travels in a block, too. */
function put(ring: TaskRing, id: number, { padding = 0 } = {}): void {
  const message = messageOf(
    SIZES.map(byteLength => patterned(byteLength, id)),
    { padding },
  )
  ring.put({ id, kind: 0, functionReference: 0, functionGeneration: 0 }, message)
}

function drain(ring: ResultRing, writer: number): unknown[] {
  const received: unknown[] = []
  ring.drain(writer, ({ payload }) => {
    try {
      received.push(...(payload() as unknown[]))
    } catch (error) {
      received.push((error as { code: string }).code)
    }
  })
  return received
}

test('what was sent and never taken is freed when the ring is cleared', () =>
  withTasks(ring => {
    for (let id = 1; id <= 10; id += 1) put(ring, id, { padding: id > 5 ? 1000 : 0 })
    const cell = ring.take(arena().me)
    const buffers = ring.payloadAt(cell) as ArrayBuffer[]
    ring.release(cell)
    assert.equal(ring.clear().length, 9)
    assert.deepEqual(
      buffers.map((buffer, index) => damage(buffer, SIZES[index] as number, 1)),
      [null, null, null],
    )
  }))

test('a message that is not sent after all is dropped with what it has', () =>
  balanced(() => {
    dropMessage(BUFFER_MESSAGES, messageOf(SIZES.map(byteLength => patterned(byteLength, 1))))
  }))

for (const { blind, padding } of [
  { blind: true, padding: 0 },
  { blind: true, padding: 1000 },
  { blind: false, padding: 0 },
]) {
  const how = blind ? `had ${padding > 0 ? 'large messages' : 'messages'} and not yet what came with them` : 'held what came with messages'
  test(`nothing is left of a receiver that ${how} when it was killed`, () =>
    withWords(taken =>
      withTasks(async ring => {
        for (let id = 1; id <= 10; id += 1) put(ring, id, { padding })
        const receiver = await new Process({ target: takeAndKeep, args: [ring.reference, taken.reference, blind] }).start()
        await reached(taken, 1)
        const dead = taken.value
        receiver.kill()
        await receiver.join()
        assert.equal(ring.recover(dead).length, blind ? 10 : 0)
        assert.ok(ring.isEmpty)
      }),
    ))
}

test('what a sender sent outlives it once it is received', () =>
  withWords(sent =>
    withResults(async ring => {
      const sender = await new Process({ target: sendAndStay, args: [ring.reference, sent.reference, SIZES] }).start()
      await reached(sent, 1)
      const buffers = drain(ring, await ownerOf(sender.pid)) as ArrayBuffer[]
      sender.kill()
      await sender.join()
      assert.deepEqual(
        buffers.map((buffer, index) => damage(buffer, SIZES[index] as number, index)),
        [null, null, null],
      )
    }),
  ))

test('who receives after the sender was killed and reaped is told so', () =>
  withWords(sent =>
    withResults(async ring => {
      const sender = await new Process({ target: sendAndStay, args: [ring.reference, sent.reference, SIZES] }).start()
      await reached(sent, 1)
      const writer = await ownerOf(sender.pid)
      sender.kill()
      await sender.join()
      assert.deepEqual(drain(ring, writer), ['ERR_SENDER_ENDED'])
    }),
  ))
