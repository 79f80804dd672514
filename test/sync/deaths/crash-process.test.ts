// The crash points again, with real processes that use the classes, and are killed before one of their writes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { Barrier, BrokenBarrierError, Condition, Event, getContext, Lock, RLock, Semaphore } from '../../../src/index.ts'
import { arena } from '../../../src/memory/arena.ts'
import { dieBefore } from '../../fixtures/sync/dying.ts'
import { waitingIn } from '../../fixtures/sync/keepers.ts'
import { assertSound } from '../../helpers/crash.ts'
import { ownedBlocks } from '../../value/balance.ts'

const PERMITS = 3
const SOON = { timeout: 5000 }

interface Play {
  /** What the process works with, ready for it. */
  make(): { close(): void } | null
  /** What this process does while that one works, each ms. */
  // biome-ignore lint/suspicious/noExplicitAny: each takes an object of its own kind.
  help?(thing: any): void
  // biome-ignore lint/suspicious/noExplicitAny: each takes an object of its own kind.
  check?(thing: any, died: boolean): Promise<void>
}

async function lockIsWell(lock: Lock | RLock): Promise<void> {
  await lock.run(() => {}, SOON)
  assert.equal(lock.locked, false)
  assert.equal(waitingIn(lock), 0)
}

function heldLock(make: () => Lock | RLock): Play {
  return {
    make: () => {
      const lock = make()
      lock.acquireSync()
      return lock
    },
    help: lock => {
      if (waitingIn(lock) > 0 && isMine(lock)) lock.release()
    },
    check: lock => {
      if (isMine(lock)) lock.release()
      return lockIsWell(lock)
    },
  }
}

function isMine(lock: Lock | RLock): boolean {
  return new RegExp(`held by ${process.pid} `).test(inspect(lock))
}

const condition: Play = {
  make: () => new Condition(),
  help: (each: Condition) => {
    if (waitingIn(each) > 0 && each.tryAcquire()) {
      each.notify()
      each.release()
    }
  },
  check: async (each: Condition) => {
    assert.equal(waitingIn(each), 0)
    await lockIsWell(each.lock)
    const wait = each.run(() => each.wait(SOON))
    await each.run(() => each.notify())
    assert.equal(await wait, true)
    each.lock.close()
  },
}

const notified: Play = {
  make: () => {
    const each = new Condition()
    waits = [1, 2].map(() => each.run(() => each.wait(SOON)))
    return each
  },
  check: async (each: Condition) => {
    await each.run(() => each.notifyAll(), SOON)
    assert.deepEqual(await Promise.all(waits), [true, true])
    await lockIsWell(each.lock)
    each.lock.close()
  },
}
let waits: Promise<unknown>[] = []

const semaphore = (mayLose: number): Play => ({
  make: () => new Semaphore(PERMITS),
  check: async (each: Semaphore, died) => {
    const most = PERMITS - (died ? mayLose : 0)
    for (let count = 0; count < most; count += 1) assert.equal(await each.acquire(SOON), true)
    if (mayLose === 0 || !died) assert.equal(each.value, 0)
  },
})

const PLAYS: Record<string, Play> = {
  'uses a free Lock in all forms': { make: () => new Lock(), check: lockIsWell },
  'waits for a Lock, blocked': heldLock(() => new Lock()),
  'waits for a Lock, as a promise': heldLock(() => new Lock()),
  'waits for an RLock, blocked': heldLock(() => new RLock()),
  'waits for an RLock, as a promise': heldLock(() => new RLock()),
  'gives up waiting for a Lock': {
    ...heldLock(() => new Lock()),
    help: () => {},
  },
  'holds permits': semaphore(0),
  'acquires a permit': semaphore(1),
  'waits for a condition, blocked': condition,
  'waits for a condition, as a promise': condition,
  'notifies two': notified,
  'sets an event, clears it and waits in vain': {
    make: () => new Event(),
    check: async (event: Event) => {
      const wait = event.wait(SOON)
      event.set()
      assert.equal(await wait, true)
      assert.equal(waitingIn(event), 0)
    },
  },
  'comes to a barrier': {
    make: () => {
      const barrier = new Barrier(2, SOON)
      waits = [
        barrier.wait().catch(error => {
          // Died on its way, before it stood in the list: then nobody can know that it was coming.
          assert.ok(error instanceof BrokenBarrierError)
          return 'broken'
        }),
      ]
      return barrier
    },
    check: async (barrier: Barrier, died) => {
      if (died && !barrier.broken && barrier.waiting === 1) barrier.abort()
      const [end] = await Promise.all(waits)
      if (!died) assert.equal(end, 0)
      if (barrier.broken) barrier.reset()
      assert.deepEqual((await Promise.all([barrier.wait(), barrier.wait()])).sort(), [0, 1])
    },
  },
  'makes objects, uses and closes them': { make: () => null },
}

/** False: it had fewer writes, and has ended by itself. */
async function playOnce(work: string, { make, help, check }: Play, write: number): Promise<boolean> {
  const thing = make()
  const child = await new (getContext('fork').Process)({ target: dieBefore, args: [write, work, thing] }).start()
  for (let running = true; running; ) {
    help?.(thing)
    running = !(await child.join({ timeout: 1 }))
  }
  const died = child.exitCode === -9
  assert.ok(died || child.exitCode === 0, `the process ended with ${child.exitCode}`)
  try {
    await check?.(thing, died)
    assertSound(arena())
  } catch (error) {
    throw new Error(`before write ${write}: ${(error as Error).message}`, { cause: error })
  }
  thing?.close()
  return died
}

for (const [work, play] of Object.entries(PLAYS)) {
  test(`a process is killed at any write while it ${work}`, { timeout: 60_000 }, async t => {
    const before = ownedBlocks()
    let points = 0
    while (await playOnce(work, play, points + 1)) points += 1
    t.diagnostic(`${points} crash points`)
    assert.ok(points >= 2, `only ${points} crash points`)
    // What a dead maker has not closed goes with the tree: three objects, and what one of them had beside.
    const left = ownedBlocks() - before
    assert.ok(left <= (work.startsWith('makes') ? 4 * points : 0), `${left} blocks are left`)
  })
}
