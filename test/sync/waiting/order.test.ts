// Who waits longest is served first.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { BoundedSemaphore, closeShared, Condition, Lock, RawArray, RLock, Semaphore } from '../../../src/index.ts'
import { someWait } from '../../fixtures/sync/keepers.ts'
import { type Form, nextInLine, standInLine, type Turn, turnsIn, waitInLine } from '../../fixtures/sync/queuers.ts'
import { ALL, type Context, PROCESSES, perMethod } from '../../process/methods.ts'
import { balancedAsync } from '../../value/balance.ts'

const WAITERS = 3

for (const [name, make] of Object.entries({
  Lock: () => new Lock(),
  Semaphore: () => new Semaphore(1),
  BoundedSemaphore: () => new BoundedSemaphore(1),
})) {
  test(`${name}: the promises of one thread are served in their order, and nobody who comes later is first`, () =>
    balancedAsync(async () => {
      const thing = make()
      const order: number[] = []
      thing.acquireSync()
      const waits = Array.from({ length: 100 }, async (_, number) => {
        if (number % 3 === 0) await thing.acquire()
        else if (number % 3 === 1) await thing.acquire({ timeout: 20_000 })
        else await thing.run(() => void order.push(number))
        if (number % 3 === 2) return
        order.push(number)
        thing.release()
      })
      await turn()
      thing.release()
      // Free for a moment, perhaps, but there are others in the line.
      const last = thing.acquire()
      await Promise.all(waits)
      await last
      assert.deepEqual(
        order,
        Array.from({ length: 100 }, (_, number) => number),
      )
      thing.release()
      thing.close()
    }))
}

test('RLock: the promises of one thread are served in their order', () =>
  balancedAsync(async () => {
    const lock = new RLock()
    const order: number[] = []
    const waits = Array.from({ length: 50 }, (_, number) => lock.run(async () => void order.push(await turn(number))))
    await Promise.all(waits)
    assert.deepEqual(
      order,
      Array.from({ length: 50 }, (_, number) => number),
    )
    lock.close()
  }))

test('Condition: those who have waited longest are notified first', () =>
  balancedAsync(async () => {
    const condition = new Condition()
    const order: number[] = []
    const waits = Array.from({ length: 6 }, (_, number) =>
      condition.run(async () => void order.push((await condition.wait()) ? number : -1)),
    )
    await turn()
    condition.runSync(() => condition.notify(2))
    await Promise.all(waits.slice(0, 2))
    condition.runSync(() => condition.notify())
    await waits[2]
    assert.deepEqual(order, [0, 1, 2])
    condition.runSync(() => condition.notifyAll())
    await Promise.all(waits)
    assert.deepEqual([...order].sort(), [0, 1, 2, 3, 4, 5])
    condition.close()
    condition.lock.close()
  }))

test('one that is aborted or late leaves the line, and the others keep their order', () =>
  balancedAsync(async () => {
    const lock = new Lock()
    lock.acquireSync()
    const controller = new AbortController()
    const order: string[] = []
    const wait = (name: string, options?: object): Promise<void> => lock.run(() => void order.push(name), options)
    const waits = [wait('a'), wait('aborted', { signal: controller.signal }), wait('b'), wait('late', { timeout: 1 }), wait('c')]
    const ends = Promise.allSettled(waits)
    controller.abort()
    await assert.rejects(waits[3] as Promise<void>, { code: 'ERR_TIMEOUT' })
    lock.release()
    assert.deepEqual(
      (await ends).map(end => end.status),
      ['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled'],
    )
    assert.deepEqual(order, ['a', 'b', 'c'])
    lock.close()
  }))

for (const form of ['promise', 'blocking', 'mixed'] as const) {
  for (const [name, make] of Object.entries({ Lock: () => new Lock(), RLock: () => new RLock() })) {
    perMethod(
      form === 'mixed' ? PROCESSES : ['forkserver'],
      `${name}: of the processes that wait in ${form} form, the next is whoever began first`,
      context => balancedAsync(() => playLine(context, make(), form)),
    )
  }
}

async function playLine(context: Context, lock: Lock | RLock, form: Form | 'mixed'): Promise<void> {
  const list = new RawArray('i32', 1 + 3 * WAITERS)
  lock.acquireSync()
  const children: { join(): Promise<boolean> }[] = []
  for (let number = 1; number <= WAITERS; number += 1) {
    const args = [lock, formOf(form, number), list, number] as const
    children.push(await new context.Process({ target: standInLine, args }).start())
    await someWait(lock, number)
  }
  const first = nextInLine(lock)
  lock.release()
  for (const child of children) await child.join()
  const turns = turnsIn([...list])
  assert.equal(turns.length, WAITERS)
  assertInOrder(first, turns)
  closeShared(list)
  lock.close()
}

/** Who was to be next is known; that it was next is not certain: one that does not get up in time is passed over. */
function assertInOrder(first: number, turns: readonly Turn[]): void {
  const line = [...turns].sort((one, other) => one.number - other.number)
  let next = first
  for (const turn of turns) {
    assert.equal(next, line[0]?.me, JSON.stringify(turns))
    line.splice(line.indexOf(turn), 1)
    next = turn.heir
  }
  assert.equal(next, 0)
}

perMethod(ALL, 'Condition: processes that have waited longest are notified first', context =>
  balancedAsync(async () => {
    const condition = new Condition()
    const list = new RawArray('i32', WAITERS + 1)
    const children: { join(): Promise<boolean> }[] = []
    for (let number = 1; number <= WAITERS; number += 1) {
      const args = [condition, formOf('mixed', number), list, number] as const
      children.push(await new context.Process({ target: waitInLine, args }).start())
      await someWait(condition, number)
    }
    for (const child of children) {
      condition.runSync(() => condition.notify())
      await child.join()
    }
    assert.deepEqual([...list], [WAITERS, 1, 2, 3])
    closeShared(list)
    condition.close()
    condition.lock.close()
  }),
)

function formOf(form: Form | 'mixed', number: number): Form {
  if (form !== 'mixed') return form
  return number % 2 === 0 ? 'promise' : 'blocking'
}
