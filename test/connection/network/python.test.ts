// A real Python at the other end, in either role: the handshake of before 3.12 if it is that old, and the one since then by a few lines of its own.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Address, answerChallenge, Client, ClientSync, type Connection, deliverChallenge, Listener } from '../../../src/index.ts'
import { Python } from '../../helpers/python.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

const folder = temporaryFolder()
const MODERN = readFileSync(new URL('../../../../test/fixtures/connection/modern-peer.py', import.meta.url), 'utf8')
let python: Python
const numbers = Array.from({ length: 1000 }, (_, index) => index).values()

before(async () => {
  python = new Python()
  await python.run(`from multiprocessing.connection import Client, Listener\nexec(${literal(MODERN)})`)
})
after(() => python.end())

/** As Python writes it. */
function literal(value: string | Address | null): string {
  if (value === null) return 'None'
  if (typeof value !== 'string') return `(${literal(value[0])}, ${value[1]})`
  return JSON.stringify(value)
}

const keyOf = (key: string | null): string => (key === null ? 'None' : `b${literal(key)}`)

const ADDRESSES: Record<string, () => Address> = {
  TCP: () => ['127.0.0.1', 0],
  'a Unix socket': () => join(folder, `${numbers.next().value}`),
  'an abstract name': () => `\0polyprocess-python-${process.pid}-${numbers.next().value}`,
}

async function exchange(connection: Connection): Promise<void> {
  const there = python.run('c.send_bytes(c.recv_bytes()[::-1]); result = c.recv_bytes(5).decode(); c.close()')
  await connection.sendBytes(Buffer.from('abc'))
  assert.equal(Buffer.from(await connection.recvBytes()).toString(), 'cba')
  await connection.sendBytes(Buffer.from('ä€'))
  assert.equal(await there, 'ä€')
  await assert.rejects(connection.recvBytes(), { name: 'EndOfFileError' })
  connection.close()
}

for (const [kind, address] of Object.entries(ADDRESSES)) {
  for (const key of [null, 'secret']) {
    const ours = key === null ? {} : { authKey: key }
    const how = `over ${kind}, ${key === null ? 'without a key' : 'with a key'}`

    test(`Python connects to us ${how}`, async () => {
      const listener = new Listener({ address: address(), ...ours })
      const there = python.run(`c = Client(${literal(listener.address)}, authkey=${keyOf(key)})`)
      const connection = await listener.accept()
      await there
      await exchange(connection)
      await listener.close()
    })

    test(`we connect to Python ${how}`, async () => {
      await python.run(`l = Listener(${literal(address())}, authkey=${keyOf(key)})`)
      const bound = await python.run<Address>('result = l.address.decode() if isinstance(l.address, bytes) else l.address')
      const there = python.run('c = l.accept()')
      const connection = await Client(bound, ours)
      await there
      await exchange(connection)
      const again = python.run('c = l.accept()')
      const blocking = ClientSync(bound, ours)
      await again
      await exchange(blocking)
      await python.run('l.close()')
    })
  }
}

test('Python with a wrong key is refused by us, and we by Python', async () => {
  const listener = new Listener({ family: 'AF_INET', authKey: 'secret' })
  const there = assert.rejects(python.run(`Client(${literal(listener.address)}, authkey=b'wrong')`), { message: 'AuthenticationError' })
  await assert.rejects(listener.accept(), { name: 'AuthenticationError' })
  await there
  await listener.close()
  const bound = await python.run<Address>("l = Listener(('127.0.0.1', 0), authkey=b'secret'); result = l.address")
  const accepting = assert.rejects(python.run('l.accept()'), { message: 'AuthenticationError' })
  await assert.rejects(Client(bound, { authKey: 'wrong' }), { name: 'AuthenticationError' })
  await accepting
  await python.run('l.close()')
})

test('the handshake since Python 3.12 is spoken in both roles, with every digest', async () => {
  const bytes = Buffer.from('secret')
  const listener = new Listener({ authKey: bytes })
  for (const digest of ['md5', 'sha256', 'sha384', 'sha3_256', 'sha3_384']) {
    const there = python.run(`c = Client(${literal(listener.address)}); answer(c, b'secret'); deliver(c, b'secret', '${digest}')`)
    const connection = await listener.accept()
    await there
    await exchange(connection)
    await python.run('l = Listener()')
    const bound = await python.run<Address>('result = l.address')
    const accepting = python.run(`c = l.accept(); deliver(c, b'secret', '${digest}'); answer(c, b'secret')`)
    const connected = await Client(bound, { authKey: bytes })
    await accepting
    await exchange(connected)
    await python.run('l.close()')
  }
  await listener.close()
})

test('challenges of any digest are delivered to Python and answered', async () => {
  const listener = new Listener()
  for (const digest of [undefined, 'md5', 'sha384', 'sha3_256', 'sha3_384']) {
    const there = python.run(`c = Client(${literal(listener.address)}); answer(c, b'k'); deliver(c, b'k')`)
    const connection = await listener.accept()
    await deliverChallenge(connection, 'k', digest === undefined ? {} : { digest })
    await answerChallenge(connection, 'k')
    await there
    await exchange(connection)
  }
  await listener.close()
})

test('a Python that sends objects and not bytes is an error, and nothing is built of them', async () => {
  const listener = new Listener()
  const there = python.run(`import os; c = Client(${literal(listener.address)}); c.send({'a': os.getcwd}); c.close()`)
  const connection = await listener.accept()
  await there
  await assert.rejects(connection.recv(), { name: 'MultiprocessingError', code: 'ERR_BAD_MESSAGE', message: /a pickle/ })
  connection.close()
  await listener.close()
})
