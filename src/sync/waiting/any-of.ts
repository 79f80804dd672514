// One wait for several objects. For each of them it is a wait as any other, in this thread's queue of that object; the first that finds
// its object ready ends all of them. The thread is in an object's list once, whatever waits it has there.
import type { Deadline } from '../../base/deadline.ts'
import type { Reference } from '../../memory/segments.ts'
import { doorbell } from './doorbell.ts'
import { add, type Attempt, type Awaited, besideEventLoop, ObjectQueue, queueOf, remove, RESCUE_AFTER } from './waits.ts'

/**
 * From now on `attempt` is made whenever the object may be available, behind this thread's earlier waits for it, until it succeeds or
 * throws, which goes to `failed`. Holds the event loop open. Returns how to call it off; not for use after a fork.
 */
export function attemptWhenRung(object: Awaited, attempt: Attempt, failed: (error: unknown) => void): () => void {
  const wait = { object, attempt, resolve: () => {}, reject: failed }
  const queue = add(object, wait)
  return () => void remove(queue, wait)
}

/**
 * Blocks this thread until `isReady()`, which is looked at whenever one of the objects may be available, this thread is rung for something
 * else, or one of the descriptors (`pollEntries`) is ready. False: the deadline passed. @throws InterruptedError, and what `isReady` throws
 */
export function blockForAny(objects: readonly Awaited[], isReady: () => boolean, deadline: Deadline, descriptors: Int32Array): boolean {
  const queues = new Map<Reference, ObjectQueue>()
  for (const object of objects) queues.set(object.reference, queues.get(object.reference) ?? queueOf(object) ?? new ObjectQueue(object))
  const look = lookingAt(queues, isReady)
  return besideEventLoop(
    () => whileIn(queues, () => doorbell().block(look, deadline, descriptors)),
    reference => queues.has(reference),
  )
}

function lookingAt(queues: ReadonlyMap<Reference, ObjectQueue>, isReady: () => boolean): () => boolean {
  const start = performance.now()
  let nextRescue = start + RESCUE_AFTER
  return () => {
    for (const { object } of queues.values()) object.nowLooking?.()
    if (isReady()) return true
    const now = performance.now()
    if (now < nextRescue) return false
    nextRescue = now + RESCUE_AFTER
    for (const { object } of queues.values()) object.rescue(now - start)
    return isReady()
  }
}

function whileIn<T>(queues: ReadonlyMap<Reference, ObjectQueue>, body: () => T): T {
  const entered: ObjectQueue[] = []
  try {
    for (const queue of queues.values()) {
      queue.enter()
      entered.push(queue)
    }
    return body()
  } finally {
    for (const queue of entered) queue.leave()
  }
}
