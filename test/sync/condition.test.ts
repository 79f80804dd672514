// Waiting under a lock until another says that something has changed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { Condition, getContext, Lock, RLock } from '../../src/index.ts'
import { notifyWhenWaited, someWait } from '../fixtures/sync/keepers.ts'
import { balancedAsync } from '../value/balance.ts'

// biome-ignore lint/suspicious/noExplicitAny: locks that are wrong.
type Any = any

for (const [name, makeLock] of Object.entries({ Lock: () => new Lock(), RLock: () => new RLock() })) {
  const withCondition = (title: string, play: (condition: Condition<Any>) => Promise<void> | void): void => {
    test(`over a ${name}: ${title}`, { timeout: 30_000 }, () =>
      balancedAsync(async () => {
        const condition: Condition<Any> = new Condition(makeLock())
        try {
          await play(condition)
          assert.equal(condition.lock.locked, false)
        } finally {
          condition.close()
          condition.lock.close()
        }
      }),
    )
  }

  withCondition('to wait or to notify without the lock is an error', async condition => {
    for (const act of [() => condition.waitSync({ timeout: 0 }), () => condition.notify(), () => condition.notifyAll()]) {
      assert.throws(act, { code: 'ERR_NOT_HELD' })
    }
    await assert.rejects(condition.wait({ timeout: 0 }), { code: 'ERR_NOT_HELD' })
    await assert.rejects(
      condition.waitFor(() => false),
      { code: 'ERR_NOT_HELD' },
    )
    assert.throws(() => condition.waitForSync(() => false), { code: 'ERR_NOT_HELD' })
  })

  withCondition('the lock is free while one waits and held again afterwards, however the wait ends', async condition => {
    const controller = new AbortController()
    const ends = [{ timeout: 5 }, { timeout: 0 }, { signal: controller.signal }, {}].map(options =>
      condition.run(async () => {
        try {
          return [await condition.wait(options), condition.lock.locked]
        } catch (error) {
          return [error, condition.lock.locked]
        }
      }),
    )
    await Promise.all(ends.slice(0, 2))
    await someWait(condition, 2)
    assert.equal(condition.lock.locked, false)
    controller.abort('enough')
    assert.deepEqual(await ends[2], ['enough', true])
    await condition.run(() => condition.notify())
    assert.deepEqual(await Promise.all(ends), [
      [false, true],
      [false, true],
      ['enough', true],
      [true, true],
    ])
  })

  withCondition('a wait whose time is up has the lock again before it says so, however long that takes', async condition => {
    let isLate = false
    const waiting = condition.run(async () => {
      const wasNotified = await condition.wait({ timeout: 100 })
      isLate = true
      return wasNotified
    })
    // It has its turn once the first one waits.
    await condition.run(async () => {
      await spend(150)
      assert.equal(isLate, false)
    })
    assert.equal(await waiting, false)
  })

  withCondition('one that was notified says so though its time is up or it is aborted before it has the lock', async condition => {
    const controller = new AbortController()
    const waits = [{ timeout: 100 }, { signal: controller.signal }].map(options => condition.run(() => condition.wait(options)))
    await condition.run(async () => {
      condition.notifyAll()
      controller.abort()
      await spend(150)
    })
    assert.deepEqual(await Promise.all(waits), [true, true])
  })

  withCondition('a notification that nobody waits for is lost, and one that is more than needed, too', async condition => {
    await condition.run(() => condition.notify(5))
    assert.equal(await condition.run(() => condition.wait({ timeout: 5 })), false)
    const wait = condition.run(() => condition.wait())
    await someWait(condition, 1)
    await condition.run(() => condition.notify(100))
    assert.equal(await wait, true)
    assert.equal(
      condition.runSync(() => condition.waitSync({ timeout: 1 })),
      false,
    )
  })

  withCondition('notify wakes as many as it says, and no more', async condition => {
    let woken = 0
    const count = (): void => {
      woken += 1
    }
    const waits = Array.from({ length: 5 }, () => condition.run(() => condition.wait().then(count)))
    await someWait(condition, 5)
    await condition.run(() => condition.notify(0))
    await condition.run(() => condition.notify(2))
    for (let turns = 0; turns < 20; turns += 1) await turn()
    assert.equal(woken, 2)
    for (const wrong of [-1, 1.5]) assert.throws(() => condition.runSync(() => condition.notify(wrong)), RangeError)
    assert.throws(() => condition.runSync(() => condition.notify('1' as Any)), TypeError)
    await condition.run(() => condition.notifyAll())
    await Promise.all(waits)
  })

  withCondition('waitFor asks after each notification, with the lock held, and waits for nothing that is true', async condition => {
    let value = 0
    let asked = 0
    const isThere = (): boolean => {
      assert.equal(condition.lock.locked, true)
      asked += 1
      return value === 3
    }
    const waiting = condition.run(() => condition.waitFor(isThere))
    for (let step = 1; step <= 3; step += 1) {
      await someWait(condition, 1)
      await condition.run(() => {
        value = step
        condition.notify()
      })
      while (asked < step + 1) await turn()
    }
    assert.deepEqual([await waiting, asked], [true, 4])
    assert.equal(await condition.run(() => condition.waitFor(() => true, { timeout: 0 })), true)
    assert.equal(
      condition.runSync(() => condition.waitForSync(() => true)),
      true,
    )
    assert.equal(await condition.run(() => condition.waitFor(() => false, { timeout: 5 })), false)
    assert.equal(
      condition.runSync(() => condition.waitForSync(() => false, { timeout: 5 })),
      false,
    )
    for (const wrong of [undefined, 5, 'true']) {
      await assert.rejects(
        condition.run(() => condition.waitFor(wrong as Any)),
        TypeError,
      )
      assert.throws(() => condition.runSync(() => condition.waitForSync(wrong as Any)), TypeError)
    }
  })

  withCondition('a predicate that throws ends the wait, with the lock held', async condition => {
    const fail = (): never => {
      throw new Error('of the predicate')
    }
    await condition.run(async () => {
      await assert.rejects(condition.waitFor(fail), /of the predicate/)
      assert.equal(condition.lock.locked, true)
    })
    condition.runSync(() => assert.throws(() => condition.waitForSync(fail), /of the predicate/))
  })

  withCondition('a blocking wait is notified from another process', async condition => {
    const child = await new (getContext().Process)({ target: notifyWhenWaited, args: [condition] }).start()
    condition.acquireSync()
    assert.deepEqual([condition.waitSync({ timeout: 20_000 }), condition.lock.locked], [true, true])
    condition.release()
    await child.join()
    assert.equal(child.exitCode, 0)
  })
}

test('over an RLock that was taken twice, a wait gives it up wholly and has it twice afterwards', () =>
  balancedAsync(async () => {
    const condition = new Condition(new RLock())
    const { lock } = condition
    const child = await new (getContext().Process)({ target: notifyWhenWaited, args: [condition] }).start()
    lock.acquireSync()
    lock.acquireSync()
    assert.equal(condition.waitSync({ timeout: 20_000 }), true)
    lock.release()
    assert.equal(lock.locked, true)
    lock.release()
    assert.throws(() => lock.release(), { code: 'ERR_NOT_HELD' })
    await child.join()

    const waiting = lock.run(() => lock.run(async () => [await condition.wait(), lock.locked, await lock.run(() => 5)]))
    await someWait(condition, 1)
    assert.equal(lock.locked, false)
    lock.runSync(() => condition.notify())
    assert.deepEqual(await waiting, [true, true, 5])
    assert.equal(lock.locked, false)
    condition.close()
    lock.close()
  }))

test('over an RLock, acquire and hold in promise form are refused, and say what to use', async () => {
  const condition: Any = new Condition(new RLock())
  for (const method of ['acquire', 'hold']) {
    await assert.rejects(async () => await condition[method](), { name: 'TypeError', message: /use run\(\)/ })
  }
  condition.close()
  condition.lock.close()
})

test('several conditions may have one lock', () =>
  balancedAsync(async () => {
    const lock = new Lock()
    const [full, empty] = [new Condition(lock), new Condition(lock)]
    const waits = [full.run(() => full.wait()), empty.run(() => empty.wait({ timeout: 500 }))]
    await someWait(full, 1)
    await someWait(empty, 1)
    await lock.run(() => full.notifyAll())
    assert.deepEqual(await Promise.all(waits), [true, false])
    full.close()
    empty.close()
    assert.equal(lock.closed, false)
    lock.close()
  }))

test('what is no lock is a TypeError', () => {
  for (const wrong of [null, 5, {}, Lock, 'lock'])
    assert.throws(() => new Condition(wrong as Any), { name: 'TypeError', message: /`lock`/ })
})

async function spend(milliseconds: number): Promise<void> {
  for (const start = performance.now(); performance.now() - start < milliseconds; ) await turn()
}
