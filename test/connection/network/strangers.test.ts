// Peers that do not do what they should. Nobody is held up by them, nothing is left of them, and each is told or counted.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { before, test } from 'node:test'
import { type Address, Client, type Connection, Listener } from '../../../src/index.ts'
import { until } from '../../helpers/conditions.ts'
import { runProgram } from '../../helpers/programs.ts'
import { assertNoGrowth, resources } from '../../helpers/resources.ts'

const authKey = 'secret'
const REFUSED = { name: 'AuthenticationError', code: 'ERR_AUTHENTICATION' }

/** Connects and says nothing of its own; its end is nobody's failure. */
async function stranger(address: Address): Promise<Socket> {
  const [host, port] = address as readonly [string, number]
  const socket = connect(port, host)
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

/** Settles when its connection is over, also by an error: a socket that is closed with something unread is reset. */
function endOf(socket: Socket): Promise<void> {
  return new Promise(resolve => socket.once('close', () => resolve()))
}

function newListener(options: { handshakeTimeout?: number } = {}): Listener {
  return new Listener({ family: 'AF_INET', authKey, ...options })
}

/** One who comes with the key is accepted. */
async function assertServes(listener: Listener): Promise<void> {
  const [accepted, connected] = await Promise.all([acceptOne(listener), Client(listener.address, { authKey, timeout: 20_000 })])
  await connected.send('hello')
  assert.equal(await accepted.recv(), 'hello')
  accepted.close()
  connected.close()
}

async function acceptOne(listener: Listener): Promise<Connection> {
  for await (const connection of listener) return connection
  throw new Error('The listener was closed')
}

// What a process opens once for itself is no growth.
before(async () => {
  const listener = newListener()
  await assertServes(listener)
  await listener.close()
})

test('a wrong key is told to both, and the listener listens on', async () => {
  const start = resources()
  const listener = newListener()
  const [ours, theirs] = await Promise.allSettled([listener.accept(), Client(listener.address, { authKey: 'wrong' })])
  assert.match(String((ours as PromiseRejectedResult).reason), /AuthenticationError: The digest received was wrong/)
  assert.match(String((theirs as PromiseRejectedResult).reason), /AuthenticationError: The digest sent was rejected/)
  assert.ok(Array.isArray(listener.lastAccepted))
  assert.equal(listener.failedHandshakes, 1)
  await assertServes(listener)
  await listener.close()
  await assertNoGrowth(start)
})

test('a listener that only says it has the key is found out by the client', async () => {
  const start = resources()
  const listener = new Listener({ family: 'AF_INET' })
  const refused = assert.rejects(Client(listener.address, { authKey }), { ...REFUSED, message: /received was wrong/ })
  const accepted = await listener.accept()
  await accepted.sendBytes(Buffer.from(`#CHALLENGE#{sha256}${'x'.repeat(40)}`))
  await accepted.recvBytes()
  await accepted.sendBytes(Buffer.from('#WELCOME#'))
  assert.equal((await accepted.recvBytes()).length, 59)
  await accepted.sendBytes(Buffer.from(`{sha256}${'y'.repeat(32)}`))
  assert.equal(Buffer.from(await accepted.recvBytes()).toString(), '#FAILURE#')
  await refused
  accepted.close()
  await listener.close()
  await assertNoGrowth(start)
})

test('a client with a key at a listener without one is told when the listener says something else, or goes', async () => {
  const listener = new Listener({ family: 'AF_INET' })
  const greeted = assert.rejects(Client(listener.address, { authKey }), { ...REFUSED, message: /Expected a challenge/ })
  const first = await listener.accept()
  await first.send('hello')
  await greeted
  const left = assert.rejects(Client(listener.address, { authKey }), REFUSED)
  const second = await listener.accept()
  second.close()
  await left
  first.close()
  await listener.close()
})

test('a peer that says nothing does not hold up the next', async () => {
  const start = resources()
  const listener = newListener()
  const silent = await Promise.all(Array.from({ length: 20 }, () => stranger(listener.address)))
  await assertServes(listener)
  assert.equal(listener.failedHandshakes, 0)
  for (const socket of silent) socket.destroy()
  await assert.rejects(listener.accept(), { ...REFUSED, message: /ended the connection/ })
  await listener.close()
  await assertNoGrowth(start)
})

test('a peer that is too slow is dismissed, and one accept() is told', async () => {
  const start = resources()
  const listener = newListener({ handshakeTimeout: 30 })
  const slow = await stranger(listener.address)
  const accepting = listener.accept()
  const ended = endOf(slow)
  slow.on('data', () => slow.write('\0'))
  await assert.rejects(accepting, { ...REFUSED, message: /did not authenticate within 30 ms/ })
  await ended
  await assertServes(listener)
  await listener.close()
  await assertNoGrowth(start)
})

test('one that fails while nobody waits is counted, and one that authenticates then is kept for the next accept()', async () => {
  const listener = newListener()
  const controller = new AbortController()
  const accepting = listener.accept({ signal: controller.signal })
  const bad = await stranger(listener.address)
  await once(bad, 'data')
  const good = Client(listener.address, { authKey })
  // Both have been let in by the accept() that now is called off.
  controller.abort()
  await assert.rejects(accepting, { name: 'AbortError' })
  bad.end('\xff\xff\xff\xff')
  await until(() => listener.failedHandshakes === 1, 'the failure is counted')
  const [accepted, connected] = await Promise.all([listener.accept(), good])
  accepted.close()
  connected.close()
  await listener.close()
})

for (const [what, bytes] of Object.entries({
  'a frame of 257 bytes': Buffer.concat([Buffer.from([0, 0, 1, 1]), Buffer.alloc(257)]),
  'a frame of 2 GiB': Buffer.from([0x7f, 0xff, 0xff, 0xff]),
  'a negative length': Buffer.from([0x80, 0, 0, 0]),
  'a length of 64 bits': Buffer.concat([Buffer.from([0xff, 0xff, 0xff, 0xff]), Buffer.alloc(8, 1)]),
  'a frame of ours for large data': Buffer.concat([Buffer.from([0xff, 0xff, 0xff, 0xfe]), Buffer.alloc(16)]),
  'an empty response': Buffer.alloc(4),
  'our own words': Buffer.concat([Buffer.from([0, 0, 0, 9]), Buffer.from('#WELCOME#')]),
  'something of the web': Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'),
})) {
  test(`a peer that sends ${what} is refused at once`, async () => {
    const start = resources()
    const listener = newListener()
    const peer = await stranger(listener.address)
    const ended = endOf(peer)
    peer.resume().write(bytes)
    await assert.rejects(listener.accept(), REFUSED)
    await ended
    await assertServes(listener)
    await listener.close()
    await assertNoGrowth(start)
  })
}

test('a peer that goes at any byte of its response is refused', async () => {
  const start = resources()
  const listener = newListener()
  const response = Buffer.concat([Buffer.from([0, 0, 0, 40]), Buffer.from('{sha256}'), Buffer.alloc(32)])
  for (let cut = 0; cut < response.length; cut += 1) {
    const peer = await stranger(listener.address)
    peer.resume().end(response.subarray(0, cut))
    await assert.rejects(listener.accept(), { ...REFUSED, message: /ended the connection/ })
    peer.destroy()
  }
  assert.equal(listener.failedHandshakes, response.length)
  await listener.close()
  await assertNoGrowth(start)
})

test('closing the listener ends those who are authenticating', async () => {
  const start = resources()
  const listener = newListener()
  const silent = await Promise.all(Array.from({ length: 5 }, () => stranger(listener.address)))
  const accepting = listener.accept()
  const greeted = silent.map(socket => once(socket, 'data'))
  await Promise.all(greeted)
  const ended = silent.map(endOf)
  await listener.close()
  await assert.rejects(accepting, { name: 'ClosedError' })
  await Promise.all(ended)
  await assertNoGrowth(start)
})

test('behind 1,000 peers that say nothing one with the key has its turn, and no more than 64 of them are let in at once', async () => {
  const start = resources()
  const listener = newListener()
  const silent: Socket[] = []
  const flooding = Array.from({ length: 1000 }, async () => {
    silent.push(await stranger(listener.address).catch(() => undefined as never))
  })
  const iterator = listener[Symbol.asyncIterator]()
  const accepting = iterator.next()
  await until(() => silent.length >= 64, '64 have connected')
  const most = resources().descriptors
  const [{ value: accepted }, connected] = await Promise.all([accepting, Client(listener.address, { authKey, timeout: 60_000 })])
  await connected.send('hello')
  assert.equal(await (accepted as Connection).recv(), 'hello')
  ;(accepted as Connection).close()
  connected.close()
  await listener.close()
  await Promise.allSettled(flooding)
  for (const socket of silent) socket?.destroy()
  assert.ok(most < start.descriptors + 1000 + 64 * 2 + 20, `there were ${most} descriptors`)
  await assertNoGrowth(start)
})

for (const parameters of [[], [authKey]]) {
  test(`without descriptors one accept() is told, and the listener listens on (${parameters.length === 0 ? 'no key' : 'a key'})`, async () => {
    const program = new URL('../../fixtures/connection/no-descriptors-program.js', import.meta.url)
    const { stdout, stderr, status } = await runProgram(program, parameters, { shell: 'ulimit -n 200' })
    assert.deepEqual([stdout, stderr, status], ['EMFILE\nMultiprocessingError EMFILE\nhello\n', '', 0])
  })
}
