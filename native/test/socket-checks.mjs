import assert from 'node:assert/strict'
import { native } from './addon.mjs'

const POLLIN = 1
const POLLOUT = 4

/** @param {Uint8Array} address */
function connect(address) {
  const attempt = native.socketConnect(address)
  assert.ok(attempt !== null)
  if (attempt.isConnected) return attempt.fd
  assert.ok(native.pollDescriptor(attempt.fd, POLLOUT, 5000) > 0)
  native.socketConnected(attempt.fd)
  return attempt.fd
}

/** A listener, one who connects, and a few bytes. */
export function sockets() {
  const anywhere = native.socketHost(false, '127.0.0.1', 0, true)
  assert.ok(anywhere instanceof Uint8Array)
  const listener = native.socketListen(anywhere, 1)
  const address = native.socketAddress(listener)
  const name = native.socketName(address)
  assert.ok(Array.isArray(name) && name[0] === '127.0.0.1' && name[1] > 0)
  assert.equal(native.socketAccept(listener), null)
  const client = connect(address)
  assert.equal(native.pollDescriptor(listener, POLLIN, 5000), POLLIN)
  const accepted = native.socketAccept(listener)
  assert.ok(accepted !== null)
  assert.deepEqual(accepted.address, native.socketAddress(client))
  const bytes = new Uint8Array(8)
  assert.equal(native.socketReceive(accepted.fd, bytes), -1)
  assert.equal(native.socketSend(client, new Uint8Array([1, 2, 3])), 3)
  assert.equal(native.pollDescriptor(accepted.fd, POLLIN, 5000), POLLIN)
  assert.equal(native.socketReceive(accepted.fd, bytes), 3)
  native.close(client)
  assert.ok(native.pollDescriptor(accepted.fd, POLLIN, 5000) > 0)
  assert.equal(native.socketReceive(accepted.fd, bytes), 0)
  native.close(accepted.fd)
  native.close(listener)
}

/** What cannot be is said: by the system, or before it is asked. */
export function badSockets() {
  assert.equal(native.socketHost(false, 'localhost', 1, true), 'ENOTFOUND')
  const name = Buffer.from(`\0mp-smoke-${process.pid}`)
  const address = native.socketPath(name)
  assert.deepEqual(Buffer.from(/** @type {Uint8Array} */ (native.socketName(address))), name)
  assert.throws(() => native.socketConnect(address), { code: 'ECONNREFUSED', syscall: 'connect' })
  assert.throws(() => native.socketPath(new Uint8Array(109)), { code: 'ENAMETOOLONG' })
  assert.throws(() => native.socketListen(new Uint8Array(1), 1), RangeError)
  assert.throws(() => native.socketHost(false, '127.0.0.1', 65_536, true), RangeError)
  assert.throws(() => native.socketHost(false, 'a\0b', 1, true), RangeError)
  assert.throws(() => native.socketAccept(-1), { code: 'EBADF', syscall: 'accept' })
}
