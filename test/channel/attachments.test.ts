import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { dropAttachments, lentBlocks, storeBytes, takeBytes } from '../../src/channel/attachments.ts'
import { readMessage } from '../../src/channel/payload.ts'
import { arena } from '../../src/memory/arena.ts'
import { checkArena } from '../../src/memory/check.ts'
import type { Attachment } from '../../src/wire/values/capability.ts'
import { BUFFER_MESSAGES, damage, messageOf, patterned } from '../fixtures/channel/buffer-messages.ts'
import { collectNow, collectUntil } from '../helpers/collector.ts'

const SMALL = 100_000
/** Larger than what fits into a segment. */
const RANGE = 33_000_003

function store(byteLength: number, seed = 1): Attachment {
  return storeBytes(patterned(byteLength, seed)) as Attachment
}

function take(attachment: Attachment): ArrayBuffer {
  return takeBytes(attachment, arena().me)
}

/** Runs the body, and looks that every block comes back once its buffers are collected. */
async function balanced(body: () => Promise<void> | void): Promise<void> {
  const { blocks, bytes } = checkArena(arena())
  await body()
  await collectUntil(() => lentBlocks() === 0, 'all buffers are collected')
  const after = checkArena(arena())
  assert.deepEqual([after.problems, after.blocks, after.bytes], [[], blocks, bytes], 'no block is left')
}

function owned(): number {
  return checkArena(arena()).bytes
}

test('a few bytes are not worth a block', () => {
  assert.equal(storeBytes(new Uint8Array(1000)), null)
  assert.equal(storeBytes(new Uint8Array(64 * 1024 - 1)), null)
})

for (const byteLength of [64 * 1024, 64 * 1024 + 1, 1_000_000, 13_000_000, 16 * 1024 * 1024, RANGE]) {
  test(`${byteLength} bytes arrive as they were, in a buffer of exactly their length, and are freed when it is collected`, () =>
    balanced(() => {
      const attachment = store(byteLength, 77)
      const buffer = take(attachment)
      assert.equal(damage(buffer, byteLength, 77), null)
      assert.throws(() => (buffer as ArrayBuffer & { resize(to: number): void }).resize(byteLength + 1), TypeError)
      assert.equal(lentBlocks(), 1)
    }))
}

test('the buffer lies over the block: nothing is copied on the way', () =>
  balanced(() => {
    const attachment = store(SMALL)
    const buffer = take(attachment)
    arena().view(attachment.reference, SMALL)[500] = 99
    assert.equal(new Uint8Array(buffer)[500], 99)
  }))

test('a buffer that is held keeps its block, whatever else is collected', () =>
  balanced(async () => {
    const buffers = [1, 2, 3].map(seed => take(store(SMALL, seed)))
    const first = buffers[0] as ArrayBuffer
    buffers.length = 0
    await collectUntil(() => lentBlocks() === 1, 'the others are collected')
    for (let seed = 10; seed < 40; seed += 1) take(store(SMALL, seed))
    await collectUntil(() => lentBlocks() === 1, 'those, too')
    assert.equal(damage(first, SMALL, 1), null)
  }))

/** Returns what is wrong with the bytes after each move. */
async function moveTwice(byteLength: number): Promise<(string | null)[]> {
  const buffer = take(store(byteLength, 6))
  const moved = structuredClone(buffer, { transfer: [buffer] })
  await collectNow()
  const problems = [damage(moved, byteLength, 6)]
  // Node 20 cannot move memory that an addon gave it, and has made a copy.
  if (!('transfer' in moved)) return problems
  assert.deepEqual([buffer.byteLength, lentBlocks()], [0, 1])
  const again = (moved as ArrayBuffer & { transfer(): ArrayBuffer }).transfer()
  await collectNow()
  assert.deepEqual([moved.byteLength, lentBlocks()], [0, 1])
  return [...problems, damage(again, byteLength, 6)]
}

for (const byteLength of [SMALL, RANGE]) {
  test(`a buffer of ${byteLength} bytes can be transferred, and its memory lives as long as somebody has it`, () =>
    balanced(async () => {
      const problems = await moveTwice(byteLength)
      assert.deepEqual(
        problems.filter(problem => problem !== null),
        [],
      )
    }))
}

test('memory that a Worker has been given comes back when the Worker has ended', () =>
  balanced(async () => {
    const program = `const { parentPort } = require('node:worker_threads')
      parentPort.once('message', buffers => parentPort.postMessage(buffers.map(buffer => new Uint8Array(buffer).at(-1))))`
    const worker = new Worker(program, { eval: true })
    const buffers = [take(store(SMALL, 7)), take(store(RANGE, 8))]
    worker.postMessage(buffers, buffers)
    const [[seen]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')])
    assert.deepEqual(seen, [7, 8])
  }))

test('memory that a Worker received and gave away can be used when the Worker has ended', async () => {
  const worker = new Worker(new URL('../fixtures/channel/attachment-partners.js', import.meta.url), { workerData: { movesAndEnds: true } })
  const [[buffers]] = (await Promise.all([once(worker, 'message'), once(worker, 'exit')])) as [[ArrayBuffer[]], unknown]
  await collectNow()
  assert.deepEqual(
    buffers.map(buffer => damage(buffer, buffer.byteLength, 3)),
    [null, null],
  )
})

test('what was received can be sent on', () =>
  balanced(() => {
    for (const byteLength of [SMALL, RANGE]) {
      const again = storeBytes(new Uint8Array(take(store(byteLength, 9)))) as Attachment
      assert.equal(damage(take(again), byteLength, 9), null)
    }
  }))

test('a message that cannot be decoded to its end leaves nothing', () =>
  balanced(async () => {
    const { me } = arena()
    const message = messageOf([patterned(SMALL, 1), patterned(SMALL, 2), patterned(RANGE, 3)], { failAfter: 1 })
    assert.throws(() => readMessage(BUFFER_MESSAGES, message, 0, message.length, me), { message: 'not decodable' })
    const later = messageOf([patterned(SMALL, 1), patterned(SMALL, 2)], { failAfter: 1 })
    const reader = { ...BUFFER_MESSAGES, decode: async (bytes: Uint8Array, offset: number) => BUFFER_MESSAGES.decode(bytes, offset, 0) }
    await assert.rejects(readMessage(reader, later, 0, later.length, me) as Promise<unknown>, { message: 'not decodable' })
  }))

test('what a message brought is the receiver’s before it is decoded, which may be much later', () =>
  balanced(async () => {
    const { me, allocator } = arena()
    const message = messageOf([patterned(SMALL, 1)])
    const [attachment] = BUFFER_MESSAGES.attachmentsOf(message, 0, 0)
    const reader = {
      ...BUFFER_MESSAGES,
      decode: async (bytes: Uint8Array, offset: number) => {
        await setImmediate()
        return BUFFER_MESSAGES.decode(bytes, offset, 0)
      },
    }
    const [buffer] = (await readMessage(reader, message, 0, message.length, me)) as [ArrayBuffer]
    assert.equal(allocator.entries.ownerOf((attachment as Attachment).reference), me)
    assert.equal(damage(buffer, SMALL, 1), null)
  }))

test('an attachment is taken once, and a stale one never', () =>
  balanced(() => {
    const { me } = arena()
    const gone = { code: 'ERR_SENDER_ENDED', name: 'MultiprocessingError' }
    const attachment = store(SMALL)
    const buffer = take(attachment)
    assert.throws(() => take(attachment), gone)
    dropAttachments([attachment], me)
    assert.equal(damage(buffer, SMALL, 1), null)
    const dropped = store(SMALL)
    dropAttachments([dropped, dropped], me)
    assert.throws(() => take(dropped), gone)
    const again = store(SMALL, 4)
    assert.equal(again.reference, dropped.reference, 'the same place is used again')
    assert.throws(() => take(dropped), gone)
    assert.equal(damage(take(again), SMALL, 4), null)
  }))

test('ten thousand attachments are held at a time', () =>
  balanced(async () => {
    const count = 10_000
    const buffers: ArrayBuffer[] = []
    for (let index = 0; index < count; index += 1) {
      buffers.push(take(store(64 * 1024, index)))
      if (index % 1000 === 0) await setImmediate()
    }
    assert.equal(lentBlocks(), count)
    assert.ok(buffers.every((buffer, index) => damage(buffer, 64 * 1024, index) === null))
  }))

test('the collector knows how much memory buffers hold, and comes by itself', () =>
  balanced(async () => {
    const before = owned()
    let most = 0
    for (let round = 0; round < 3000; round += 1) {
      take(store(1_000_000, round))
      await setImmediate()
      if (round % 50 === 0) most = Math.max(most, owned() - before)
    }
    assert.ok(most < 1_000_000_000, `${most} bytes of 3 GB were held at a time`)
  }))

test('a thread that receives without a turn of its event loop does not fill the arena', () =>
  balanced(async () => {
    const before = owned()
    await setImmediate()
    for (let round = 0; round < 400; round += 1) assert.equal(damage(take(store(1_000_000, round)), 1_000_000, round), null)
    assert.ok(owned() - before < 300_000_000)
    assert.equal(damage(take(store(RANGE, 1)), RANGE, 1), null)
    await setImmediate()
    const attachment = store(SMALL)
    const buffer = take(attachment)
    assert.equal(lentBlocks() > 0, true)
    arena().view(attachment.reference, SMALL)[0] = 55
    assert.equal(new Uint8Array(buffer)[0], 55, 'and does not copy any more after one')
  }))
