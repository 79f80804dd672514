// What a handle does of which others do not know any more.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ClosedError, Queue } from '../../../src/index.ts'
import { arena } from '../../../src/memory/arena.ts'
import { Incoming } from '../../../src/queue/incoming.ts'
import { Outgoing } from '../../../src/queue/outgoing.ts'
import { messagesOf } from '../../../src/queue/queue.ts'
import { HEADER_BYTES } from '../../../src/queue/ring/layout.ts'
import { MessageQueue } from '../../../src/queue/message-queue.ts'

for (const filling of [0, 7]) {
  test(`who waits too late for a closed queue leaves what is in its place alone (${filling})`, () => {
    const queue = new Queue()
    const { ring, handle } = messagesOf(queue)
    const late = MessageQueue.find(handle)
    queue.close()
    // As when its maker has ended, and the block of its header has been freed and is another's.
    const block = arena().view(ring.reference, HEADER_BYTES)
    const before = block.slice()
    block.fill(filling)
    const outgoing = new Outgoing()
    outgoing.add(Uint8Array.of(1))
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
