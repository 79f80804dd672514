// Connections as the addon sees them: watches, frames, descriptors that are kept and that go with their thread.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'
import { native } from './addon.mjs'
import { sharedBuffer } from './lending-checks.mjs'

const READABLE = 1
const WRITABLE = 2

async function watches() {
  const [mine, theirs] = native.socketPair()
  /** @type {(events: number) => void} */
  let tell = () => {}
  const told = () => new Promise(resolve => (tell = resolve))
  const watch = native.pollWatch(mine, events => tell(events))
  const other = native.pollWatch(mine, () => {})
  watch.ref()
  watch.wait(READABLE)
  let next = told()
  native.writeDescriptor(theirs, Uint8Array.of(1))
  assert.equal(await next, READABLE)
  next = told()
  watch.wait(READABLE | WRITABLE)
  assert.equal(await next, READABLE | WRITABLE)
  watch.wait(0)
  watch.unref()
  native.readDescriptor(mine, new Uint8Array(1))
  const [, flags = ''] = /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${mine}`, 'latin1')) ?? []
  assert.equal(Number.parseInt(flags, 8) & 0o4000, 0, 'it blocks as it did')
  watch.close()
  watch.close()
  watch.wait(READABLE)
  other.close()
  native.close(mine)
  assert.equal(native.readDescriptor(theirs, new Uint8Array(1)), 0, 'nobody holds the other end')
  native.close(theirs)
  assert.throws(() => watch.wait.call({}, 1), TypeError)
  assert.throws(() => native.pollWatch(-1, () => {}))
  assert.throws(() => native.pollWatch(0, /** @type {any} */ (null)), TypeError)
}

function wholeFrames() {
  const [mine, theirs] = native.socketPair()
  const incoming = new Float64Array(43)
  const target = new Uint8Array(8)
  assert.equal(native.streamReceiveNext(theirs, incoming, target, 0, 8, 0), -1)
  assert.equal(native.streamSendNext(mine, Uint8Array.of(1, 2, 3)), -1)
  assert.equal(native.streamReceiveNext(theirs, incoming, target, 2, 6, 5), 3)
  assert.deepEqual([...target], [0, 0, 1, 2, 3, 0, 0, 0])
  assert.equal(native.streamSendNext(mine, Uint8Array.of(4, 5, 6)), -1)
  assert.equal(native.streamReceiveNext(theirs, incoming, target, 0, 2, 5), -5)
  assert.equal(native.streamReceive(theirs, incoming, target, 8, 5), 0)
  assert.deepEqual([incoming[2], ...target.subarray(0, 3)], [3, 4, 5, 6])
  incoming[0] = incoming[3] = 0
  assert.equal(native.streamSend(mine, new Float64Array(38).fill(2, 1, 2), target, 0), 0)
  assert.equal(native.streamReceiveNext(theirs, incoming, target, 0, 8, 0), -4)
  assert.deepEqual([incoming[1], incoming[2]], [2, 8])
  assert.throws(() => native.streamReceiveNext(theirs, incoming, target, 4, 5, 0), RangeError)
  const sent = native.streamSendNext(mine, new Uint8Array(4_000_000))
  assert.ok(sent > 0 && sent < 4_000_000)
  native.close(mine)
  native.close(theirs)
  assert.throws(() => native.streamSendNext(-1, target), { code: 'EBADF' })
}

function frames() {
  const [mine, theirs] = native.socketPair()
  const out = new Float64Array(38)
  const incoming = new Float64Array(43)
  const target = new Uint8Array(8)
  assert.equal(native.streamReceive(theirs, incoming, target, 8, 0), -1)
  assert.equal(native.streamSend(mine, out, Uint8Array.of(1, 2, 3), 0), 0)
  assert.equal(out[0], 7)
  assert.equal(native.streamReceive(theirs, incoming, target, 2, 5), 1)
  assert.equal(native.streamReceive(theirs, incoming, target, 8, 5), 0)
  assert.deepEqual([incoming[2], ...target.subarray(0, 3)], [3, 1, 2, 3])
  incoming[0] = incoming[3] = 0
  out.set([0, 2, 7, 8, 9, 1, mine])
  assert.equal(native.streamSend(mine, out, new Uint8Array(0), 0), 0)
  assert.equal(native.streamReceive(theirs, incoming, target, 8, 0), 0)
  assert.deepEqual([...incoming.subarray(4, 7), incoming[10]], [7, 8, 9, 1])
  native.close(/** @type {number} */ (incoming[11]))
  native.close(mine)
  incoming[0] = incoming[10] = 0
  assert.equal(native.streamReceive(theirs, incoming, target, 8, 0), -3)
  out.fill(0)
  assert.throws(() => native.streamSend(theirs, out, target, 0), { code: 'EPIPE' })
  assert.throws(() => native.streamSend(theirs, new Float64Array(2), target, 0), TypeError)
  out.set([0, 2, 0, 0, 0, 33])
  assert.throws(() => native.streamSend(theirs, out, target, 0), RangeError)
  native.close(theirs)
}

/** A process has one keeper, which its main thread opens. */
const arenaId = randomBytes(16).toString('hex')

function keeping() {
  const { fd } = sharedBuffer(1)
  const [mine, theirs] = native.socketPair()
  if (isMainThread) {
    assert.throws(() => native.keeperDeposit(arenaId, 1, 0, 0, mine), { code: 'ECONNREFUSED' })
    assert.throws(() => native.keeperWithdraw(arenaId, 1, 0), { code: 'ECONNREFUSED' })
    native.keeperOpen(arenaId, fd)
  }
  native.keeperOpen(arenaId, fd)
  native.keeperDeposit(arenaId, 1, 0, 0, mine)
  native.close(mine)
  const taken = native.keeperWithdraw(arenaId, 1, 0)
  assert.throws(() => native.keeperWithdraw(arenaId, 1, 0), { code: 'ENOENT' })
  native.writeDescriptor(taken, Uint8Array.of(5))
  native.close(taken)
  assert.equal(native.readDescriptor(theirs, new Uint8Array(1)), 1)
  assert.equal(native.readDescriptor(theirs, new Uint8Array(1)), 0)
  native.close(theirs)
}

function owned() {
  const [mine, theirs] = native.socketPair()
  native.ownDescriptor(mine)
  native.closeOwned(mine)
  assert.throws(() => native.closeOwned(mine), RangeError)
  assert.throws(() => native.ownDescriptor(-1), RangeError)
  assert.equal(native.readDescriptor(theirs, new Uint8Array(1)), 0)
  native.close(theirs)
}

export const checks = {
  'descriptors are watched in the event loop': watches,
  'whole frames go and come in one call': wholeFrames,
  'frames go and come': frames,
  'a descriptor is kept for its receiver': keeping,
  'a descriptor goes with its thread': owned,
}

/** For the end of a thread. */
export function leaveStreamsOpen() {
  const [mine, theirs] = native.socketPair()
  native.ownDescriptor(mine)
  native.ownDescriptor(theirs)
  const watch = native.pollWatch(mine, () => {})
  watch.wait(READABLE | WRITABLE)
  watch.ref()
  native.pollWatch(theirs, () => {}).wait(READABLE)
}
