// What `wait` says of what is ready, whatever it is. That times, signals and interruptions end it as any other wait is in
// test/sync/waits.test.ts and programs.test.ts, where it is one of the cases.
import assert from 'node:assert/strict'
import { closeSync, openSync } from 'node:fs'
import { Socket } from 'node:net'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { BoundedSemaphore, ClosedError, Event, getContext, Lock, Semaphore, wait, type Waitable, waitSync } from '../../src/index.ts'
import { native } from '../../src/native/load.ts'
import { assertNoGrowth, resources } from '../helpers/resources.ts'
import { balancedAsync } from '../value/balance.ts'

// biome-ignore lint/suspicious/noExplicitAny: what is wrong, too.
type Any = any
type Ways = (objects: Iterable<Waitable>, options?: { timeout?: number }) => Promise<Waitable[]>

const forms: Record<string, Ways> = {
  wait: (objects, options) => wait(objects, options),
  waitSync: async (objects, options) => waitSync(objects, options),
}

/** In a scene of its own, after which nothing is left open or in the arena. */
function inBothForms(title: string, body: (waitFor: Ways) => Promise<void>): void {
  for (const [name, waitFor] of Object.entries(forms)) {
    test(`${name}: ${title}`, { timeout: 30_000 }, async () => {
      waitSync([new Event()], { timeout: 0 })
      await new Event().wait({ timeout: 1 })
      const before = resources()
      await balancedAsync(() => body(waitFor))
      await assertNoGrowth(before)
    })
  }
}

/** Two ends of a socket, which are closed with the scene. */
function sockets(): { ours: number; theirs: number; say(): void; hear(): void } & Disposable {
  const [ours, theirs] = native().socketPair()
  return {
    ours,
    theirs,
    say: () => void native().writeDescriptor(theirs, new Uint8Array(1)),
    hear: () => void native().readDescriptor(ours, new Uint8Array(1)),
    [Symbol.dispose]() {
      for (const end of [ours, theirs]) native().close(end)
    },
  }
}

inBothForms('all that are ready are told in the order in which they were given, twice if they were given twice', async waitFor => {
  using event = new Event()
  using semaphore = new Semaphore(1)
  using bounded = new BoundedSemaphore(1)
  using socket = sockets()
  using other = new Event()
  const all = new Set<Waitable>([socket.ours, other, bounded, event, semaphore])
  assert.deepEqual(await waitFor(all), [bounded, semaphore])
  event.set()
  socket.say()
  assert.deepEqual(await waitFor(all), [socket.ours, bounded, event, semaphore])
  assert.deepEqual(await waitFor([event, socket.ours, other, event, socket.ours]), [event, socket.ours, event, socket.ours])
  bounded.tryAcquire()
  socket.hear()
  assert.deepEqual(await waitFor([event, bounded, socket.ours, semaphore], { timeout: 0 }), [event, semaphore])
  assert.deepEqual([semaphore.value, bounded.value], [1, 0], 'nothing was taken')
})

inBothForms('nothing is ready when the time is up, and without objects nothing ever is', async waitFor => {
  using event = new Event()
  using socket = sockets()
  for (const objects of [[], [event], [socket.ours], [event, socket.ours]]) {
    const start = performance.now()
    assert.deepEqual(await waitFor(objects, { timeout: 20 }), [])
    assert.ok(performance.now() - start >= 19)
    assert.deepEqual(await waitFor(objects, { timeout: 0 }), [])
  }
})

inBothForms('what is ready and is not taken is ready the next time', async waitFor => {
  using semaphore = new Semaphore(1)
  using socket = sockets()
  socket.say()
  for (let time = 0; time < 100; time += 1) assert.deepEqual(await waitFor([semaphore, socket.ours]), [semaphore, socket.ours])
})

inBothForms('an end is ready, and a file always is', async waitFor => {
  const [ours, theirs] = native().socketPair()
  native().close(theirs)
  const file = openSync('/proc/self/exe', 'r')
  assert.deepEqual(await waitFor([file, ours]), [file, ours])
  native().close(ours)
  closeSync(file)
})

inBothForms('what cannot be waited for is refused, and what was given with it is let go', async waitFor => {
  using event = new Event()
  using lock = new Lock()
  using socket = sockets()
  const closed = new Semaphore(1)
  closed.close()
  for (const objects of [undefined, null, 5, {}]) {
    await assert.rejects(async () => await waitFor(objects as Any), /^TypeError: Expected `objects` to be an iterable/)
  }
  await assert.rejects(async () => await waitFor(event as Any), /an iterable of what can be waited for, as in wait\(\[it\]\), got /)
  for (const wrong of [null, 'x', {}, { pid: 1, ended: false }, lock, 5n]) {
    const message = /^TypeError: Expected `objects\[2\]` to be a connection, queue, event, semaphore, sentinel or descriptor, got /
    await assert.rejects(async () => await waitFor([event, socket.ours, wrong as Any]), message)
  }
  for (const wrong of [-1, 0.5, Number.NaN, 2 ** 31]) await assert.rejects(async () => await waitFor([wrong]), RangeError)
  await assert.rejects(async () => await waitFor([event, closed]), ClosedError)
  await assert.rejects(async () => await waitFor([event, 100_000]), { code: 'EBADF' })
})

inBothForms('of a thousand events those that are set are found', async waitFor => {
  const events = Array.from({ length: 1000 }, () => new Event())
  const some = events.filter((_, index) => index % 333 === 5)
  assert.deepEqual(await waitFor(events, { timeout: 5 }), [])
  for (const event of some) event.set()
  assert.deepEqual(await waitFor(events), some)
  for (const event of events) event.close()
})

test('a thousand events wait without a descriptor each, and the first that is set ends it for all', { timeout: 30_000 }, () =>
  balancedAsync(async () => {
    const events = Array.from({ length: 1000 }, () => new Event())
    const before = resources()
    const waits = Array.from({ length: 5 }, () => wait(events))
    await turn()
    await assertNoGrowth(before)
    events[700]?.set()
    for (const ready of await Promise.all(waits)) assert.deepEqual(ready, [events[700]])
    for (const event of events) event.close()
  }),
)

test('an event that is set and cleared at once ends a wait', () =>
  balancedAsync(async () => {
    using event = new Event()
    const waiting = wait([event])
    event.set()
    event.clear()
    assert.deepEqual(await waiting, [event])
    assert.deepEqual(await wait([event], { timeout: 1 }), [], 'one that comes later it does not')
  }))

test('without objects and without a timeout it waits until it is aborted', async () => {
  const controller = new AbortController()
  const waiting = wait([], { signal: controller.signal })
  await turn()
  controller.abort(new Error('enough'))
  await assert.rejects(waiting, /enough/)
})

test('an object that is closed meanwhile ends it with a ClosedError', () =>
  balancedAsync(async () => {
    using event = new Event()
    const semaphore = new Semaphore(0)
    const waiting = wait([event, semaphore])
    await turn()
    semaphore.close()
    await assert.rejects(waiting, ClosedError)
  }))

test('a descriptor may be waited for any number of times, also one that a stream of Node.js has', { timeout: 30_000 }, async () => {
  const before = resources()
  const [ours, theirs] = native().socketPair()
  const stream = new Socket({ fd: native().duplicate(ours), allowHalfOpen: true })
  const { fd } = (stream as unknown as { _handle: { fd: number } })._handle
  const waits = [wait([fd]), wait([ours]), wait([ours, fd]), wait([theirs, ours], { timeout: 20 })]
  await turn()
  assert.deepEqual(await waits[3], [])
  // An end, which stays for all to see: bytes would be there for who is first.
  native().close(theirs)
  assert.deepEqual(await Promise.all(waits.slice(0, 3)), [[fd], [ours], [ours, fd]])
  stream.destroy()
  native().close(ours)
  await assertNoGrowth(before)
})

test('what waits for its turn behind others is looked at when it is there', () =>
  balancedAsync(async () => {
    using semaphore = new Semaphore(0)
    const order: string[] = []
    const before = semaphore.acquire().then(() => order.push('taken'))
    const waiting = wait([semaphore]).then(() => order.push('ready'))
    const after = semaphore.acquire().then(() => order.push('taken'))
    await turn()
    semaphore.release()
    await before
    await turn()
    assert.deepEqual(order, ['taken'], 'the one permit was taken by who came first')
    semaphore.release()
    await Promise.all([waiting, after])
    assert.deepEqual([order.toSorted(), semaphore.value], [['ready', 'taken', 'taken'], 0])
  }))

test('a blocking wait leaves the promises of its thread what it has been woken for', () =>
  balancedAsync(async () => {
    using semaphore = new Semaphore(0)
    using event = new Event()
    const acquired = semaphore.acquire()
    await turn()
    semaphore.release()
    assert.deepEqual(waitSync([event, semaphore], { timeout: 1000 }), [semaphore])
    assert.equal(await acquired, true)
  }))

test('a forked process does not go on with the waits of its parent, and has its own', { timeout: 30_000 }, async () => {
  using event = new Event()
  using socket = sockets()
  const controller = new AbortController()
  let settled = 0
  const waiting = wait([event, socket.ours], { timeout: 60_000, signal: controller.signal }).finally(() => {
    settled += 1
  })
  await turn()
  const child = new (getContext('fork').Process)({
    target: async () => {
      controller.abort()
      socket.say()
      const own = await Promise.all([wait([socket.ours, event]), wait([event, socket.ours])])
      await turn()
      process.exitCode = own.flat().join() === [socket.ours, socket.ours].join() && settled === 0 ? 7 : 8
    },
  })
  await child.start()
  assert.deepEqual(await waiting, [socket.ours], 'the child’s abort is not ours')
  await child.join()
  assert.equal(child.exitCode, 7)
})
