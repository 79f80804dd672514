// Every way to wait for a shared object, as a table: what holds for all of them is tested once.
import { getContext, wait, waitSync, type Waitable as Waited } from '../../src/index.ts'
import { native } from '../../src/native/load.ts'
import { Barrier } from '../../src/sync/barrier.ts'
import { BoundedSemaphore } from '../../src/sync/bounded-semaphore.ts'
import { Condition } from '../../src/sync/condition.ts'
import { Event } from '../../src/sync/event.ts'
import { Lock } from '../../src/sync/lock.ts'
import { RLock } from '../../src/sync/rlock.ts'
import { Semaphore } from '../../src/sync/semaphore.ts'
import { WaitWord } from '../../src/sync/waiting/wait-word.ts'
import { BrokenBarrierError, TimeoutError } from '../../src/base/errors.ts'
import { keep } from '../fixtures/sync/keepers.ts'
import { reached } from './wait-words.ts'

// biome-ignore lint/suspicious/noExplicitAny: options that are wrong, too.
type Any = any

/** An object in a state in which nobody gets what he waits for. */
export interface Scene {
  wait(options?: Any): Promise<unknown>
  waitSync(options?: Any): unknown
  /** From now on the wait is over. */
  satisfy(): void
  /** What a wait comes to that was satisfied. */
  readonly given: unknown
  /** What one comes to whose time was up: a value, or the class of an error. */
  readonly late: false | typeof TimeoutError | typeof BrokenBarrierError
  /** After `satisfy`, if no wait has been served since: what was made available is there, once. */
  isUntouched(): boolean
  /** Gives everything back. */
  end(): Promise<void> | void
}

export interface WaitCase {
  readonly title: string
  make(): Promise<Scene> | Scene
}

interface Waitable {
  acquire(options?: Any): Promise<boolean>
  acquireSync(options?: Any): boolean
  hold(options?: Any): Promise<Disposable>
  holdSync(options?: Any): Disposable
  run<T>(body: () => T, options?: Any): Promise<T>
  runSync<T>(body: () => T, options?: Any): T
  tryAcquire(): boolean
  release(): void
  close(): void
}

type Waits = Pick<Scene, 'wait' | 'waitSync' | 'given' | 'late'>

const waysToHave: Record<string, (thing: Waitable) => Waits> = {
  acquire: thing => ({
    wait: options => thing.acquire(options),
    waitSync: options => thing.acquireSync(options),
    given: true,
    late: false,
  }),
  hold: thing => ({
    wait: async options => void (await thing.hold(options))[Symbol.dispose](),
    waitSync: options => void thing.holdSync(options)[Symbol.dispose](),
    given: undefined,
    late: TimeoutError,
  }),
  run: thing => ({
    wait: options => thing.run(() => 5, options),
    waitSync: options => thing.runSync(() => 5, options),
    given: 5,
    late: TimeoutError,
  }),
}

/** Taken by this thread in blocking form: so a blocking wait is no deadlock, as far as anybody can know. */
function taken(name: string, make: () => Waitable): WaitCase[] {
  return Object.entries(waysToHave).map(([method, ways]) => ({
    title: `${name}.${method}`,
    make: () => {
      const thing = make()
      thing.acquireSync()
      return {
        ...ways(thing),
        satisfy: () => thing.release(),
        isUntouched: () => thing.tryAcquire() && !thing.tryAcquire(),
        end: () => thing.close(),
      }
    },
  }))
}

/** Held by another process, for this one would have it at once. */
const rlocks: WaitCase = {
  title: 'RLock.run',
  make: async () => {
    const lock = new RLock()
    const [arrived, go] = [WaitWord.create(), WaitWord.create()]
    const keeper = new (getContext('fork').Process)({ target: keep, args: [lock, arrived.reference, go.reference] })
    await keeper.start()
    await reached(arrived, 1)
    return {
      wait: options => lock.run(() => 5, options),
      waitSync: options => lock.runSync(() => 5, options),
      given: 5,
      late: TimeoutError,
      satisfy: () => go.set(1),
      isUntouched: () => lock.acquireSync(),
      end: async () => {
        go.set(1)
        await keeper.join()
        lock.close()
        arrived.free()
        go.free()
      },
    }
  },
}

/** With its lock held before and after, and given back when a wait is over. */
function conditionCase(
  title: string,
  makeLock: () => Lock | RLock,
  ways: (condition: Condition<Any>, isThere: () => boolean) => Waits,
): WaitCase {
  return {
    title,
    make: () => {
      const condition: Condition<Any> = new Condition(makeLock())
      let isThere = false
      const waits = ways(condition, () => isThere)
      return {
        ...waits,
        wait: options => condition.run(() => waits.wait(options)),
        waitSync: options => condition.runSync(() => waits.waitSync(options)),
        satisfy: () => {
          isThere = true
          condition.runSync(() => condition.notify())
        },
        // A notification that nobody waits for is nothing; the lock is free.
        isUntouched: () => !condition.lock.locked,
        end: () => {
          condition.close()
          condition.lock.close()
        },
      }
    },
  }
}

function waitsOf(condition: Condition<Any>): Waits {
  return { wait: options => condition.wait(options), waitSync: options => condition.waitSync(options), given: true, late: false }
}

function waitsForOf(condition: Condition<Any>, isThere: () => boolean): Waits {
  return {
    wait: options => condition.waitFor(isThere, options),
    waitSync: options => condition.waitForSync(isThere, options),
    given: true,
    late: false,
  }
}

const events: WaitCase = {
  title: 'Event.wait',
  make: () => {
    const event = new Event()
    return {
      wait: options => event.wait(options),
      waitSync: options => event.waitSync(options),
      given: true,
      late: false,
      satisfy: () => event.set(),
      isUntouched: () => event.isSet,
      end: () => event.close(),
    }
  },
}

const barriers: WaitCase = {
  title: 'Barrier.wait',
  make: () => {
    const barrier = new Barrier(2)
    return {
      wait: options => barrier.wait(options),
      waitSync: options => barrier.waitSync(options),
      given: 0,
      late: BrokenBarrierError,
      satisfy: () => {
        if (!barrier.broken) void barrier.wait().catch(() => {})
      },
      // One that stops waiting breaks it.
      isUntouched: () => barrier.broken,
      end: () => barrier.close(),
    }
  },
}

/** `wait()` for one thing that becomes ready, beside others of other kinds that do not. */
function waitCase(title: string, make: () => { all: Waited[]; satisfy(): void; isReady(): boolean; end(): void }): WaitCase {
  return {
    title,
    make: () => {
      const { all, satisfy, isReady, end } = make()
      return {
        wait: async options => (await wait(all, options)).length === 1,
        waitSync: options => waitSync(all, options).length === 1,
        given: true,
        late: false,
        satisfy,
        isUntouched: isReady,
        end,
      }
    },
  }
}

const waitForSemaphore = waitCase('wait for a semaphore', () => {
  const [semaphore, event] = [new Semaphore(0), new Event()]
  const end = (): void => {
    semaphore.close()
    event.close()
  }
  return {
    all: [event, semaphore],
    satisfy: () => semaphore.release(),
    isReady: () => semaphore.tryAcquire() && !semaphore.tryAcquire(),
    end,
  }
})

function withDescriptor(others: () => Event[]): ReturnType<Parameters<typeof waitCase>[1]> {
  const [ours, theirs] = native().socketPair()
  const events = others()
  const end = (): void => {
    for (const event of events) event.close()
    native().close(ours)
    native().close(theirs)
  }
  const satisfy = (): void => void native().writeDescriptor(theirs, new Uint8Array(1))
  return { all: [...events, ours], satisfy, isReady: () => native().pollDescriptor(ours, 1, 0) === 1, end }
}

const waitForDescriptor = waitCase('wait for a descriptor', () => withDescriptor(() => []))
const waitForBoth = waitCase('wait for a descriptor and an event', () => withDescriptor(() => [new Event()]))

export const WAIT_CASES: readonly WaitCase[] = [
  ...taken('Lock', () => new Lock()),
  ...taken('Semaphore', () => new Semaphore(1)),
  ...taken('BoundedSemaphore', () => new BoundedSemaphore(1)),
  rlocks,
  conditionCase('Condition.wait', () => new Lock(), waitsOf),
  conditionCase('Condition.wait over an RLock', () => new RLock(), waitsOf),
  conditionCase('Condition.waitFor', () => new Lock(), waitsForOf),
  events,
  barriers,
  waitForSemaphore,
  waitForDescriptor,
  waitForBoth,
]
