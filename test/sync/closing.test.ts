// The end of shared objects: close() by who made them and elsewhere, and what becomes of those who wait at that moment.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { inspect } from 'node:util'
import { Barrier, BoundedSemaphore, ClosedError, Condition, Event, Lock, RLock, Semaphore } from '../../src/index.ts'
import { closeThere, waitForClose } from '../fixtures/sync/closers.ts'
import { someWait } from '../fixtures/sync/keepers.ts'
import { reached, withWords } from '../helpers/wait-words.ts'
import { ALL, perMethod, PROCESSES } from '../process/methods.ts'
import { balancedAsync } from '../value/balance.ts'

// biome-ignore lint/suspicious/noExplicitAny: members are called by their names.
type Any = any

interface Kind {
  readonly make: () => Any
  /** Every way to use it: all throw once it is closed. */
  readonly uses: Record<string, (thing: Any) => unknown>
}

const body = (): void => {}
const held = {
  run: (thing: Any) => thing.run(body),
  runSync: (thing: Any) => thing.runSync(body),
  holdSync: (thing: Any) => thing.holdSync(),
  acquireSync: (thing: Any) => thing.acquireSync(),
  'acquireSync in time': (thing: Any) => thing.acquireSync({ timeout: 1 }),
  tryAcquire: (thing: Any) => thing.tryAcquire(),
  release: (thing: Any) => thing.release(),
}
const promised = {
  acquire: (thing: Any) => thing.acquire(),
  'acquire in time': (thing: Any) => thing.acquire({ timeout: 1 }),
  hold: (thing: Any) => thing.hold(),
}
const locks = {
  locked: (thing: Any) => thing.locked,
  abandoned: (thing: Any) => thing.abandoned,
  clearAbandoned: (thing: Any) => thing.clearAbandoned(),
}
const waits = { wait: (thing: Any) => thing.wait(), waitSync: (thing: Any) => thing.waitSync() }
const value = { value: (thing: Any) => thing.value, 'release of two': (thing: Any) => thing.release(2) }

const KINDS: Record<string, Kind> = {
  Lock: { make: () => new Lock(), uses: { ...held, ...promised, ...locks } },
  RLock: { make: () => new RLock(), uses: { ...held, ...locks } },
  Semaphore: { make: () => new Semaphore(0), uses: { ...held, ...promised, ...value } },
  BoundedSemaphore: { make: () => new BoundedSemaphore(1), uses: { ...held, ...promised, ...value, wait: thing => thing.acquire() } },
  Event: {
    make: () => new Event(),
    uses: { ...waits, isSet: thing => thing.isSet, set: thing => thing.set(), clear: thing => thing.clear() },
  },
  Barrier: {
    make: () => new Barrier(2),
    uses: {
      ...waits,
      reset: thing => thing.reset(),
      abort: thing => thing.abort(),
      parties: thing => thing.parties,
      waiting: thing => thing.waiting,
      broken: thing => thing.broken,
    },
  },
  Condition: {
    make: () => new Condition(),
    uses: {
      ...waits,
      waitFor: thing => thing.waitFor(() => false),
      waitForSync: thing => thing.waitForSync(() => false),
      notify: thing => thing.notify(),
      notifyAll: thing => thing.notifyAll(),
    },
  },
}

for (const [name, { make, uses }] of Object.entries(KINDS)) {
  test(`${name}: once it is closed, every use of it is a ClosedError`, () =>
    balancedAsync(async () => {
      const thing = make()
      assert.equal(thing.closed, false)
      thing.close()
      thing.close()
      thing[Symbol.dispose]()
      assert.equal(thing.closed, true)
      assert.equal(inspect(thing), `${name} { closed }`)
      for (const [use, act] of Object.entries(uses)) {
        await assert.rejects(async () => await act(thing), ClosedError, use)
      }
      thing.lock?.close()
    }))
}

test('closing a condition leaves its lock open, whoever made it, and closing its lock leaves the condition useless', () =>
  balancedAsync(async () => {
    const condition = new Condition()
    condition.close()
    assert.equal(condition.lock.closed, false)
    // What is the lock's goes on.
    assert.equal(await condition.run(() => 5), 5)
    condition.lock.close()
    await assert.rejects(async () => await condition.run(body), ClosedError)
  }))

test('who waits in promise form when the maker closes gets a ClosedError, all of them', () =>
  balancedAsync(async () => {
    const things = [new Lock(), new Semaphore(0), new Event(), new Barrier(3)] as const
    const [lock, semaphore, event, barrier] = things
    lock.acquireSync()
    const ends = [
      lock.acquire(),
      lock.hold(),
      lock.run(body),
      semaphore.acquire(),
      semaphore.hold(),
      event.wait(),
      barrier.wait(),
      barrier.wait(),
    ]
    const failures = Promise.allSettled(ends)
    await turn()
    for (const thing of things) thing.close()
    for (const end of await failures) assert.ok(end.status === 'rejected' && end.reason instanceof ClosedError)
  }))

test('who waits inside an RLock’s body when it is closed ends, and so does the body', () =>
  balancedAsync(async () => {
    const lock = new RLock()
    const outer = lock.run(async () => {
      lock.close()
      await assert.rejects(lock.run(body), ClosedError)
      return 5
    })
    assert.equal(await outer, 5)
  }))

test('an object that takes the place of a closed one is not mistaken for it', () =>
  balancedAsync(async () => {
    const first = new Lock()
    first.acquireSync()
    const waiting = first.acquire()
    await turn()
    first.close()
    const second = new Lock()
    await assert.rejects(waiting, ClosedError)
    assert.deepEqual([second.locked, second.tryAcquire(), first.closed], [false, true, true])
    assert.throws(() => first.release(), ClosedError)
    assert.equal(second.locked, true)
    second.close()
  }))

perMethod(ALL, 'close() of another lets go there and nowhere else', context =>
  balancedAsync(async () => {
    const things = [
      new Lock(),
      new RLock(),
      new Semaphore(1),
      new BoundedSemaphore(1),
      new Event(),
      new Barrier(2),
      new Condition(),
    ] as const
    const child = await new context.Process({ target: closeThere, args: [things] }).start()
    await child.join()
    assert.equal(child.exitCode, 0)
    const [lock, rlock, semaphore, bounded, event, barrier, condition] = things
    assert.deepEqual([lock.locked, rlock.locked, semaphore.value, bounded.value, event.isSet], [false, false, 1, 1, false])
    assert.deepEqual([barrier.waiting, condition.tryAcquire()], [0, true])
    for (const thing of things) {
      assert.equal(thing.closed, false)
      if (thing instanceof Condition) thing.lock.close()
      thing.close()
    }
  }),
)

for (const form of ['promise', 'blocking'] as const) {
  perMethod(form === 'promise' ? ALL : PROCESSES, `who waits there in ${form} form when the maker closes gets a ClosedError`, context =>
    withWords(arrived =>
      balancedAsync(async () => {
        const things = { lock: new Lock(), rlock: new RLock(), semaphore: new Semaphore(0), event: new Event(), barrier: new Barrier(2) }
        const condition = new Condition()
        things.lock.acquireSync()
        things.rlock.acquireSync()
        const all = { ...things, condition }
        const children = await Promise.all(
          Object.values(all).map(thing => new context.Process({ target: waitForClose, args: [thing, form, arrived.reference] }).start()),
        )
        await reached(arrived, children.length)
        for (const thing of Object.values(all)) await someWait(thing, 1)
        for (const thing of Object.values(all)) thing.close()
        for (const child of children) await child.join()
        assert.deepEqual(
          children.map(child => child.exitCode),
          [0, 0, 0, 0, 0, 0],
        )
        condition.lock.close()
      }),
    ),
  )
}
