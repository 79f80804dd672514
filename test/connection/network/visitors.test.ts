import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { test } from 'node:test'
import { asClient } from '../../../src/connection/handshake/handshake.ts'
import { SocketHandshake } from '../../../src/connection/handshake/socket-handshake.ts'
import { Visitors } from '../../../src/connection/network/visitors.ts'
import { native } from '../../../src/native/load.ts'

const key = Buffer.from('secret')
const PATIENCE = 200

/** Two ends of a connection; the first is for visitors, who own it. */
function newPair(): [number, number] {
  const pair = native().socketPair()
  native().ownDescriptor(pair[0])
  return pair
}

function busyFor(duration: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, duration)
}

test('a thread that is too busy to look does not dismiss who has answered in time', async () => {
  const arrived: number[] = []
  const visitors = new Visitors(key, PATIENCE, {
    arrived: ({ fd }) => void arrived.push(fd),
    failed: error => assert.fail(error as Error),
  })
  const [ours, theirs] = newPair()
  visitors.add({ fd: ours, address: new Uint8Array(2) })
  visitors.hold()
  const client = new SocketHandshake(theirs, asClient(key))
  for (let turn = 0; arrived.length === 0; turn += 1) {
    client.advance()
    // What it says has come before the deadline, and is looked at afterwards.
    busyFor(PATIENCE + 20)
    await setImmediate()
    assert.ok(turn < 10)
  }
  assert.deepEqual(arrived, [ours])
  native().closeOwned(ours)
  native().close(theirs)
})

test('the deadline is of each answer, and those that were looked at late are dismissed in order', async () => {
  const failures: string[] = []
  const visitors = new Visitors(key, PATIENCE, { arrived: () => assert.fail(), failed: error => void failures.push(String(error)) })
  const pairs = [newPair(), newPair()]
  for (const [ours] of pairs) visitors.add({ fd: ours, address: new Uint8Array(2) })
  assert.equal(visitors.size, 2)
  busyFor(PATIENCE + 20)
  visitors.look()
  assert.equal(visitors.size, 0)
  assert.deepEqual(
    failures,
    Array.from({ length: 2 }, () => `AuthenticationError: The peer did not authenticate within ${PATIENCE} ms`),
  )
  for (const [, theirs] of pairs) native().close(theirs)
})
