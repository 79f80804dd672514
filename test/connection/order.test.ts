// Many calls at once on one connection, of either form: they are served in order, and those that are called off leave nothing behind.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connectionOver } from '../../src/connection/connection.ts'
import { PLAIN_DATA } from '../../src/connection/messages.ts'
import { ClosedError, TimeoutError } from '../../src/index.ts'
import { native } from '../../src/native/load.ts'
import { assertPending, withPipe } from './pipes.ts'

const MEGABYTE = 1024 * 1024
const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value)

test('receivers are served in the order in which they came', async () => {
  await withPipe(async (left, right) => {
    const received = [0, 1, 2, 3, 4].map(() => right.recv())
    for (let item = 0; item < 5; item += 1) await left.send(item)
    assert.deepEqual(await Promise.all(received), [0, 1, 2, 3, 4])
  })
})

test('senders are served in the order in which they came, with no message within another', async () => {
  await withPipe(async (left, right) => {
    const sizes = [3 * MEGABYTE, 1, MEGABYTE, 0, 70_000, 5]
    const sent = sizes.map((size, index) => left.sendBytes(filled(size, index)))
    for (const [index, size] of sizes.entries()) assert.deepEqual(await right.recvBytes(), filled(size, index))
    await Promise.all(sent)
  })
})

test('a blocking receiver serves those that wait before it', async () => {
  await withPipe(async (left, right) => {
    const first = right.recv()
    const second = right.recv()
    for (const item of ['first', 'second', 'third']) left.sendSync(item)
    assert.equal(right.recvSync(), 'third')
    assert.deepEqual(await Promise.all([first, second]), ['first', 'second'])
  })
})

test('a blocking receiver whose time is up leaves those before it waiting', async () => {
  await withPipe(async (left, right) => {
    const first = right.recv()
    assert.throws(() => right.recvSync({ timeout: 5 }), TimeoutError)
    assert.equal(right.tryRecv('none'), 'none')
    await assertPending(first)
    left.sendSync('it')
    assert.equal(await first, 'it')
  })
})

test('what comes for a receiver that waits is not there for others', async () => {
  await withPipe(async (left, right) => {
    const first = right.recv()
    left.sendSync('for the first')
    assert.equal(right.tryPoll(), false)
    assert.equal(right.tryRecv('none'), 'none')
    assert.equal(await first, 'for the first')
  })
})

test('a receiver that is called off takes nothing', async () => {
  await withPipe(async (left, right) => {
    const controller = new AbortController()
    const aborted = right.recv({ signal: controller.signal })
    const timed = right.recv({ timeout: 10 })
    const patient = right.recv()
    controller.abort(new Error('not any more'))
    await assert.rejects(aborted, /not any more/)
    await assert.rejects(timed, TimeoutError)
    left.sendSync('for the patient one')
    assert.equal(await patient, 'for the patient one')
    await assert.rejects(right.recv({ signal: AbortSignal.abort(new Error('before')) }), /before/)
  })
})

test('a sender that is called off before its first byte has sent nothing', async () => {
  await withPipe(async (left, right) => {
    const first = left.sendBytes(filled(MEGABYTE, 1))
    const controller = new AbortController()
    const aborted = left.sendBytes(filled(10, 2), { signal: controller.signal })
    const timed = left.sendBytes(filled(10, 3), { timeout: 10 })
    const last = left.sendBytes(filled(10, 4))
    controller.abort(new Error('not any more'))
    await assert.rejects(aborted, /not any more/)
    await assert.rejects(timed, { code: 'ERR_TIMEOUT', message: 'The wait timed out' })
    assert.throws(() => left.sendSync(5, { timeout: 5 }), TimeoutError)
    await assert.rejects(left.sendBytes(filled(10, 6), { timeout: 0 }), TimeoutError)
    assert.deepEqual(await right.recvBytes(), filled(MEGABYTE, 1))
    assert.deepEqual(await right.recvBytes(), filled(10, 4))
    await Promise.all([first, last])
    assert.equal(right.tryPoll(), false)
  })
})

test('a message of which a part has gone is sent to its end, whoever stops waiting for that', async () => {
  await withPipe(async (left, right) => {
    const halves = [
      () => left.sendBytes(filled(MEGABYTE, 1), { timeout: 10 }),
      () => left.sendBytes(filled(MEGABYTE, 1), { timeout: 0 }),
      async () => left.sendBytesSync(filled(MEGABYTE, 1), { timeout: 10 }),
      async () => left.sendBytesSync(filled(MEGABYTE, 1), { timeout: 0 }),
    ]
    for (const half of halves) {
      await assert.rejects(half, /the rest follows/)
      const next = left.sendBytes(filled(10, 2))
      assert.deepEqual(await right.recvBytes(), filled(MEGABYTE, 1))
      assert.deepEqual(await right.recvBytes(), filled(10, 2))
      await next
    }
  })
})

test('an aborted sender of which a part has gone is sent to its end, too', async () => {
  await withPipe(async (left, right) => {
    const controller = new AbortController()
    const aborted = left.sendBytes(filled(MEGABYTE, 1), { signal: controller.signal })
    controller.abort()
    await assert.rejects(aborted, { name: 'AbortError' })
    left.sendBytes(filled(5, 2))
    assert.deepEqual(await right.recvBytes(), filled(MEGABYTE, 1))
    assert.deepEqual(await right.recvBytes(), filled(5, 2))
  })
})

test('the caller may change bytes that are on their way', async () => {
  await withPipe(async (left, right) => {
    const bytes = filled(MEGABYTE, 1)
    const sent = left.sendBytes(bytes)
    bytes.fill(9)
    assert.deepEqual(await right.recvBytes(), filled(MEGABYTE, 1))
    await sent
  })
})

test('half a message that has come is gone on with by the next receiver', async () => {
  await withPipe(async (left, right) => {
    const sent = left.sendBytes(filled(MEGABYTE, 1))
    await assert.rejects(right.recvBytes({ timeout: 0 }), TimeoutError)
    assert.throws(() => right.recvBytesSync({ timeout: 0 }), TimeoutError)
    assert.equal(right.tryRecv('not all of it'), 'not all of it')
    assert.equal(right.tryPoll(), true)
    assert.deepEqual(await right.recvBytes(), filled(MEGABYTE, 1))
    await sent
  })
})

test('closing ends those that wait', async () => {
  await withPipe(async (left, right) => {
    const waiting = [right.recv(), right.poll(), right.recvBytes(), right.sendBytes(filled(MEGABYTE, 1))]
    right.close()
    for (const each of waiting) await assert.rejects(each, ClosedError)
    assert.throws(() => left.sendSync(1), { code: 'EPIPE' })
  })
})

test('a connection on which there is always something leaves the event loop its turn', async () => {
  await withPipe(async (left, right) => {
    let turned = false
    setImmediate(() => {
      turned = true
    })
    for (let count = 0; count < 2000 && !turned; count += 1) {
      await left.send(count)
      assert.equal(await right.recv(), count)
    }
    assert.equal(turned, true)
  })
})

test('thousands of messages go both ways at once', async () => {
  await withPipe(async (left, right) => {
    const send = async (from: typeof left, count: number): Promise<void> => {
      for (let item = 0; item < count; item += 1) await from.send(item % 7 === 0 ? 'x'.repeat(item % 40_000) : item)
    }
    const receive = async (at: typeof left, count: number): Promise<void> => {
      for (let item = 0; item < count; item += 1) {
        const got = await at.recv()
        assert.equal(got, item % 7 === 0 ? 'x'.repeat(item % 40_000) : item)
      }
    }
    await Promise.all([send(left, 3000), send(right, 3000), receive(left, 3000), receive(right, 3000)])
  })
})

test('who polls takes nothing: others of the thread see what is there meanwhile', async () => {
  await withPipe(async (left, right) => {
    const polled = right.poll()
    assert.equal(right.tryPoll(), false)
    for (const item of ['first', 'second']) left.sendSync(item)
    assert.equal(right.tryPoll(), true)
    assert.equal(right.tryRecv(), 'first')
    assert.equal(await polled, true)
    const received = right.poll().then(() => right.recv())
    assert.equal(right.tryPoll(), true)
    assert.equal(await received, 'second')
  })
})

test('what one receiver waits for is not there for another, what comes behind it is', async () => {
  await withPipe(async (left, right) => {
    const received = right.recv()
    left.sendSync('first')
    assert.deepEqual([right.tryPoll(), right.tryRecv('none')], [false, 'none'])
    left.sendSync('second')
    assert.deepEqual([right.tryPoll(), right.tryRecv('none')], [true, 'second'])
    assert.equal(await received, 'first')
  })
})

test('a value whose modules are not imported yet is first in line for whatever comes next', async () => {
  let arrive: (value: string) => void = () => {}
  const late = new Promise<string>(resolve => {
    arrive = resolve
  })
  const [first, second] = native().socketPair() as [number, number]
  const both = { readable: true, writable: true }
  const left = connectionOver<string>(first, both, PLAIN_DATA)
  const right = connectionOver<string>(second, both, { ...PLAIN_DATA, decode: () => late })
  left.sendSync('late')
  left.sendBytesSync(Uint8Array.of(1))
  const notImported = { code: 'ERR_NOT_IMPORTED', message: /`await connection\.recv\(\)` gives it/ }
  for (const form of ['recvSync', 'tryRecv', 'recvBytesSync'] as const) assert.throws(() => right[form](), notImported)
  await assert.rejects(right.recvBytes(), notImported)
  assert.throws(() => right.recvBytesIntoSync(new Uint8Array(8)), notImported)
  await assert.rejects(right.recvBytesInto(new Uint8Array(8)), notImported)
  assert.equal(right.tryPoll(), true)
  arrive('value')
  await late
  assert.equal(right.recvSync(), 'value')
  assert.deepEqual(await right.recvBytes(), Uint8Array.of(1))
  left.close()
  right.close()
})
