import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { challengeWith, respond, WELCOME } from '../../../src/connection/handshake/digests.ts'
import { answer, asClient, asListener, type Handshake } from '../../../src/connection/handshake/handshake.ts'
import { SocketHandshake } from '../../../src/connection/handshake/socket-handshake.ts'
import { native } from '../../../src/native/load.ts'

const key = Buffer.from('secret')
const other = Buffer.from('another')
const refused = (message: RegExp) => ({ name: 'AuthenticationError', code: 'ERR_AUTHENTICATION', message })

/** Two ends of a connection; the first is ours, the other the peer's. */
let [ours, peers] = [-1, -1]
beforeEach(() => {
  ;[ours, peers] = native().socketPair()
})
afterEach(() => {
  for (const fd of [ours, peers]) if (fd !== -1) native().close(fd)
})

function framed(payload: Uint8Array): Buffer {
  const header = Buffer.alloc(4)
  header.writeInt32BE(payload.length)
  return Buffer.concat([header, payload])
}

/** All that has come to the peer. */
function atPeer(): Buffer {
  const bytes = new Uint8Array(1000)
  return Buffer.from(bytes.subarray(0, Math.max(0, native().socketReceive(peers, bytes))))
}

/** One after the other, until both are done or nothing comes any more. */
function converse(one: Handshake, two: Handshake): boolean[] {
  const sides = [new SocketHandshake(ours, one), new SocketHandshake(peers, two)] as const
  let done = [false, false]
  for (let turn = 0; turn < 6 && done.includes(false); turn += 1) done = sides.map((side, index) => done[index] === true || side.advance())
  return done
}

test('a listener and a client with the same key authenticate each other, also with an empty one', () => {
  assert.deepEqual(converse(asListener(key), asClient(key)), [true, true])
  assert.deepEqual(converse(asListener(new Uint8Array(0)), asClient(new Uint8Array(0))), [true, true])
  assert.equal(native().socketReceive(ours, new Uint8Array(1)), -1)
})

test('both are told when the keys differ', () => {
  const listener = new SocketHandshake(ours, asListener(key))
  const client = new SocketHandshake(peers, asClient(other))
  assert.equal(listener.advance(), false)
  assert.equal(client.advance(), false)
  assert.throws(() => listener.advance(), refused(/digest received was wrong/))
  assert.throws(() => client.advance(), refused(/digest sent was rejected/))
})

test('the conversation is byte for byte that of Python 3.13', () => {
  const listener = new SocketHandshake(ours, asListener(key))
  assert.equal(listener.advance(), false)
  const challenge = atPeer()
  assert.equal(challenge.length, 4 + 59)
  assert.equal(challenge.toString('latin1', 0, 4 + 19), '\0\0\0\x3b#CHALLENGE#{sha256}')
  native().socketSend(peers, framed(respond(key, challenge.subarray(15))))
  assert.equal(listener.advance(), false)
  assert.deepEqual(atPeer(), framed(WELCOME))
  const message = Buffer.concat([Buffer.from('{sha256}'), Buffer.alloc(40, 7)])
  native().socketSend(peers, framed(challengeWith(message)))
  assert.equal(listener.advance(), false)
  assert.deepEqual(atPeer(), framed(respond(key, message)))
  native().socketSend(peers, framed(WELCOME))
  assert.equal(listener.advance(), true)
})

test('frames may come byte by byte, and nothing behind the handshake is read', () => {
  const client = new SocketHandshake(ours, asClient(key))
  const message = Buffer.alloc(20, 1)
  for (const byte of framed(challengeWith(message))) {
    assert.equal(client.advance(), false)
    native().socketSend(peers, Uint8Array.of(byte))
  }
  assert.equal(client.advance(), false)
  assert.deepEqual(atPeer(), framed(respond(key, message)))
  for (const byte of framed(WELCOME)) {
    native().socketSend(peers, Uint8Array.of(byte))
    assert.equal(client.advance(), false)
  }
  const challenge = atPeer()
  const after = framed(Buffer.from('the first message'))
  native().socketSend(peers, Buffer.concat([framed(respond(key, challenge.subarray(15))), after]))
  assert.equal(client.advance(), true)
  const rest = new Uint8Array(100)
  assert.deepEqual(Buffer.from(rest.subarray(0, native().socketReceive(ours, rest))), after)
})

test('a peer that goes at any byte of the handshake is refused', () => {
  const message = Buffer.alloc(20, 1)
  const whole = Buffer.concat([framed(challengeWith(message)), framed(WELCOME)])
  for (let cut = 0; cut < whole.length; cut += 1) {
    const [mine, theirs] = native().socketPair()
    const client = new SocketHandshake(mine, answer(key))
    native().socketSend(theirs, whole.subarray(0, cut))
    native().close(theirs)
    // Where it is too late for our answer the system says so, which then is the cause.
    assert.throws(() => client.advance(), refused(/ended the connection|did not authenticate/))
    native().close(mine)
  }
})

test('a frame of 256 bytes is read, one of 257 or of a length that there is not is refused at once', () => {
  const full = new SocketHandshake(ours, answer(key))
  const longest = Buffer.concat([Buffer.from('#CHALLENGE#{sha256}'), Buffer.alloc(256 - 19)])
  native().socketSend(peers, framed(longest))
  assert.equal(full.advance(), false)
  for (const length of [257, 0x7fffffff, -1, -2, -0x80000000]) {
    const header = Buffer.alloc(4)
    header.writeInt32BE(length)
    native().socketSend(peers, header)
    assert.throws(() => new SocketHandshake(ours, answer(key)).advance(), refused(/bad message length/))
  }
})

test('a peer that says something else is refused', () => {
  for (const text of ['', 'hello', '#CHALLENGE#', '#CHALLENGE#too short', '#FAILURE#']) {
    native().socketSend(peers, framed(Buffer.from(text)))
    assert.throws(() => new SocketHandshake(ours, asClient(key)).advance(), refused(/hallenge/))
  }
  const verdicts = ['', '#FAILURE#', '#WELCOME', '#WELCOME# ']
  for (const verdict of verdicts) {
    native().socketSend(peers, Buffer.concat([framed(challengeWith(Buffer.alloc(20))), framed(Buffer.from(verdict))]))
    assert.throws(() => new SocketHandshake(ours, asClient(key)).advance(), refused(/rejected/))
  }
})

test('a peer that is gone before the first word is refused, with the cause', () => {
  native().close(peers)
  peers = -1
  assert.throws(
    () => new SocketHandshake(ours, asListener(key)).advance(),
    ({ code, cause }: Error & { code?: unknown; cause?: unknown }) =>
      code === 'ERR_AUTHENTICATION' && (cause as NodeJS.ErrnoException).code === 'EPIPE',
  )
})
