// Guards and bodies: what is held is given back once, however the body ends.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BoundedSemaphore, Condition, Lock, RLock, Semaphore } from '../../src/index.ts'
import { balancedAsync } from '../value/balance.ts'

// biome-ignore lint/suspicious/noExplicitAny: bodies that are wrong.
type Any = any

interface Held {
  readonly thing: Any
  isHeld(): boolean
  close(): void
}

function condition(lock: Lock | RLock): Held {
  const thing = new Condition(lock)
  return {
    thing,
    isHeld: () => lock.locked,
    close: () => {
      thing.close()
      lock.close()
    },
  }
}

function locked(thing: Lock | RLock): Held {
  return { thing, isHeld: () => thing.locked, close: () => thing.close() }
}

function permits(thing: Semaphore | BoundedSemaphore): Held {
  return { thing, isHeld: () => thing.value < 2, close: () => thing.close() }
}

const KINDS: Record<string, () => Held> = {
  Lock: () => locked(new Lock()),
  RLock: () => locked(new RLock()),
  Semaphore: () => permits(new Semaphore(2)),
  BoundedSemaphore: () => permits(new BoundedSemaphore(2)),
  Condition: () => condition(new Lock()),
  'Condition over an RLock': () => condition(new RLock()),
}

function forEach(title: string, play: (held: Held) => Promise<void> | void, without: string[] = []): void {
  for (const [name, make] of Object.entries(KINDS)) {
    if (without.includes(name)) continue
    test(`${name}: ${title}`, () =>
      balancedAsync(async () => {
        const held = make()
        try {
          await play(held)
          assert.equal(held.isHeld(), false)
        } finally {
          held.close()
        }
      }))
  }
}

/** Of a call chain, which is held by `run()` only. */
const RECURSIVE = ['RLock', 'Condition over an RLock']

forEach(
  'what hold() gives is held until it is disposed of, and given back once',
  async ({ thing, isHeld }) => {
    const held = await thing.hold()
    assert.equal(isHeld(), true)
    held[Symbol.dispose]()
    assert.equal(isHeld(), false)
    const other = await thing.hold()
    held[Symbol.dispose]()
    assert.equal(isHeld(), true, 'it is the other’s')
    other[Symbol.dispose]()
  },
  RECURSIVE,
)

forEach('what holdSync() gives is held until it is disposed of, and given back once', ({ thing, isHeld }) => {
  const held = thing.holdSync()
  assert.equal(isHeld(), true)
  held[Symbol.dispose]()
  const other = thing.holdSync()
  held[Symbol.dispose]()
  assert.equal(isHeld(), true, 'it is the other’s')
  other[Symbol.dispose]()
})

forEach('run() holds it while the body runs, and gives what the body gives', async ({ thing, isHeld }) => {
  assert.deepEqual(await thing.run(() => [isHeld(), 'sync']), [true, 'sync'])
  const later = thing.run(async () => {
    await new Promise(setImmediate)
    return isHeld()
  })
  assert.equal(await later, true)
})

forEach('runSync() holds it while the body runs, and gives what the body gives', ({ thing, isHeld }) => {
  assert.deepEqual(
    thing.runSync(() => [isHeld(), 5]),
    [true, 5],
  )
})

forEach('it is given back when the body throws, and the error comes through', async ({ thing, isHeld }) => {
  const error = new Error('of the body')
  const fail = (): never => {
    throw error
  }
  const isIt = (caught: unknown): boolean => caught === error && !isHeld()
  assert.throws(() => thing.runSync(fail), isIt)
  await assert.rejects(thing.run(fail), isIt)
  await assert.rejects(
    thing.run(async () => fail()),
    isIt,
  )
})

forEach('a body of runSync() that gives a promise is a TypeError, and it is given back', async ({ thing, isHeld }) => {
  // biome-ignore lint/suspicious/noThenProperty: what some libraries give instead of a promise.
  const lazy = { then: (done: () => void) => done() }
  for (const body of [async () => 5, () => Promise.reject(new Error('nobody sees it')), () => lazy]) {
    assert.throws(() => thing.runSync(body), { name: 'TypeError', message: /use run\(\)/ })
    assert.equal(isHeld(), false)
  }
  await new Promise(setImmediate)
})

forEach('a body that is no function is a TypeError, and nothing is taken', async ({ thing, isHeld }) => {
  for (const wrong of [undefined, null, 5, {}, 'body']) {
    assert.throws(() => thing.runSync(wrong), { name: 'TypeError', message: /`body`/ })
    await assert.rejects(async () => await thing.run(wrong), { name: 'TypeError', message: /`body`/ })
    assert.equal(isHeld(), false)
  }
})

forEach('giving back what nobody has is an error with the code ERR_NOT_HELD', ({ thing }) => {
  if (thing instanceof Semaphore) return
  assert.throws(() => thing.release(), { code: 'ERR_NOT_HELD' })
  assert.equal(thing.tryAcquire(), true)
  thing.release()
  assert.throws(() => thing.release(), { code: 'ERR_NOT_HELD' })
})

test('a Lock may be released by another than its owner', () =>
  balancedAsync(async () => {
    const lock = new Lock()
    lock.acquireSync()
    const waiting = lock.acquire()
    await Promise.resolve().then(() => lock.release())
    assert.equal(await waiting, true)
    lock.release()
    lock.close()
  }))

test('a semaphore’s permits can be given back several at a time, up to its limit', () => {
  const [semaphore, bounded] = [new Semaphore(0), new BoundedSemaphore(3)]
  semaphore.release(4)
  assert.equal(semaphore.value, 4)
  for (let left = 2; left >= 0; left -= 1) assert.deepEqual([bounded.tryAcquire(), bounded.value], [true, left])
  assert.equal(bounded.tryAcquire(), false)
  bounded.release(2)
  assert.throws(() => bounded.release(2), { code: 'ERR_NOT_HELD' })
  assert.deepEqual([bounded.value, bounded.maxValue], [2, 3], 'nothing is given back then')
  for (const wrong of [0, -1, 1.5]) assert.throws(() => semaphore.release(wrong), RangeError)
  for (const wrong of ['1', null]) assert.throws(() => semaphore.release(wrong as Any), TypeError)
  assert.throws(() => new Semaphore(-1), RangeError)
  assert.throws(() => new BoundedSemaphore(0.5), RangeError)
  assert.throws(() => new Semaphore('1' as Any), TypeError)
  assert.deepEqual([new Semaphore().value, new BoundedSemaphore().maxValue], [1, 1])
  semaphore.close()
  bounded.close()
})

test('several permits that are given back wake as many waits', () =>
  balancedAsync(async () => {
    const semaphore = new Semaphore(0)
    const waits = Array.from({ length: 5 }, () => semaphore.acquire())
    semaphore.release(3)
    assert.deepEqual(await Promise.all(waits.slice(0, 3)), [true, true, true])
    assert.equal(semaphore.value, 0)
    semaphore.release(2)
    await Promise.all(waits)
    semaphore.close()
  }))

test('a thread has many permits by holding, more than there are places to remember who', () =>
  balancedAsync(async () => {
    const semaphore = new Semaphore(3000)
    const held = await Promise.all(Array.from({ length: 3000 }, () => semaphore.hold()))
    assert.equal(semaphore.value, 0)
    for (const each of held) each[Symbol.dispose]()
    assert.equal(semaphore.value, 3000)
    semaphore.close()
  }))
