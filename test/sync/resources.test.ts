// Waits that came to nothing leave nothing: no places, no listeners, no descriptors, no blocks.
import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { Barrier, BoundedSemaphore, Condition, Event, Lock, RLock, Semaphore } from '../../src/index.ts'
import { collectNow } from '../helpers/collector.ts'
import { newGate } from '../helpers/gate.ts'
import { assertNoGrowth, resources } from '../helpers/resources.ts'
import { balancedAsync } from '../value/balance.ts'

const LATE = 100_000
const ABORTED = 10_000

/** What the process listens to, by event. */
function listeners(): string {
  return process
    .eventNames()
    .map(name => `${String(name)} ${process.listenerCount(name)}`)
    .join(', ')
}

async function leavesNothing(body: () => Promise<void>): Promise<void> {
  const warm = new Lock()
  await warm.acquire()
  await warm.acquire({ timeout: 1 })
  warm.close()
  const [before, heard] = [resources(), listeners()]
  await balancedAsync(body)
  assert.equal(listeners(), heard)
  await assertNoGrowth(before)
}

test('100,000 waits that do not wait leave nothing, in both forms', () =>
  leavesNothing(async () => {
    const [lock, semaphore, bounded, event] = [new Lock(), new Semaphore(0), new BoundedSemaphore(1), new Event()]
    lock.acquireSync()
    bounded.acquireSync()
    const late = { timeout: 0 }
    for (let count = 0; count < LATE / 10; count += 1) {
      const there = [await lock.acquire(late), await semaphore.acquire(late), await bounded.acquire(late), await event.wait(late)]
      there.push(lock.acquireSync(late), semaphore.acquireSync(late), bounded.acquireSync(late), event.waitSync(late))
      there.push(lock.tryAcquire(), semaphore.tryAcquire())
      assert.equal(there.includes(true), false)
    }
    assert.match(inspect(lock), /^Lock \{ held by [^,]*\}$/)
    assert.deepEqual([inspect(semaphore), inspect(event)], ['Semaphore { value 0 }', 'Event { not set }'])
    for (const thing of [lock, semaphore, bounded, event]) thing.close()
  }))

test('10,000 waits that are aborted, all at once and one after the other, leave nothing', () =>
  leavesNothing(async () => {
    const [lock, semaphore, event, rlock] = [new Lock(), new Semaphore(0), new Event(), new RLock()]
    lock.acquireSync()
    const gate = newGate()
    const outer = rlock.run(() => gate.opened)
    const controllers = Array.from({ length: ABORTED / 4 }, () => new AbortController())
    const waits = controllers.flatMap(({ signal }) => [
      lock.acquire({ signal, timeout: 60_000 }),
      semaphore.run(() => {}, { signal }),
      event.wait({ signal }),
      rlock.run(() => {}, { signal }),
    ])
    const ends = Promise.allSettled(waits)
    assert.match(inspect(lock), /waiting 1 \}$/, 'a thread is in the list once')
    await new Promise(setImmediate)
    for (const controller of controllers) controller.abort()
    for (const each of await ends) assert.equal(each.status, 'rejected')
    for (let count = 0; count < 500; count += 1) {
      const controller = new AbortController()
      const wait = lock.acquire({ signal: controller.signal })
      controller.abort()
      await assert.rejects(wait, { name: 'AbortError' })
    }
    assert.ok(controllers.every(({ signal }) => getEventListeners(signal, 'abort').length === 0))
    assert.doesNotMatch([lock, semaphore, event, rlock].map(thing => inspect(thing)).join(), /waiting/)
    gate.open()
    await outer
    lock.release()
    assert.deepEqual([lock.tryAcquire(), rlock.tryAcquire()], [true, true])
    for (const thing of [lock, semaphore, event, rlock]) thing.close()
  }))

test('conditions and barriers whose waits time out or are aborted keep no place of theirs', () =>
  leavesNothing(async () => {
    const condition = new Condition()
    const waits = Array.from({ length: 300 }, () => condition.run(() => condition.wait({ timeout: 1 })))
    assert.equal((await Promise.all(waits)).includes(true), false)
    for (let count = 0; count < 1000; count += 1) condition.runSync(() => condition.waitSync({ timeout: 0 }))
    assert.equal(inspect(condition), 'Condition { Lock { free } }')
    const barrier = new Barrier(1000)
    const ends = await Promise.allSettled(Array.from({ length: 300 }, () => barrier.wait({ timeout: 1 })))
    assert.ok(ends.every(each => each.status === 'rejected'))
    assert.equal(inspect(barrier), 'Barrier { 0 of 1000 waiting, broken }')
    barrier.reset()
    assert.equal(inspect(barrier), 'Barrier { 0 of 1000 waiting }')
    for (const thing of [condition, condition.lock, barrier]) thing.close()
  }))

test('objects that were closed are collected, and what they had in the arena is free at once', () =>
  leavesNothing(async () => {
    const made: WeakRef<object>[] = []
    for (let count = 0; count < 2000; count += 1) {
      const semaphore = new Semaphore(1)
      semaphore.runSync(() => {})
      for (const thing of [semaphore, new Lock(), new RLock(), new Event(), new Barrier(1)]) {
        thing.close()
        if (count % 100 === 0) made.push(new WeakRef(thing))
      }
    }
    await collectNow()
    assert.ok(made.filter(each => each.deref() !== undefined).length < made.length / 2)
  }))
