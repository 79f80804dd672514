// Somebody has a side's lock and does not go on.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Queue } from '../../../src/index.ts'
import { arena } from '../../../src/memory/arena.ts'
import { store } from '../../../src/memory/words.ts'
import { messagesOf } from '../../../src/queue/queue.ts'
import type { Ring } from '../../../src/queue/ring/ring.ts'
import { LOCK } from '../../../src/queue/store/layout.ts'

/** As one who was stopped there: this thread, which lives. */
function stopIn(queue: Queue, side: 'in' | 'out'): () => void {
  const ring = messagesOf(queue).store as Ring
  store(ring.words, ring[side] + LOCK, arena().me)
  return () => store(ring.words, ring[side] + LOCK, 0)
}

for (const immediate of [false, true]) {
  test(`a queue is shut down also while somebody is stopped in a put (immediate: ${immediate})`, () => {
    const queue = new Queue()
    const goOn = stopIn(queue, 'in')
    queue.shutdown({ immediate })
    assert.equal(queue.isShutDown, true)
    goOn()
    assert.throws(() => queue.tryPut(1), { code: 'ERR_SHUT_DOWN' })
    queue.close()
  })
}

test('a promise to put does not wait for its turn when somebody was there for a moment only', () => {
  const queue = new Queue<number>()
  const messages = messagesOf(queue)
  const { header } = messages.store
  const goOn = stopIn(queue, 'in')
  // A moment: until the lock has been looked for a few times.
  let looks = 0
  const check = messages.check.bind(messages)
  messages.check = () => {
    looks += 1
    if (looks === 10) goOn()
    check()
  }
  void queue.put(1)
  assert.equal(header.size, 1)
  queue.close()
})
