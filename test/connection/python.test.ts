// A real Python at the other end of a socket.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { test } from 'node:test'
import { connectionOver } from '../../src/connection/connection.ts'
import { PLAIN_DATA } from '../../src/connection/messages.ts'
import { native } from '../../src/native/load.ts'
import type { AnyConnection } from './pipes.ts'

const OPTIONS = { readable: true, writable: true }

async function withPython(program: string, body: (connection: AnyConnection, python: ChildProcess) => Promise<void>): Promise<void> {
  const [mine, theirs] = native().socketPair()
  const connection = connectionOver(mine, OPTIONS, PLAIN_DATA)
  const code = `from multiprocessing.connection import Connection\nc = Connection(3)\n${program}`
  const python = spawn('python3', ['-c', code], { stdio: ['ignore', 'inherit', 'inherit', theirs] })
  native().close(theirs)
  const ended = once(python, 'exit')
  try {
    await body(connection, python)
    assert.deepEqual(await ended, [0, null])
  } finally {
    connection.close()
    python.kill()
  }
}

const SIZES = [0, 1, 4, 16_384, 16_385, 70_000, 3_000_000]

test('Python returns bytes of any size as they were', async () => {
  await withPython('while True:\n  b = c.recv_bytes()\n  if b == b"end": break\n  c.send_bytes(b)', async connection => {
    for (const size of SIZES) {
      const bytes = new Uint8Array(size).map((_, index) => index * 7)
      const sent = connection.sendBytes(bytes)
      assert.deepEqual(await connection.recvBytes(), bytes)
      await sent
    }
    connection.sendBytesSync(Buffer.from('end'))
    await assert.rejects(connection.recvBytes(), { code: 'ERR_END_OF_FILE' })
  })
})

test('so it does for code that blocks', async () => {
  await withPython('while True:\n  b = c.recv_bytes()\n  if b == b"end": break\n  c.send_bytes(b)', async connection => {
    for (const size of SIZES.filter(each => each < 100_000)) {
      const bytes = new Uint8Array(size).fill(size)
      connection.sendBytesSync(bytes)
      assert.deepEqual(connection.recvBytesSync(), bytes)
    }
    connection.sendBytesSync(Buffer.from('end'))
  })
})

test('Python sees the end, a message that is too long for it, and our half message', async () => {
  await withPython('try:\n  c.recv_bytes()\nexcept EOFError:\n  pass\nelse:\n  raise SystemExit(3)', async connection => connection.close())
  await withPython(
    'try:\n  c.recv_bytes(5)\nexcept OSError as e:\n  assert str(e) == "bad message length"\nc.send_bytes(b"ok")',
    async connection => {
      await connection.sendBytes(new Uint8Array(6))
      assert.deepEqual(await connection.recvBytes(), new Uint8Array(Buffer.from('ok')))
    },
  )
  await withPython('try:\n  c.recv_bytes()\nexcept OSError as e:\n  assert "end of file during message" in str(e)', async connection => {
    await assert.rejects(connection.sendBytes(new Uint8Array(2e7), { timeout: 0 }), { code: 'ERR_TIMEOUT' })
    connection.close()
  })
})

test('messages between us and a Python that shares the descriptor go to one or the other, whole', async () => {
  const [mine, theirs] = native().socketPair()
  const sender = connectionOver(mine, OPTIONS, PLAIN_DATA)
  const receiver = connectionOver(theirs, OPTIONS, PLAIN_DATA)
  // Its `recv_bytes` would fail if the descriptor had become non-blocking.
  const program =
    'from multiprocessing.connection import Connection\nc = Connection(3)\nprint(flush=True)\nassert c.recv_bytes() == b"for Python"\nc.close()'
  const waiting = receiver.recvBytes()
  sender.sendBytesSync(Buffer.from('for us'))
  assert.deepEqual(Buffer.from(await waiting).toString(), 'for us')
  const python = spawn('python3', ['-c', program], { stdio: ['ignore', 'pipe', 'inherit', theirs] })
  const ended = once(python, 'exit')
  await once(python.stdout as Readable, 'data')
  sender.sendBytesSync(Buffer.from('for Python'))
  assert.deepEqual(await ended, [0, null])
  sender.sendBytesSync(Buffer.from('for us again'))
  assert.deepEqual(Buffer.from(await receiver.recvBytes()).toString(), 'for us again')
  sender.close()
  receiver.close()
})
