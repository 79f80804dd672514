// Who stands in the way of a ring, and for how long.
import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { test } from 'node:test'
import { type Process, Queue } from '../../../src/index.ts'
import { arena } from '../../../src/memory/arena.ts'
import { load, store } from '../../../src/memory/words.ts'
import { messagesOf } from '../../../src/queue/queue.ts'
import { NEXT } from '../../../src/sync/state/object-layout.ts'
import { enter } from '../../../src/sync/state/waiting-list.ts'
import { echo } from '../../fixtures/queue/echo.ts'
import { until } from '../../helpers/conditions.ts'
import { reap } from '../../helpers/crash.ts'
import { perMethod } from '../../process/methods.ts'
import { newActor } from '../../sync/deaths/crash-scenarios.ts'

function nextOf(queue: Queue): number {
  const { words, base } = messagesOf(queue).items
  return load(words, base + NEXT)
}

async function asleep(queue: Queue): Promise<void> {
  await until(() => inspect(queue).includes('1 waiting for items'), 'it waits for items')
}

async function end(child: Process, to: Queue): Promise<void> {
  to.putSync(null)
  await child.join()
}

perMethod(['fork', 'thread'], 'one who was woken and never looks keeps no blocked thread from being woken', async ({ Process }) => {
  const [to, back] = [new Queue({ maxSize: 1 }), new Queue()]
  const child = new Process({ target: echo, args: [to, back] })
  await child.start()
  const actor = newActor()
  // A look for another reason, just before its 50 ms are over, would find the item first.
  for (let round = 0; round < 20; round += 1) {
    await asleep(to)
    const { words, base } = messagesOf(to).items
    store(words, base + NEXT, actor.me)
    to.putSync(round)
    assert.equal(await back.get(), round)
    if (nextOf(to) !== actor.me) break
  }
  assert.notEqual(nextOf(to), actor.me)
  // The actor is reaped with the child: it never was a process.
  await end(child, to)
})

test('one who dies after it was woken is forgotten by its reaper', () => {
  const queue = new Queue()
  const actor = newActor()
  const { items } = messagesOf(queue)
  enter(items, actor.me)
  store(items.words, items.base + NEXT, actor.me)
  reap(arena(), actor.me)
  assert.equal(nextOf(queue), 0)
  queue.close()
})
