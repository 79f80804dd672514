// What console.log shows: the state, and nothing of what an object is made of.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { Barrier, BoundedSemaphore, Condition, Event, Lock, RLock, Semaphore } from '../../src/index.ts'
import { keep, someWait, takeOneAndStay } from '../fixtures/sync/keepers.ts'
import { until } from '../helpers/conditions.ts'
import { reached, withWords } from '../helpers/wait-words.ts'
import { ALL, perMethod } from '../process/methods.ts'
import { balancedAsync } from '../value/balance.ts'

const ME = `${process.pid} 'MainProcess'`

test('a Lock and an RLock say who holds them, and how many wait', () =>
  balancedAsync(async () => {
    const [lock, rlock] = [new Lock(), new RLock()]
    assert.deepEqual([inspect(lock), inspect(rlock)], ['Lock { free }', 'RLock { free }'])
    lock.acquireSync()
    rlock.acquireSync()
    rlock.acquireSync()
    assert.deepEqual([inspect(lock), inspect(rlock)], [`Lock { held by ${ME} }`, `RLock { held by ${ME} 2 times }`])
    const waiting = lock.acquire()
    assert.equal(inspect({ lock }), `{ lock: Lock { held by ${ME}, waiting 1 } }`)
    lock.release()
    await waiting
    assert.equal(inspect(lock), `Lock { held by ${ME} }`)
    lock.close()
    rlock.close()
    assert.deepEqual([inspect(lock), inspect(rlock)], ['Lock { closed }', 'RLock { closed }'])
  }))

test('semaphores say how many permits there are, events whether they are set, barriers who has come', () =>
  balancedAsync(async () => {
    const [semaphore, bounded, event, barrier] = [new Semaphore(2), new BoundedSemaphore(2), new Event(), new Barrier(2)]
    bounded.acquireSync()
    const show = (): string[] => [semaphore, bounded, event, barrier].map(thing => inspect(thing))
    assert.deepEqual(show(), [
      'Semaphore { value 2 }',
      'BoundedSemaphore { value 1 of 2 }',
      'Event { not set }',
      'Barrier { 0 of 2 waiting }',
    ])
    semaphore.acquireSync()
    semaphore.acquireSync()
    const waits = Promise.allSettled([semaphore.acquire(), event.wait(), barrier.wait()])
    assert.deepEqual(show(), [
      'Semaphore { value 0, waiting 1 }',
      'BoundedSemaphore { value 1 of 2 }',
      'Event { not set, waiting 1 }',
      'Barrier { 1 of 2 waiting }',
    ])
    semaphore.release()
    event.set()
    barrier.abort()
    await waits
    assert.deepEqual(show().slice(2), ['Event { set }', 'Barrier { 0 of 2 waiting, broken }'])
    for (const thing of [semaphore, bounded, event, barrier]) thing.close()
  }))

test('a condition shows its lock and how many wait', () =>
  balancedAsync(async () => {
    const condition = new Condition(new RLock())
    assert.equal(inspect(condition), 'Condition { RLock { free } }')
    const waiting = condition.run(() => condition.wait())
    await someWait(condition, 1)
    assert.equal(inspect(condition), 'Condition { RLock { free }, waiting 1 }')
    condition.runSync(() => {
      condition.notify()
      assert.match(inspect(condition), new RegExp(`^Condition \\{ RLock \\{ held by ${ME}.* \\}, waiting 1 \\}$`))
    })
    await waiting
    condition.close()
    condition.lock.close()
  }))

test('a pending promise shows nothing of its insides', () =>
  balancedAsync(async () => {
    const [lock, rlock, event, barrier, condition] = [new Lock(), new RLock(), new Event(), new Barrier(2), new Condition()]
    lock.acquireSync()
    const outer = rlock.run(() => event.wait())
    const promises = [lock.acquire(), lock.hold(), lock.run(() => {}), rlock.run(() => {}), event.wait(), barrier.wait()]
    promises.push(condition.run(() => condition.wait()))
    for (const promise of promises) {
      // Inside the test runner Node shows the resource that it follows the promise by.
      assert.match(
        inspect(promise, { depth: 9 }),
        /^Promise \{\s+<pending>(,\s+\[Symbol\((async_id|trigger_async_id|trace)[^\]]*\]: (\d+|\[?\w+\]?))*[^#]*\}$/,
      )
      assert.deepEqual(Object.keys(promise), [])
    }
    await someWait(condition, 1)
    for (const thing of [lock, event, barrier, condition]) thing.close()
    const ends = await Promise.allSettled([outer, ...promises])
    assert.equal(ends.filter(end => end.status === 'rejected').length, ends.length - 1)
    rlock.close()
    condition.lock.close()
  }))

perMethod(ALL, 'who holds and waits elsewhere is shown with pid and name', (context, method) =>
  withWords((arrived, go) =>
    balancedAsync(async () => {
      const lock = new Lock()
      const start = async (name: string): Promise<{ pid: number; join(): Promise<boolean> }> => {
        const child = await new context.Process({ target: keep, args: [lock, arrived.reference, go.reference], name }).start()
        return child as { pid: number; join(): Promise<boolean> }
      }
      const first = await start('worker-2')
      await reached(arrived, 1)
      const others = [await start('worker-3'), await start('worker-4')]
      const mine = lock.acquire()
      await someWait(lock, 3)
      const pid = method === 'thread' ? process.pid : first.pid
      assert.equal(inspect(lock), `Lock { held by ${pid} 'worker-2', waiting 3 }`)
      go.set(1)
      await mine
      lock.release()
      for (const child of [first, ...others]) await child.join()
      assert.equal(inspect(lock), 'Lock { free }')
      lock.close()
    }),
  ),
)

perMethod(ALL, 'that its owner died is shown until somebody says that all is well', context =>
  withWords(arrived =>
    balancedAsync(async () => {
      const lock = new Lock()
      const child = await new context.Process({ target: takeOneAndStay, args: [lock, arrived.reference] }).start()
      await reached(arrived, 1)
      child.kill()
      await child.join()
      await until(() => inspect(lock) === 'Lock { free, abandoned }', 'the lock is free and abandoned')
      lock.acquireSync()
      assert.equal(inspect(lock), `Lock { held by ${ME}, abandoned }`)
      lock.clearAbandoned()
      assert.equal(inspect(lock), `Lock { held by ${ME} }`)
      lock.close()
    }),
  ),
)
