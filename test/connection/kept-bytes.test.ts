// Bytes that are received stay what they are, wherever they were put.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MessageChannel } from 'node:worker_threads'
import { withPipe } from './pipes.ts'

const LENGTHS = [0, 1, 63, 64, 65, 1_000, 4_097, 16_383, 16_384, 16_385, 40_000, 65_536, 65_537, 150_000]

const message = (length: number, seed: number): Uint8Array => new Uint8Array(length).map((_, index) => index * 31 + seed)

test('messages of all lengths stay as they were when others come after them', async () => {
  await withPipe(async (first, second) => {
    const kept: [Uint8Array, Uint8Array][] = []
    for (let round = 0; round < 20; round += 1) {
      for (const length of LENGTHS) {
        const sent = message(length, round)
        const sending = first.sendBytes(sent)
        kept.push([sent, round % 2 === 0 ? second.recvBytesSync() : await second.recvBytes()])
        await sending
      }
    }
    for (const [sent, received] of kept) assert.deepEqual(received, sent)
  })
})

test('who writes into one message changes no other', async () => {
  await withPipe((first, second) => {
    const received = Array.from({ length: 100 }, (_, index) => {
      first.sendBytesSync(message(index, 0))
      const bytes = second.recvBytesSync()
      first.sendSync([index])
      assert.deepEqual(second.recvSync(), [index])
      return bytes
    })
    for (const bytes of received) bytes.fill(bytes.length)
    for (const bytes of received) assert.ok(bytes.every(byte => byte === bytes.length))
  })
})

test('the numbers in a message can be viewed where they are', async () => {
  await withPipe((first, second) => {
    for (const length of [1, 8, 3, 16, 70, 24]) {
      first.sendBytesSync(new Uint8Array(length))
      assert.equal(second.recvBytesSync().byteOffset % 8, 0)
    }
  })
})

test('nobody can transfer a short message away and others with it', async () => {
  await withPipe((first, second) => {
    const { port1, port2 } = new MessageChannel()
    first.sendBytesSync(message(100, 1))
    first.sendBytesSync(message(100, 2))
    const [bytes, other] = [second.recvBytesSync(), second.recvBytesSync()]
    try {
      // On Node.js 20 this is a copy, later on an error.
      port1.postMessage(bytes, [bytes.buffer as ArrayBuffer])
    } catch (error) {
      assert.equal((error as Error).name, 'DataCloneError')
    }
    assert.deepEqual([bytes, other], [message(100, 1), message(100, 2)])
    port1.close()
    port2.close()
  })
})

test('a program that takes the memory of a message all the same does not have that of the next', async context => {
  const { transfer } = ArrayBuffer.prototype as { transfer?: () => ArrayBuffer }
  if (transfer === undefined) return context.skip('this version of Node.js has no ArrayBuffer.prototype.transfer')
  await withPipe((first, second) => {
    first.sendBytesSync(message(100, 1))
    try {
      transfer.call(second.recvBytesSync().buffer)
    } catch (error) {
      // From Node.js 24 on.
      assert.ok(error instanceof TypeError)
    }
    first.sendBytesSync(message(100, 2))
    assert.deepEqual(second.recvBytesSync(), message(100, 2))
  })
})

test('a message that comes in pieces stays, and so does what came before it', async () => {
  await withPipe(async (first, second) => {
    first.sendBytesSync(message(10, 1))
    const before = second.recvBytesSync()
    const long = message(3_000_000, 2)
    const sending = first.sendBytes(long)
    assert.throws(() => second.recvBytesSync({ timeout: 0 }), { name: 'TimeoutError' })
    assert.deepEqual(await second.recvBytes(), long)
    await sending
    assert.deepEqual(before, message(10, 1))
  })
})
