// Who dies with something that others wait for: they have it soon, in both forms, and can see that its owner died.
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { Barrier, BrokenBarrierError, Condition, Lock, RLock, Semaphore } from '../../../src/index.ts'
import {
  type Belongings,
  keep,
  someWait,
  standAndDie,
  takeAllAndDie,
  takeAllAndStay,
  waitForCondition,
} from '../../fixtures/sync/keepers.ts'
import { reached, withWords } from '../../helpers/wait-words.ts'
import { ALL, PROCESSES, perMethod } from '../../process/methods.ts'
import { balancedAsync } from '../../value/balance.ts'

/** On an idle machine it is some ms, or 50 to 150 where nobody but who waits finds out. */
const SOON = 2000

function belongings(): Belongings {
  return {
    lock: new Lock(),
    lockSync: new Lock(),
    rlock: new RLock(),
    rlockRun: new RLock(),
    condition: new Condition(),
    conditionSync: new Condition(new RLock()),
    held: new Semaphore(3),
    taken: new Semaphore(2),
  }
}

function closeAll(things: Belongings): void {
  for (const thing of Object.values(things) as (Lock | Condition)[]) {
    thing.close()
    if (thing instanceof Condition) thing.lock.close()
  }
}

function locksOf(things: Belongings): (Lock | RLock)[] {
  const { lock, lockSync, rlock, rlockRun, condition, conditionSync } = things
  return [lock, lockSync, rlock, rlockRun, condition.lock, conditionSync.lock]
}

/** Its owner's death shows until somebody says that all is well; then it is a lock as any. */
function assertAbandoned(lock: Lock | RLock): void {
  assert.equal(lock.abandoned, true)
  lock.release()
  assert.deepEqual([lock.locked, lock.abandoned, lock.acquireSync(), lock.abandoned], [false, true, true, true])
  lock.clearAbandoned()
  assert.deepEqual([lock.abandoned, lock.locked], [false, true])
  lock.release()
  assert.throws(() => lock.release(), { code: 'ERR_NOT_HELD' })
  assert.deepEqual([lock.tryAcquire(), lock.abandoned], [true, false])
  lock.release()
}

function assertSoon(t: TestContext, since: number, what: string): void {
  const took = performance.now() - since
  t.diagnostic(`${what}: after ${took.toFixed(0)} ms`)
  assert.ok(took < SOON, `${what}: only after ${took} ms`)
}

perMethod(ALL, 'whatever a dead owner held, the next who waits in promise form has it soon', (context, _, t) =>
  withWords(arrived =>
    balancedAsync(async () => {
      const things = belongings()
      const child = await new context.Process({ target: takeAllAndStay, args: [things, arrived.reference] }).start()
      await reached(arrived, 1)
      const waits = [
        ...[things.lock, things.lockSync].map(each => each.acquire({ timeout: 20_000 })),
        things.condition.acquire({ timeout: 20_000 }),
        ...[things.rlock, things.rlockRun, things.conditionSync].map(each =>
          each.run(() => each instanceof RLock && each.abandoned, { timeout: 20_000 }),
        ),
        ...[1, 2, 3].map(() => things.held.acquire({ timeout: 20_000 })),
      ]
      const lost = things.taken.acquire({ timeout: 300 })
      for (const lock of locksOf(things)) assert.equal(lock.abandoned, false)
      const start = performance.now()
      child.kill()
      assert.deepEqual(await Promise.all(waits), [true, true, true, true, true, false, true, true, true])
      assertSoon(t, start, 'all had theirs')
      assert.deepEqual([things.held.value, await lost, things.taken.value], [0, false, 0], 'what was acquired is lost')
      for (const lock of [things.rlock, things.rlockRun, things.conditionSync.lock]) lock.acquireSync()
      for (const lock of locksOf(things)) assertAbandoned(lock)
      await child.join()
      closeAll(things)
    }),
  ),
)

for (const which of ['lock', 'lockSync', 'rlock', 'rlockRun', 'condition', 'conditionSync', 'held'] as const) {
  perMethod(ALL, `the parent of one that dies with \`${which}\` is blocked for it, and has it soon`, (context, _, t) =>
    withWords(arrived =>
      balancedAsync(async () => {
        const things = belongings()
        const child = await new context.Process({ target: takeAllAndDie, args: [things, arrived.reference, which] }).start()
        await reached(arrived, 1)
        const start = performance.now()
        assert.equal(things[which].acquireSync({ timeout: 20_000 }), true)
        assertSoon(t, start, 'it had it')
        await child.join()
        for (const lock of locksOf(things)) if (!lock.locked) lock.acquireSync()
        for (const lock of locksOf(things)) assertAbandoned(lock)
        // One of the three is the parent's now.
        assert.deepEqual([things.held.value, things.taken.value], [which === 'held' ? 2 : 3, 0])
        closeAll(things)
      }),
    ),
  )
}

perMethod(ALL, 'a barrier at which somebody dies is broken for those who wait in promise form', (context, _, t) =>
  balancedAsync(async () => {
    const barrier = new Barrier(3)
    const child = await new context.Process({ target: standAndDie, args: [barrier, 2] }).start()
    await assert.rejects(barrier.wait({ timeout: 20_000 }), BrokenBarrierError)
    await assertBroken(t, barrier, child)
  }),
)

perMethod(ALL, 'a barrier at which somebody dies is broken for its parent, which is blocked there', (context, _, t) =>
  balancedAsync(async () => {
    const barrier = new Barrier(3)
    const child = await new context.Process({ target: standAndDie, args: [barrier, 2] }).start()
    const start = performance.now()
    assert.throws(() => barrier.waitSync({ timeout: 20_000 }), BrokenBarrierError)
    assertSoon(t, start, 'it knew, after the child had come and died')
    await assertBroken(t, barrier, child)
  }),
)

async function assertBroken(t: TestContext, barrier: Barrier, child: { join(): Promise<boolean> }): Promise<void> {
  const start = performance.now()
  await child.join()
  assert.equal(barrier.broken, true)
  assert.throws(() => barrier.waitSync({ timeout: 0 }), BrokenBarrierError)
  barrier.reset()
  assert.deepEqual([barrier.broken, barrier.waiting], [false, 0])
  const waits = Promise.all([barrier.wait(), barrier.wait(), barrier.wait()])
  assert.deepEqual([...(await waits)].sort(), [0, 1, 2], 'after a reset it is as new')
  assertSoon(t, start, 'it was as new')
  barrier.close()
}

for (const form of ['promise', 'blocking'] as const) {
  // A thread that is blocked ends only when it comes up, and then it takes the lock first.
  perMethod(
    form === 'promise' ? ALL : PROCESSES,
    `one notified in ${form} form that dies before it has the lock passes it on`,
    (context, _, t) =>
      withWords(count =>
        balancedAsync(async () => {
          const condition = new Condition()
          const args = [condition, form, count.reference] as const
          const victim = await new context.Process({ target: waitForCondition, args }).start()
          await someWait(condition, 1)
          const next = await new context.Process({ target: waitForCondition, args: [condition, 'promise', count.reference] }).start()
          await someWait(condition, 2)
          await condition.run(async () => {
            condition.notify()
            victim.kill()
            await victim.join()
          })
          const start = performance.now()
          await reached(count, 1)
          assertSoon(t, start, 'the next was notified')
          await next.join()
          assert.deepEqual([next.exitCode, condition.lock.locked, count.value], [0, false, 1])
          condition.close()
          condition.lock.close()
        }),
      ),
  )
}

perMethod(ALL, 'who died while it waited is in nobody’s way, and no longer named', (context, _, t) =>
  withWords((arrived, never) =>
    balancedAsync(async () => {
      const lock = new Lock()
      await lock.acquire()
      const victims = await Promise.all(
        [1, 2].map(() => new context.Process({ target: keep, args: [lock, arrived.reference, never.reference] }).start()),
      )
      await someWait(lock, 2)
      const mine = lock.acquire()
      const start = performance.now()
      for (const victim of victims) victim.kill()
      lock.release()
      assert.equal(await mine, true)
      assertSoon(t, start, 'the living had it')
      for (const victim of victims) await victim.join()
      assert.equal(lock.abandoned, false, 'who waits is no owner')
      lock.release()
      lock.close()
    }),
  ),
)
