// What a connection does, between two ends in one process: values, bytes, directions, ends, and the errors that Python has there.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import {
  BufferTooShortError,
  ClosedError,
  Connection,
  EndOfFileError,
  Event,
  MultiprocessingError,
  Pipe,
  TimeoutError,
} from '../../src/index.ts'
import { withPipe } from './pipes.ts'

const code = (expected: string) => (error: unknown) => error instanceof MultiprocessingError && error.code === expected

test('values arrive as they were sent, in all forms', async () => {
  await withPipe(async (left, right) => {
    const values = [
      0,
      'text',
      undefined,
      null,
      [1, [2]],
      { when: new Date(5), map: new Map([[1, new Set([2])]]) },
      2n ** 70n,
      new Uint8Array(100_000),
    ]
    for (const value of values) {
      await left.send(value)
      assert.deepEqual(await right.recv(), value)
      right.sendSync(value)
      assert.deepEqual(left.recvSync(), value)
      await right.send(value)
      assert.deepEqual(left.tryRecv('nothing'), value)
    }
    assert.equal(left.tryRecv('nothing'), 'nothing')
    assert.equal(left.tryRecv(), undefined)
  })
})

test('functions, classes and shared objects travel', async () => {
  class Point {
    x = 1
    double(): number {
      return this.x * 2
    }
  }
  await withPipe(async (left, right) => {
    const factor = 3
    await left.send({ triple: (n: number) => n * factor, point: new Point(), event: new Event() })
    const { triple, point, event } = await right.recv()
    assert.equal(triple(5), 15)
    assert.equal(point.double(), 2)
    event.set()
  })
})

test('bytes are sent from any view, as a whole or in part', async () => {
  await withPipe(async (left, right) => {
    const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)
    await left.sendBytes(bytes)
    assert.deepEqual(await right.recvBytes(), bytes)
    left.sendBytesSync(new Uint16Array(bytes.buffer), { offset: 2 })
    assert.deepEqual(right.recvBytesSync(), bytes.slice(2))
    await left.sendBytes(new DataView(bytes.buffer, 1), { offset: 1, size: 3 })
    assert.deepEqual(await right.recvBytes(), Uint8Array.of(3, 4, 5))
    await left.sendBytes(bytes.buffer, { offset: 8 })
    assert.deepEqual(await right.recvBytes(), new Uint8Array(0))
    const shared = new SharedArrayBuffer(3)
    new Uint8Array(shared).set([9, 8, 7])
    await left.sendBytes(shared)
    assert.deepEqual(await right.recvBytes(), Uint8Array.of(9, 8, 7))
  })
})

test('parts outside of the bytes are range errors, and nothing is sent', async () => {
  await withPipe(async (left, right) => {
    const bytes = new Uint8Array(8)
    for (const part of [{ offset: -1 }, { offset: 9 }, { size: -1 }, { size: 9 }, { offset: 4, size: 5 }]) {
      await assert.rejects(left.sendBytes(bytes, part), RangeError)
      assert.throws(() => left.sendBytesSync(bytes, part), RangeError)
    }
    await assert.rejects(left.sendBytes('text' as never), TypeError)
    await assert.rejects(left.sendBytes(bytes, { length: 3 } as never), TypeError)
    await assert.rejects(right.recvBytes({ maxLength: -1 }), RangeError)
    await assert.rejects(right.recvBytesInto(bytes, { offset: 9 }), RangeError)
    await assert.rejects(right.recvBytesInto(bytes, { offset: -1 }), RangeError)
    await assert.rejects(right.recv(5 as never), TypeError)
    assert.equal(right.tryPoll(), false)
  })
})

test('bytes are received into memory that is there', async () => {
  await withPipe(async (left, right) => {
    const target = new Uint8Array(6)
    await left.sendBytes(Uint8Array.of(1, 2, 3))
    assert.equal(await right.recvBytesInto(target, { offset: 2 }), 3)
    assert.deepEqual(target, Uint8Array.of(0, 0, 1, 2, 3, 0))
    await left.sendBytes(Uint8Array.of(4, 5))
    assert.equal(right.recvBytesIntoSync(new Uint16Array(target.buffer)), 2)
    assert.deepEqual(target, Uint8Array.of(4, 5, 1, 2, 3, 0))
  })
})

test('a message that does not fit is in the error, and the next one comes', async () => {
  await withPipe(async (left, right) => {
    for (const size of [5, 100_000]) {
      const message = new Uint8Array(size).fill(7)
      const sent = left.sendBytes(message)
      await assert.rejects(right.recvBytesInto(new Uint8Array(6), { offset: 2 }), error => {
        assert.ok(error instanceof BufferTooShortError)
        assert.equal(error.code, 'ERR_BUFFER_TOO_SHORT')
        assert.deepEqual(error.bytes, message)
        return true
      })
      await sent
    }
    await left.send('next')
    assert.equal(await right.recv(), 'next')
  })
})

test('a message longer than maxLength makes a duplex end unreadable', async () => {
  await withPipe(async (left, right) => {
    await left.sendBytes(new Uint8Array(10))
    assert.equal((await right.recvBytes({ maxLength: 10 })).length, 10)
    await left.sendBytes(new Uint8Array(11))
    await assert.rejects(right.recvBytes({ maxLength: 10 }), code('ERR_BAD_LENGTH'))
    assert.equal(right.readable, false)
    await assert.rejects(right.recv(), /unreadable since/)
    assert.throws(() => right.tryPoll(), /unreadable since/)
    await right.send('still writes')
    assert.equal(await left.recv(), 'still writes')
  })
})

test('a message longer than maxLength closes an end that only reads', async () => {
  await withPipe({ duplex: false }, async (reader, writer) => {
    writer.sendBytesSync(new Uint8Array(100_000 / 2))
    assert.throws(() => reader.recvBytesSync({ maxLength: 3 }), code('ERR_BAD_LENGTH'))
    assert.equal(reader.closed, true)
    assert.throws(() => writer.sendSync(1), code('EPIPE'))
  })
})

test('an end of a one-way pipe has one direction', async () => {
  await withPipe({ duplex: false }, async (reader, writer) => {
    assert.deepEqual([reader.readable, reader.writable, writer.readable, writer.writable], [true, false, false, true])
    const wrong = code('ERR_WRONG_DIRECTION')
    await assert.rejects((reader as Connection).send(1), wrong)
    assert.throws(() => (reader as Connection).sendBytesSync(new Uint8Array(1)), wrong)
    for (const use of [() => writer.recv(), () => writer.recvBytes(), () => writer.poll(), () => writer.recvBytesInto(new Uint8Array(1))]) {
      await assert.rejects(use as () => Promise<unknown>, wrong)
    }
    for (const use of [() => writer.recvSync(), () => writer.tryRecv(), () => writer.pollSync(), () => writer.tryPoll()])
      assert.throws(use, wrong)
    await writer.send('one way')
    assert.equal(await reader.recv(), 'one way')
  })
})

test('poll tells whether there is something, and takes nothing', async () => {
  await withPipe(async (left, right) => {
    assert.equal(right.tryPoll(), false)
    assert.equal(await right.poll({ timeout: 0 }), false)
    assert.equal(await right.poll({ timeout: 5 }), false)
    assert.equal(right.pollSync({ timeout: 5 }), false)
    const polled = right.poll()
    left.sendSync('here')
    assert.equal(await polled, true)
    assert.deepEqual([right.tryPoll(), right.pollSync(), await right.poll()], [true, true, true])
    assert.equal(right.recvSync(), 'here')
    left.close()
    assert.deepEqual([right.tryPoll(), right.pollSync(), await right.poll()], [true, true, true], 'the end counts')
  })
})

test('what was sent before the end arrives before it', async () => {
  await withPipe(async (left, right) => {
    left.sendSync(1)
    left.sendBytesSync(new Uint8Array(2))
    left.close()
    assert.equal(await right.recv(), 1)
    assert.equal((await right.recvBytes()).length, 2)
    await assert.rejects(right.recv(), EndOfFileError)
    assert.throws(() => right.recvSync(), code('ERR_END_OF_FILE'))
    assert.throws(() => right.tryRecv(), EndOfFileError)
    await assert.rejects(right.send(1), code('EPIPE'))
  })
})

test('a peer that went without reading everything is an end, too', async () => {
  await withPipe(async (left, right) => {
    right.sendSync('never read')
    left.sendSync('last words')
    left.close()
    assert.equal(await right.recv(), 'last words')
    await assert.rejects(right.recv(), EndOfFileError)
    await assert.rejects(right.recv(), EndOfFileError)
  })
})

test('sending to nobody is EPIPE, with the cause', async () => {
  await withPipe(async (left, right) => {
    right.close()
    for (const use of [() => left.send(1), async () => left.sendSync(1), () => left.sendBytes(new Uint8Array(1e6))]) {
      await assert.rejects(use, (error: MultiprocessingError) => error.code === 'EPIPE' && error.cause instanceof Error)
    }
  })
})

test('a closed connection refuses everything, and may be closed again', async () => {
  await withPipe(async (left, right) => {
    left.close()
    left.close()
    left[Symbol.dispose]()
    assert.equal(left.closed, true)
    const uses = [() => left.send(1), () => left.recv(), () => left.sendBytes(new Uint8Array(1)), () => left.recvBytes(), () => left.poll()]
    for (const use of uses) await assert.rejects(use as () => Promise<unknown>, ClosedError)
    for (const use of [() => left.sendSync(1), () => left.recvSync(), () => left.tryRecv(), () => left.tryPoll(), () => left.fileno()]) {
      assert.throws(use, ClosedError)
    }
    await assert.rejects(right.send(left), ClosedError)
    assert.equal(inspect(left), 'Connection { closed }')
    assert.match(inspect(right), /^Connection \{ descriptor \d+, readable, writable \}$/)
  })
})

test('a connection is iterated to its end', async () => {
  await withPipe(async (left, right) => {
    const seen = (async () => {
      const items: unknown[] = []
      for await (const item of right) items.push(item)
      return items
    })()
    for (let item = 0; item < 1000; item += 1) await left.send(item)
    left.close()
    assert.deepEqual(await seen, [...Array(1000).keys()])
  })
})

test('time is up for who receives, and the message comes later', async () => {
  await withPipe(async (left, right) => {
    await assert.rejects(right.recv({ timeout: 0 }), TimeoutError)
    await assert.rejects(right.recv({ timeout: 10 }), TimeoutError)
    assert.throws(() => right.recvSync({ timeout: 0 }), TimeoutError)
    assert.throws(() => right.recvBytesSync({ timeout: 10 }), TimeoutError)
    left.sendSync('later')
    assert.equal(await right.recv({ timeout: 0 }), 'later')
  })
})

test('nobody makes a connection but those who have a socket for it', () => {
  assert.throws(() => new (Connection as unknown as new () => object)(), TypeError)
  assert.throws(() => Pipe({ duplex: 1 } as never), TypeError)
  assert.throws(() => Pipe(false as never), { name: 'TypeError', message: /an object like \{ duplex: false \}, got false/ })
})
