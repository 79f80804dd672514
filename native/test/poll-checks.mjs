import assert from 'node:assert/strict'
import { native } from './addon.mjs'

const POLLIN = 1
const POLLOUT = 4

/** Several descriptors are asked in one call. */
export function pollEntries() {
  const [ours, theirs] = native.socketPair()
  const entries = Int32Array.of(ours, POLLIN, -1, POLLIN, theirs, POLLIN | POLLOUT)
  assert.equal(native.pollEntries(entries, 1.5), 1)
  assert.deepEqual([...entries], [ours, POLLIN, -1, POLLIN, theirs, POLLIN | POLLOUT | (POLLOUT << 16)])
  native.writeDescriptor(theirs, new Uint8Array(1))
  assert.equal(native.pollEntries(entries, -1), 2)
  assert.equal(native.pollEntries(new Int32Array(0), 0), 0)
  native.close(ours)
  native.close(theirs)
  assert.throws(() => native.pollEntries(entries, 0), { code: 'EBADF', syscall: 'ppoll' })
  assert.throws(() => native.pollEntries(/** @type {any} */ (new Uint8Array(8)), 0), TypeError)
}
