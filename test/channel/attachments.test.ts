import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { dropAttachments, lentBlocks, storeBytes, takeBytes } from '../../src/channel/attachments.ts'
import { readMessage } from '../../src/channel/payload.ts'
import { arena } from '../../src/memory/arena.ts'
import { NOBODY } from '../../src/memory/blocks/block-entries.ts'
import { checkArena } from '../../src/memory/check.ts'
import { THE_TREE } from '../../src/memory/identity.ts'
import type { Attachment } from '../../src/wire/values/capability.ts'
import { BUFFER_MESSAGES, damage, messageOf, patterned } from '../fixtures/channel/buffer-messages.ts'
import { collectNow, collectUntil } from '../helpers/collector.ts'

/** From so many bytes on a block is lent; fewer are copied out of it. */
const WORTH_LENDING = 2 * 1024 * 1024
const COPIED = 100_000
/** Lent inside a segment. */
const LENT = 3_000_000
/** Lent with a mapping of its own: larger than what fits into a segment. */
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

for (const byteLength of [64 * 1024, 64 * 1024 + 1, 1_000_000, WORTH_LENDING - 1]) {
  test(`${byteLength} bytes arrive as they were, in a buffer of exactly their length, and their block is free at once`, () =>
    balanced(() => {
      const before = owned()
      const attachment = store(byteLength, 77)
      const buffer = take(attachment)
      assert.deepEqual([owned(), lentBlocks()], [before, 0])
      const next = store(byteLength, 78)
      assert.equal(next.reference, attachment.reference, 'the same place is used again')
      dropAttachments([attachment], arena().me)
      assert.equal(damage(take(next), byteLength, 78), null, 'which the message before does not free')
      assert.equal(damage(buffer, byteLength, 77), null, 'and which its buffer does not lie over')
      assert.throws(() => (buffer as ArrayBuffer & { resize(to: number): void }).resize(byteLength + 1), TypeError)
      assert.equal(lentBlocks(), 0)
    }))
}

for (const byteLength of [WORTH_LENDING, WORTH_LENDING + 1, 13_000_000, 16 * 1024 * 1024, RANGE]) {
  test(`${byteLength} bytes arrive as they were, in a buffer of exactly their length, and are freed when it is collected`, () =>
    balanced(() => {
      const attachment = store(byteLength, 77)
      const buffer = take(attachment)
      assert.equal(damage(buffer, byteLength, 77), null)
      assert.throws(() => (buffer as ArrayBuffer & { resize(to: number): void }).resize(byteLength + 1), TypeError)
      assert.equal(lentBlocks(), 1)
    }))
}

for (const byteLength of [WORTH_LENDING, LENT]) {
  test(`a buffer of ${byteLength} bytes lies over the block: nothing is copied on the way`, () =>
    balanced(() => {
      const attachment = store(byteLength)
      const buffer = take(attachment)
      arena().view(attachment.reference, byteLength)[500] = 99
      assert.equal(new Uint8Array(buffer)[500], 99)
    }))
}

test('a buffer that is held keeps its block, whatever else is collected', () =>
  balanced(async () => {
    const buffers = [1, 2, 3].map(seed => take(store(LENT, seed)))
    const first = buffers[0] as ArrayBuffer
    buffers.length = 0
    await collectUntil(() => lentBlocks() === 1, 'the others are collected')
    for (let seed = 10; seed < 40; seed += 1) take(store(LENT, seed))
    await collectUntil(() => lentBlocks() === 1, 'those, too')
    assert.equal(damage(first, LENT, 1), null)
  }))

/** Returns what is wrong with the bytes after each move. */
async function moveTwice(byteLength: number): Promise<(string | null)[]> {
  const buffer = take(store(byteLength, 6))
  const blocks = byteLength < WORTH_LENDING ? 0 : 1
  const moved = structuredClone(buffer, { transfer: [buffer] })
  await collectNow()
  const problems = [damage(moved, byteLength, 6)]
  // Node 20 cannot move memory that an addon gave it, and has made a copy.
  if (!('transfer' in moved)) return problems
  assert.deepEqual([buffer.byteLength, lentBlocks()], [0, blocks])
  const again = (moved as ArrayBuffer & { transfer(): ArrayBuffer }).transfer()
  await collectNow()
  assert.deepEqual([moved.byteLength, lentBlocks()], [0, blocks])
  return [...problems, damage(again, byteLength, 6)]
}

for (const byteLength of [COPIED, LENT, RANGE]) {
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
    const buffers = [take(store(COPIED, 6)), take(store(LENT, 7)), take(store(RANGE, 8))]
    worker.postMessage(buffers, buffers)
    const [[seen]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')])
    assert.deepEqual(seen, [6, 7, 8])
  }))

/** What a Worker has moved here, when it has ended. */
async function movedBy(worker: Worker): Promise<ArrayBuffer[]> {
  const [[buffers]] = (await Promise.all([once(worker, 'message'), once(worker, 'exit')])) as [[ArrayBuffer[]], unknown]
  await collectNow()
  return buffers
}

test('memory that a Worker received and gave away can be used when the Worker has ended', async () => {
  const worker = new Worker(new URL('../fixtures/channel/attachment-partners.js', import.meta.url), { workerData: { movesAndEnds: true } })
  const problems = (await movedBy(worker)).map(buffer => damage(buffer, buffer.byteLength, 3))
  assert.deepEqual(problems, [null, null])
})

test('that holds for memory inside a segment, too', async () => {
  const program = `const { parentPort, workerData } = require('node:worker_threads')
    import(workerData.module).then(({ BUFFER_MESSAGES, messageOf, patterned }) => {
      const taken = BUFFER_MESSAGES.decode(messageOf(workerData.sizes.map(byteLength => patterned(byteLength, 3))), 0)
      parentPort.postMessage(taken, taken)
    })`
  const module = new URL('../fixtures/channel/buffer-messages.js', import.meta.url).href
  const sizes = [WORTH_LENDING, LENT]
  const buffers = await movedBy(new Worker(program, { eval: true, workerData: { module, sizes } }))
  assert.deepEqual(
    buffers.map((buffer, index) => damage(buffer, sizes[index] as number, 3)),
    [null, null],
  )
})

test('what was received can be sent on', () =>
  balanced(() => {
    for (const byteLength of [COPIED, LENT, RANGE]) {
      const again = storeBytes(new Uint8Array(take(store(byteLength, 9)))) as Attachment
      assert.equal(damage(take(again), byteLength, 9), null)
    }
  }))

test('a message that cannot be decoded to its end leaves nothing', () =>
  balanced(async () => {
    const { me } = arena()
    const parts = [patterned(COPIED, 1), patterned(LENT, 2), patterned(COPIED, 3), patterned(LENT, 4), patterned(RANGE, 5)]
    const message = messageOf(parts, { failAfter: 2 })
    assert.throws(() => readMessage(BUFFER_MESSAGES, message, 0, message.length, me), { message: 'not decodable' })
    const later = messageOf(parts, { failAfter: 2 })
    const reader = { ...BUFFER_MESSAGES, decode: async (bytes: Uint8Array, offset: number) => BUFFER_MESSAGES.decode(bytes, offset, 0) }
    await assert.rejects(readMessage(reader, later, 0, later.length, me) as Promise<unknown>, { message: 'not decodable' })
  }))

test('what a message brought is the receiver’s before it is decoded, which may be much later', () =>
  balanced(async () => {
    const { me, allocator } = arena()
    const message = messageOf([patterned(COPIED, 1), patterned(LENT, 2)])
    const references = BUFFER_MESSAGES.attachmentsOf(message, 0, 0).map(({ reference }) => reference)
    const owners = (): number[] => references.map(reference => allocator.entries.ownerOf(reference))
    // They come from somebody else: from the tree, since there is no other process here.
    for (const reference of references) arena().shareBlock(reference)
    const reader = {
      ...BUFFER_MESSAGES,
      decode: async (bytes: Uint8Array, offset: number) => {
        await setImmediate()
        assert.deepEqual(owners(), [me, me])
        return BUFFER_MESSAGES.decode(bytes, offset, 0)
      },
    }
    const [copied, lent] = (await readMessage(reader, message, 0, message.length, THE_TREE)) as [ArrayBuffer, ArrayBuffer]
    assert.deepEqual([damage(copied, COPIED, 1), damage(lent, LENT, 2)], [null, null])
    assert.deepEqual(owners(), [NOBODY, me], 'what was copied is nobody’s')
  }))

for (const byteLength of [COPIED, LENT]) {
  test(`an attachment of ${byteLength} bytes is taken once, and a stale one never`, () =>
    balanced(() => {
      const { me } = arena()
      const gone = { code: 'ERR_SENDER_ENDED', name: 'MultiprocessingError' }
      const attachment = store(byteLength)
      const buffer = take(attachment)
      assert.throws(() => take(attachment), gone)
      dropAttachments([attachment], me)
      assert.equal(damage(buffer, byteLength, 1), null)
      const dropped = store(byteLength)
      dropAttachments([dropped, dropped], me)
      assert.throws(() => take(dropped), gone)
      const again = store(byteLength, 4)
      assert.equal(again.reference, dropped.reference, 'the same place is used again')
      assert.throws(() => take(dropped), gone)
      assert.equal(damage(take(again), byteLength, 4), null)
    }))
}

test('two thousand attachments are held at a time, of which a hundred are lent', () =>
  balanced(async () => {
    const [count, every] = [2000, 20]
    const sizeAt = (index: number): number => (index % every === 0 ? WORTH_LENDING : 64 * 1024)
    const buffers: ArrayBuffer[] = []
    for (let index = 0; index < count; index += 1) {
      buffers.push(take(store(sizeAt(index), index)))
      if (index % 100 === 0) await setImmediate()
    }
    assert.equal(lentBlocks(), count / every)
    assert.ok(buffers.every((buffer, index) => damage(buffer, sizeAt(index), index) === null))
  }))

test('the collector knows how much memory buffers hold, and comes by itself', () =>
  balanced(async () => {
    const before = owned()
    let most = 0
    for (let round = 0; round < 1000; round += 1) {
      take(store(LENT, round))
      await setImmediate()
      if (round % 20 === 0) most = Math.max(most, owned() - before)
    }
    assert.ok(most < 1_000_000_000, `${most} bytes of 3 GB were held at a time`)
  }))

test('a thread that receives without a turn of its event loop does not fill the arena', () =>
  balanced(async () => {
    const before = owned()
    await setImmediate()
    for (let round = 0; round < 140; round += 1) assert.equal(damage(take(store(LENT, round)), LENT, round), null)
    assert.ok(owned() - before < 300_000_000)
    assert.equal(damage(take(store(RANGE, 1)), RANGE, 1), null)
    await setImmediate()
    const attachment = store(LENT)
    const buffer = take(attachment)
    assert.equal(lentBlocks() > 0, true)
    arena().view(attachment.reference, LENT)[0] = 55
    assert.equal(new Uint8Array(buffer)[0], 55, 'and does not copy any more after one')
  }))
