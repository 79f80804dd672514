// What a handle does of which others do not know any more.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ClosedError } from '../../../src/index.ts'
import { arena } from '../../../src/memory/arena.ts'
import { Incoming } from '../../../src/queue/incoming.ts'
import { Outgoing } from '../../../src/queue/outgoing.ts'
import { messagesOf } from '../../../src/queue/queue.ts'
import { LifoQueue, Queue } from '../../../src/queue.ts'
import { MessageQueue } from '../../../src/queue/message-queue.ts'
import { Ranked } from '../../../src/queue/ranked/ranked.ts'
import { Ring } from '../../../src/queue/ring/ring.ts'
import { HEADER_BYTES } from '../../../src/queue/store/layout.ts'

for (const [cls, storeAt, filling] of [
  [Queue, Ring.find, 0],
  [Queue, Ring.find, 7],
  [LifoQueue, Ranked.find, 0],
  [LifoQueue, Ranked.find, 7],
] as const) {
  test(`who waits too late for a closed ${cls.name} leaves what is in its place alone (${filling})`, () => {
    const queue = new cls()
    const { store, handle } = messagesOf(queue)
    const late = MessageQueue.find(handle, storeAt)
    queue.close()
    // As when its maker has ended, and the block of its header has been freed and is another's.
    const block = arena().view(store.header.reference, HEADER_BYTES)
    const before = block.slice()
    block.fill(filling)
    const outgoing = new Outgoing()
    outgoing.add(Uint8Array.of(1), 4000)
    for (const act of [
      () => late.putNow(outgoing),
      () => late.putNow(outgoing, true),
      () => late.takeNow(new Incoming(), 1),
      () => late.shutDown({ atOnce: true }),
    ]) {
      assert.throws(act, ClosedError)
      assert.ok(block.every(byte => byte === filling))
    }
    block.set(before)
  })
}
