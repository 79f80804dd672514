// How this thread waits for shared objects, as promises and blocked. Everything that an object can be waited for is an *attempt*: a
// function that takes it if it is there and says whether it has. A ring is no more than a hint to attempt again, so one that comes
// for nothing does no harm; that none is missing is the object's list of who is to be woken (state/waiting-list.ts), or the doorbell.
//
//   promises   one queue an object; at a ring the first of each attempts, and the next when that one has got it
//   blocked    the thread attempts after every ring. The promises of its event loop cannot go on meanwhile: for as long their objects do
//              not know this thread, and whom a ring has reached already passes it on
//   both       every 50 ms who waits looks without a ring: for a word that a dead one did not ring for, and for names of the dead
//
// Who stops waiting (time is up, aborted, interrupted) leaves the list first, and then wakes the next if the object is available.
import { atFork } from '../../base/at-fork.ts'
import { InterruptedError } from '../../base/errors.ts'
import { atDeadline, deadlineAfter } from '../../base/deadline.ts'
import type { ReadWaitOptions } from '../../base/wait-options.ts'
import type { Reference } from '../../memory/segments.ts'
import { onAbort } from './aborts.ts'
import { doorbell } from './doorbell.ts'

/** A shared object as those see it who wait for it. */
export interface Awaited {
  readonly reference: Reference
  /** Of the block: a queue for one that was freed is not for one that is in its place. */
  readonly generation: number
  /** @throws ClosedError when the handle that waits has been closed */
  check(): void
  /** While this thread's first wait gets nothing, none behind it does. */
  readonly isInOrder: boolean
  /** What one gets is not missing for another: nobody stands in anybody's way, and each wait attempts by itself. */
  readonly mayOvertake?: boolean
  /**
   * A blocked thread looks for a while before it enters, and not only afterwards: nobody need ring for one who looks all the time. That is
   * for what comes from others; of a lock, who has it comes by itself, and those who look keep it from those who have waited longer.
   */
  readonly looksFirst?: boolean
  /** From now on this thread is rung when the object may be available. */
  enter(): void
  /** From now on it is not; who has been rung in its stead is rung now. */
  leave(): void
  /** It has been woken, or looks by itself: before it attempts. */
  nowLooking?(): void
  /** Whether an attempt may be worth it; without it, it always is. Costs less than an attempt. */
  mayTry?(): boolean
  /** This thread's first wait has been served, and there are more. */
  requeue?(): void
  /** Looks for the dead. `waited`: ms for which this thread has waited already. */
  rescue(waited: number): void
}

/** Takes what it waits for. @throws whatever ends the wait */
export type Attempt = () => boolean

/** In ms. */
export const RESCUE_AFTER = 50
/** So many promises are settled before the rest of the event loop has its turn. */
const SETTLED_PER_TURN = 1000

export interface PendingWait {
  readonly object: Awaited
  readonly attempt: Attempt
  /** The attempt is being made. */
  isBusy?: boolean
  resolve(taken: boolean): void
  reject(error: unknown): void
}

/** This thread's waits for one object. */
export class ObjectQueue {
  readonly object: Awaited
  readonly pending = new Set<PendingWait>()
  /** Since when its first wait has been the first, in ms. */
  since = 0
  /** How many of this thread's calls want to be rung: the promises together are one, a blocked call is another. */
  #entered = 0

  constructor(object: Awaited) {
    this.object = object
  }

  enter(): void {
    this.#entered += 1
    if (this.#entered === 1) this.object.enter()
  }

  leave(): void {
    this.#entered -= 1
    if (this.#entered === 0) this.object.leave()
  }
}

const queues = new Map<Reference, ObjectQueue>()
let isListening = false
let rescueTimer: NodeJS.Timeout | null = null

// In a forked child: it is the parent who waits, listens and is known to the objects.
atFork({
  inChild() {
    // Also what aborts and timers of the parent's might still end, in this process' name.
    for (const queue of queues.values()) queue.pending.clear()
    if (queues.size > 0) queues.clear()
    isListening = false
    rescueTimer = null
  },
})

/** Whether promises of this thread wait for the object, so that who comes now stands behind them. */
export function isAwaitedHere(reference: Reference): boolean {
  return queues.size > 0 && queues.has(reference)
}

/** True: `attempt` has taken; false: the time was up first. Holds the event loop open until then. */
export function waitFor(object: Awaited, attempt: Attempt, { timeout, signal }: ReadWaitOptions): Promise<boolean> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    if ((object.mayOvertake === true || queueOf(object) === undefined) && attempt()) return resolve(true)
    if (timeout === 0) return resolve(false)
    const wait: PendingWait = { object, attempt, resolve, reject }
    const queue = add(object, wait)
    callOffWhen(queue, wait, timeout, signal)
    lookAt(queue)
  })
}

/** Lets the wait go when its time is up or its signal is aborted. */
function callOffWhen(queue: ObjectQueue, wait: PendingWait, timeout: number, signal: AbortSignal | undefined): void {
  const { resolve, reject } = wait
  const cancelAbort = onAbort(signal, () => {
    if (remove(queue, wait)) wait.reject(signal?.reason)
  })
  const cancelDeadline = atDeadline(deadlineAfter(timeout), () => {
    lookAt(queue)
    if (wait.object.mayOvertake === true && queue.pending.has(wait) && serve(queue, wait)) return
    if (remove(queue, wait)) wait.resolve(false)
  })
  const done = (): void => {
    cancelDeadline()
    cancelAbort()
  }
  wait.resolve = taken => {
    done()
    resolve(taken)
  }
  wait.reject = error => {
    done()
    reject(error)
  }
}

/** Ends the waits for the object whose own handle has been closed, while other handles of it go on. */
export function endClosedWaits(reference: Reference): void {
  const queue = queues.get(reference)
  if (queue !== undefined) endClosed(queue)
}

function endClosed(queue: ObjectQueue): void {
  for (const wait of queue.pending) {
    try {
      wait.object.check()
    } catch (error) {
      if (remove(queue, wait)) wait.reject(error)
    }
  }
}

/** Blocks the thread until `attempt` has taken; false: the time was up first. @throws InterruptedError */
export function waitForSync(object: Awaited, attempt: Attempt, timeout: number): boolean {
  if (attempt()) return true
  if (timeout === 0) return false
  const deadline = deadlineAfter(timeout)
  if (object.looksFirst === true && spin(object, attempt)) return true
  const queue = queueOf(object) ?? new ObjectQueue(object)
  const start = performance.now()
  let nextRescue = start + RESCUE_AFTER
  let mayLook = object.looksFirst !== true
  const isReady = (): boolean => {
    const now = performance.now()
    // Also when the attempt will succeed: whoever should have rung would stand in the way of the next ring, too.
    if (now >= nextRescue) {
      nextRescue = now + RESCUE_AFTER
      object.rescue(now - start)
    }
    if (mayLook && spin(object, attempt)) return true
    mayLook = true
    object.nowLooking?.()
    return attempt()
  }
  return besideEventLoop(
    () => {
      queue.enter()
      try {
        return doorbell().block(isReady, deadline)
      } finally {
        queue.leave()
      }
    },
    reference => reference === object.reference,
  )
}

/**
 * Runs something that blocks this thread. The objects that its event loop waits for do not know it meanwhile, for it cannot take them:
 * all but those that it blocks for.
 */
export function besideEventLoop<T>(body: () => T, isBlockedFor: (reference: Reference) => boolean = () => false): T {
  if (queues.size === 0) return body()
  const asides = [...queues.values()].filter(queue => !isBlockedFor(queue.object.reference))
  for (const aside of asides) aside.leave()
  try {
    return body()
  } finally {
    for (const aside of asides) aside.enter()
    if (asides.length > 0) setImmediate(lookAtAll)
  }
}

const FEWEST_LOOKS = 20
const MOST_LOOKS = 2000
/** How often this thread looks before it sleeps: about twice as often as has helped lately, and hardly at all where it has not. */
let looks = 100

/** Going to sleep and being woken takes 20 µs and more, and what a thread waits for often comes sooner, if its owner runs on another core. */
function spin(object: Awaited, attempt: Attempt): boolean {
  for (let look = 1; look <= looks; look += 1) {
    if ((object.mayTry !== undefined && !object.mayTry()) || !attempt()) continue
    looks = Math.min(MOST_LOOKS, looks + ((2 * look - looks) >> 3) + 1)
    return true
  }
  looks = Math.max(FEWEST_LOOKS, looks - (looks >> 2))
  return false
}

export const WITHOUT_LIMIT: ReadWaitOptions = { timeout: Infinity, signal: undefined }

/** Blocks the thread for what it must have, whatever signals come. */
export function waitUninterrupted(object: Awaited, attempt: Attempt): void {
  for (;;) {
    try {
      waitForSync(object, attempt, Infinity)
      return
    } catch (error) {
      if (!(error instanceof InterruptedError)) throw error
    }
  }
}

/** Of exactly this object. One for a block that has been freed since ends with a ClosedError for each of its waits. */
export function queueOf(object: Awaited): ObjectQueue | undefined {
  const queue = queues.size === 0 ? undefined : queues.get(object.reference)
  if (queue === undefined || queue.object.generation === object.generation) return queue
  endClosed(queue)
  return undefined
}

/** The caller attempts afterwards. */
export function add(object: Awaited, wait: PendingWait): ObjectQueue {
  let queue = queueOf(object)
  if (queue === undefined) {
    queue = new ObjectQueue(object)
    queues.set(object.reference, queue)
    queue.since = performance.now()
    queue.pending.add(wait)
    listen()
    queue.enter()
  } else queue.pending.add(wait)
  doorbell().hold()
  return queue
}

/** False: it has been settled already. */
export function remove(queue: ObjectQueue, wait: PendingWait): boolean {
  if (!queue.pending.delete(wait)) return false
  doorbell().letGo()
  if (queue.pending.size === 0) {
    queues.delete(queue.object.reference)
    queue.leave()
    if (queues.size === 0 && rescueTimer !== null) {
      clearInterval(rescueTimer)
      rescueTimer = null
    }
  }
  return true
}

/** Serves as many of the queue as there is something for. Returns how many were settled. */
function lookAt(queue: ObjectQueue): number {
  let settled = 0
  queue.object.nowLooking?.()
  for (const wait of queue.pending) {
    if (!serve(queue, wait)) {
      if (queue.object.isInOrder) break
      continue
    }
    settled += 1
    if (settled >= SETTLED_PER_TURN) break
    if (queue.pending.size === 0) break
    queue.since = performance.now()
    queue.object.requeue?.()
  }
  return settled
}

/** False: there is nothing for it yet. */
function serve(queue: ObjectQueue, wait: PendingWait): boolean {
  // An attempt may run a program's code, and that may wait for the same object: what a second attempt took would be lost.
  if (wait.isBusy === true) return false
  wait.isBusy = true
  try {
    if (!wait.attempt()) return false
    remove(queue, wait)
    wait.resolve(true)
  } catch (error) {
    remove(queue, wait)
    wait.reject(error)
  } finally {
    wait.isBusy = false
  }
  return true
}

function listen(): void {
  if (!isListening) doorbell().listen(lookAtAll)
  isListening = true
  rescueTimer ??= setInterval(rescueAll, RESCUE_AFTER).unref()
}

/** One listener for all: what is available is found by looking, since a ring does not say what it is for. */
function lookAtAll(): void {
  let settled = 0
  for (const queue of queues.values()) {
    settled += lookAt(queue)
    if (settled < SETTLED_PER_TURN) continue
    setImmediate(lookAtAll)
    return
  }
}

function rescueAll(): void {
  const now = performance.now()
  for (const queue of queues.values()) queue.object.rescue(now - queue.since)
  lookAtAll()
}
