// The bytes on the wire: CPython's frames, cut at every byte, and what no frame is.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connectionOver } from '../../src/connection/connection.ts'
import { PLAIN_DATA } from '../../src/connection/messages.ts'
import { TREE_DATA } from '../../src/connection/tree-data.ts'
import { Event, Listener, NotSerializableError, Pipe, Queue } from '../../src/index.ts'
import { native } from '../../src/native/load.ts'
import { assertNoGrowth, resources } from '../helpers/resources.ts'
import { type AnyConnection, prepare } from './pipes.ts'

/** A connection whose other end is a bare socket. */
async function withSocket(body: (connection: AnyConnection, socket: number) => Promise<void>, messages = PLAIN_DATA): Promise<void> {
  prepare()
  const before = resources()
  const [mine, socket] = native().socketPair()
  const connection = connectionOver(mine, { readable: true, writable: true }, messages)
  let isOpen = true
  try {
    await body(connection, socket)
    native().close(socket)
    isOpen = false
  } finally {
    connection.close()
    if (isOpen) native().close(socket)
  }
  await assertNoGrowth(before)
}

const write = (socket: number, ...bytes: (Uint8Array | number[])[]): void => {
  for (const part of bytes) native().writeDescriptor(socket, Uint8Array.from(part))
}

function read(socket: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; ) at += native().readDescriptor(socket, bytes.subarray(at))
  return bytes
}

const text = (string: string): Uint8Array => new TextEncoder().encode(string)

test('a frame is four bytes of length, big-endian, and the message', async () => {
  await withSocket(async (connection, socket) => {
    await connection.sendBytes(text('hello'))
    assert.deepEqual(read(socket, 9), Uint8Array.of(0, 0, 0, 5, ...text('hello')))
    connection.sendBytesSync(new Uint8Array(0))
    assert.deepEqual(read(socket, 4), Uint8Array.of(0, 0, 0, 0))
    const sent = connection.sendBytes(new Uint8Array(300_000))
    assert.deepEqual(read(socket, 4), Uint8Array.of(0, 4, 147, 224))
    for (let left = 300_000; left > 0; ) {
      while (native().pollDescriptor(socket, 1, 0) === 0) await new Promise(setImmediate)
      left -= native().readDescriptor(socket, new Uint8Array(left))
    }
    await sent
  })
})

test('the long form of a length is understood, too', async () => {
  await withSocket(async (connection, socket) => {
    write(socket, [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 3], text('abc'))
    assert.deepEqual(await connection.recvBytes(), text('abc'))
  })
})

for (const [name, header] of [
  ['short', [0, 0, 0, 6]],
  ['long', [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 6]],
] as const) {
  const frame = Uint8Array.from([...header, ...text('abcdef')])

  test(`a frame with a ${name} header that is cut at any byte is one message`, async () => {
    await withSocket(async (connection, socket) => {
      for (let cut = 1; cut < frame.length; cut += 1) {
        const received = connection.recvBytes()
        write(socket, frame.subarray(0, cut))
        await new Promise(setImmediate)
        await new Promise(setImmediate)
        write(socket, frame.subarray(cut), frame)
        assert.deepEqual(await received, text('abcdef'))
        assert.deepEqual(connection.recvBytesSync(), text('abcdef'))
      }
    })
  })

  test(`so it is for receivers that look in between, with a ${name} header`, async () => {
    await withSocket(async (connection, socket) => {
      for (let cut = 1; cut < frame.length; cut += 1) {
        write(socket, frame.subarray(0, cut))
        assert.throws(() => connection.recvBytesSync({ timeout: 0 }), { code: 'ERR_TIMEOUT' })
        assert.equal(connection.tryPoll(), true)
        write(socket, frame.subarray(cut))
        assert.deepEqual(connection.recvBytesSync(), text('abcdef'))
      }
    })
  })

  test(`the end within a frame with a ${name} header is an error at any byte, and stays one`, async () => {
    for (let cut = 1; cut < frame.length; cut += 1) {
      const [mine, socket] = native().socketPair()
      const connection = connectionOver(mine, { readable: true, writable: true }, PLAIN_DATA)
      const received = connection.recvBytes()
      write(socket, frame.subarray(0, cut))
      native().close(socket)
      await assert.rejects(received, { code: 'ERR_BROKEN_MESSAGE', message: /end of file during a message/ })
      assert.throws(() => connection.recvSync(), { code: 'ERR_BROKEN_MESSAGE' })
      connection.close()
    }
  })
}

test('nothing beyond a frame is read, for whoever has the descriptor, too', async () => {
  await withSocket(async (connection, socket) => {
    write(socket, [0, 0, 0, 1, 65, 0, 0, 0, 1, 66])
    assert.deepEqual(await connection.recvBytes(), text('A'))
    assert.deepEqual(read(connection.fileno(), 5), Uint8Array.of(0, 0, 0, 1, 66))
    assert.ok(socket >= 0)
  })
})

test('lengths that no message has make the connection unreadable', async () => {
  const hostile = [
    [0x80, 0, 0, 0],
    [0xff, 0xff, 0xff, 0xfd],
    [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    [0xff, 0xff, 0xff, 0xff, 0, 0x20, 0, 0, 0, 0, 0, 0],
  ]
  for (const header of hostile) {
    await withSocket(async (connection, socket) => {
      write(socket, header)
      await assert.rejects(connection.recvBytes(), { code: 'ERR_BAD_LENGTH', message: /^Bad message length/ })
      assert.equal(connection.readable, false)
      await assert.rejects(connection.recv(), { code: 'ERR_WRONG_DIRECTION', message: /unreadable since a message on it was too long/ })
    })
  }
})

test('a length alone takes no memory', async () => {
  await withSocket(async (connection, socket) => {
    const before = process.memoryUsage.rss()
    write(socket, [0x7f, 0xff, 0xff, 0xff, 1, 2, 3])
    await assert.rejects(connection.recvBytes({ timeout: 20 }), { code: 'ERR_TIMEOUT' })
    assert.ok(process.memoryUsage.rss() - before < 200e6)
  })
})

test('bytes that are no value are an error, and the next message comes', async () => {
  await withSocket(async (connection, socket) => {
    write(socket, [0, 0, 0, 3, 0xff, 0xff, 0xff])
    await assert.rejects(connection.recv(), { code: 'ERR_BAD_MESSAGE' })
    write(socket, [0, 0, 0, 1, 65])
    assert.deepEqual(await connection.recvBytes(), text('A'))
  })
})

test('what was not sent as a value is an error that says what it is', async () => {
  const cases = [
    ['#CHALLENGE#{sha256}0123456789', /^The listener asks for a key: give Client\(\) its authKey$/],
    ['\x80\x04\x95\x09', /^The message is a pickle of Python's send\(\).*recvBytes\(\)/],
    ['hello', /^A message cannot be decoded: .* \(what was sent by sendBytes\(\) is received by recvBytes\(\)\)$/],
    ['', /^A message cannot be decoded: .*recvBytes/],
  ] as const
  await withSocket(async (connection, socket) => {
    for (const [sent, message] of cases) {
      write(socket, [0, 0, 0, sent.length], Buffer.from(sent, 'latin1'))
      await assert.rejects(connection.recv(), { code: 'ERR_BAD_MESSAGE', message })
    }
  })
})

test('shared objects, and a listener anywhere, are refused without advice that does not help', async () => {
  await withSocket(async (connection, socket) => {
    const [one, two] = Pipe()
    const queue = new Queue()
    const event = new Event()
    await assert.rejects(connection.send([queue]), { message: 'item[0]: this Queue cannot leave its tree of processes' })
    await assert.rejects(connection.send(event), { message: 'item: this Event cannot leave its tree of processes' })
    await assert.rejects(connection.send(one), { message: 'item: this Connection cannot leave its tree of processes' })
    const listener = new Listener()
    await assert.rejects(one.send(listener), { name: 'NotSerializableError', message: /a Listener: it does not travel; accept here/ })
    await listener.close()
    for (const each of [one, two, queue, event]) each.close()
    assert.ok(socket >= 0)
  })
})

test('a stranger gets plain data, and nothing else', async () => {
  await withSocket(async (connection, socket) => {
    const [one, two] = Pipe()
    const event = new Event()
    for (const value of [() => 1, class A {}, event, one, new (class B {})()]) {
      await assert.rejects(connection.send(value), NotSerializableError)
      assert.throws(() => connection.sendSync([value]), NotSerializableError)
    }
    one.close()
    two.close()
    event.close()
    await connection.send({ plain: [1, 'two', new Date(3), new Uint8Array(200_000).length] })
    const [, , , length] = read(socket, 4) as unknown as [number, number, number, number]
    assert.ok(length > 10)
    read(socket, length)
  })
})

test('descriptors that a stranger sends along are closed', async () => {
  await withSocket(async (connection, socket) => {
    const state = new Float64Array(38)
    for (let round = 0; round < 50; round += 1) {
      state.fill(0)
      state.set([0, 2, 0xffffffff, 0xffffffff, 0, 3, 0, 1, 2])
      assert.equal(native().streamSend(socket, state, text('abc'), 0), 0)
      if (round % 2 === 0) await assert.rejects(connection.recv(), { code: 'ERR_BAD_MESSAGE' })
      else assert.throws(() => connection.recvBytesSync(), { code: 'ERR_BAD_MESSAGE' })
    }
  })
})

test('a message with something beside it that did not come is an error', async () => {
  await withSocket(async (connection, socket) => {
    const state = new Float64Array(38)
    state.set([0, 2, 0, 0, 100, 0])
    native().streamSend(socket, state, new Uint8Array(0), 0)
    await assert.rejects(connection.recv(), { code: 'EMFILE' })
    await connection.send(1)
    read(socket, 5)
  }, TREE_DATA)
})
