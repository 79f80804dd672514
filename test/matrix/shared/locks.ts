// Rows: locks and their like. What arrives is another object with the same state, in whatever way it came.
import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { type Any, type Elsewhere, echo, failureOf, type Row, scene } from '../rows.ts'

type Library = Elsewhere['library']

/** What `use` does with it is seen in the state that others have of it. */
interface Kind {
  readonly make: (library: Library) => Any
  /** A small change of state, which may be made again and again, and says what it found. */
  readonly use: (thing: Any) => unknown
  /** What each use finds, from the first on. */
  readonly found: (times: number) => unknown
  /** After it was used so often. */
  readonly check: (thing: Any, times: number) => void
}

const take = (thing: Any): unknown => thing.tryAcquire()

const KINDS: Record<string, Kind> = {
  Lock: {
    make: library => new library.Lock(),
    use: take,
    found: times => times === 0,
    check: lock => assert.equal(lock.locked, true),
  },
  RLock: {
    make: library => new library.RLock(),
    use: lock => lock.runSync(() => lock.locked),
    found: () => true,
    check: lock => assert.equal(lock.locked, false),
  },
  Semaphore: {
    make: library => new library.Semaphore(10),
    use: take,
    found: () => true,
    check: (semaphore, times) => assert.equal(semaphore.value, 10 - times),
  },
  BoundedSemaphore: {
    make: library => new library.BoundedSemaphore(10),
    use: semaphore => [semaphore.tryAcquire(), semaphore.maxValue],
    found: () => [true, 10],
    check: (semaphore, times) => assert.equal(semaphore.value, 10 - times),
  },
  Condition: {
    make: library => new library.Condition(),
    use: condition =>
      condition.runSync(() => {
        condition.notifyAll()
        return condition.lock.locked
      }),
    found: () => true,
    check: condition => assert.equal(condition.lock.locked, false),
  },
  'Condition over an RLock': {
    make: library => new library.Condition(new library.RLock()),
    use: condition =>
      condition.runSync(() => condition.lock.runSync(() => [condition.waitSync({ timeout: 0 }), condition.lock.constructor.name])),
    found: () => [false, 'RLock'],
    check: condition => assert.equal(condition.lock.locked, false),
  },
  Event: {
    make: library => new library.Event(),
    use: event => {
      const wasSet = event.isSet
      event.set()
      return wasSet
    },
    found: times => times > 0,
    check: event => assert.equal(event.isSet, true),
  },
  Barrier: {
    make: library => new library.Barrier(3),
    use: barrier => {
      const { broken, parties } = barrier
      barrier.abort()
      return [broken, parties]
    },
    found: times => [times > 0, 3],
    check: barrier => assert.equal(barrier.broken, true),
  },
}

const ways = Object.entries(KINDS).map(([name, { make, use, found, check }]) =>
  scene(`a ${name} is one object, wherever and however it arrives`, async there => {
    const thing = make(there.library)
    const seen = [
      await there.run((given: Any) => use(given), [thing]),
      await there.run((given: Any) => use(given.list[0].get('it')), [{ list: [new Map([['it', thing]])] }]),
      await there.run(() => use(thing)),
      await there.run((given: Any) => use([...given][0]), [new Set([thing])]),
    ]
    const home = await there.run(echo, [[thing, { again: thing }]])
    assert.equal(home[0], home[1].again, 'twice in a message it is one object')
    assert.equal(home[0].constructor, thing.constructor)
    seen.push(use(home[0]))
    assert.deepEqual(seen, [0, 1, 2, 3, 4].map(found))
    check(thing, 5)
    check(home[0], 5)
    thing.lock?.close()
    thing.close()
    assert.equal(home[0].closed, true, 'closed by its maker')
    assert.match(inspect(home[0]), / \{ closed \}$/)
  }),
)

const others = [
  scene('a lock that is held there keeps others out here, until it is released', async there => {
    const { Lock, Event } = there.library
    const [lock, held, go] = [new Lock(), new Event(), new Event()]
    const far = there.run(() =>
      lock.run(async () => {
        held.set()
        await go.wait()
      }),
    )
    await held.wait()
    assert.deepEqual([lock.locked, lock.tryAcquire(), await lock.acquire({ timeout: 0 })], [true, false, false])
    go.set()
    assert.equal(await lock.acquire(), true)
    await far
    for (const thing of [lock, held, go]) thing.close()
  }),
  scene('a lock and a condition over it are sent together, and are one lock there', async there => {
    const { Lock, Condition } = there.library
    const lock = new Lock()
    const [one, two] = [new Condition(lock), new Condition(lock)]
    const seen = await there.run(
      (given: Any) =>
        given.lock.runSync(() => [given.one.lock.locked, given.two.lock.locked, given.one.tryAcquire(), given.two.tryAcquire()]),
      [{ lock, one, two }],
    )
    assert.deepEqual([seen, lock.locked], [[true, true, false, false], false])
    for (const thing of [one, two, lock]) thing.close()
  }),
  scene('an event that is set there ends a wait here, and the other way round', async there => {
    const { Event } = there.library
    const [ping, pong] = [new Event(), new Event()]
    const far = there.run(
      async (given: Any[]) => {
        given[0].set()
        return await given[1].wait()
      },
      [[ping, pong]],
    )
    assert.equal(await ping.wait(), true)
    pong.set()
    assert.equal(await far, true)
    ping.close()
    pong.close()
  }),
  scene('a barrier is met there and here', async there => {
    const { Barrier } = there.library
    const barrier = new Barrier(2)
    const far = there.run(() => barrier.wait())
    assert.deepEqual([await barrier.wait(), await far].sort(), [0, 1])
    barrier.close()
  }),
  scene('an action that was given to a barrier travels with it', async there => {
    const { Barrier, Event } = there.library
    const acted = new Event()
    const barrier = new Barrier(1, { action: () => acted.set() })
    assert.equal(await there.run(() => barrier.wait()), 0)
    assert.equal(acted.isSet, true)
    barrier.close()
    acted.close()
  }),
  scene('what is made there lives on when it comes here', async there => {
    const { Lock, Semaphore } = there.library
    const [lock, semaphore] = await there.run(() => [new Lock(), new Semaphore(5)])
    lock.acquireSync()
    semaphore.acquireSync()
    const seen = await there.run((one: Any, two: Any) => [one.locked, two.value, one.close(), two.close()], [lock, semaphore])
    assert.deepEqual(seen.slice(0, 2), [true, 4])
    // Closed here or there, whoever has come by it: it is its maker’s memory.
    lock.close()
    semaphore.close()
  }),
  scene('what is closed does not travel', async there => {
    const { ClosedError, Lock, Condition, Event } = there.library
    const things = [new Lock(), new Condition(), new Event()]
    for (const thing of things) {
      if (thing instanceof Condition) thing.lock.close()
      thing.close()
      const error = await failureOf(() => there.run(echo, [[thing]]))
      assert.ok(error instanceof ClosedError, String(error))
    }
    assert.equal(await there.run(echo, [7]), 7)
  }),
]

export const lockRows: readonly Row[] = [...ways, ...others]
