// Items whose own code uses the queue that they come out of.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Queue } from '../../../src/index.ts'
import { messagesOf } from '../../../src/queue/queue.ts'
import { waitFor, WITHOUT_LIMIT } from '../../../src/sync/waiting/waits.ts'

test('an attempt whose code waits for the same object is not made twice at once', { timeout: 5000 }, async () => {
  const queue = new Queue<number>()
  const messages = messagesOf(queue)
  const got: number[] = []
  const inner: Promise<number>[] = []
  let items: number[] = []
  const attempt = (): boolean => {
    const [item] = queue.tryGetMany(1)
    if (item === undefined) return false
    // What a rebuild hook may do.
    if (item === 1) inner.push(queue.get())
    items = [item]
    return true
  }
  const waiting = waitFor(messages.waitingForItems(), attempt, WITHOUT_LIMIT)
  queue.putManySync([1, 2, 3])
  await waiting
  got.push(...items, ...(await Promise.all(inner)), await queue.get())
  assert.deepEqual(got, [1, 2, 3])
  queue.close()
})
