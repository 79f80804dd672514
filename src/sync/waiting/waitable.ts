// How a class says that, and how, its objects can be waited for with `wait()`, which knows none of the classes: it has a method
// under a symbol that tells, for one wait, when the object is ready and who wakes a thread that waits for that.
//
//   woken by            give          for example
//   a list in the arena `awaited`     an event, a semaphore, a queue: new Listed(block, KIND)
//   a descriptor        `descriptor`  a connection, the parent process
//   this thread itself  `onChange`    a child, of whose end this thread's doorbell tells
//
// Being ready is a look, not a taking: whoever calls `wait()` takes afterwards, as anybody else does, and may find that another was quicker.
// A ring that came to a thread in `wait()` is not lost for those who would take: it leaves the list as soon as it sees that the object is
// ready, and who leaves wakes the next while there is something to take (`leave` in listed.ts).
import type { Awaited } from './waits.ts'

export const waitable: unique symbol = Symbol('polyprocess.waitable')

export interface WaitableObject {
  /** For one wait, from now on. @throws ClosedError */
  [waitable](): Readiness
}

export interface Readiness {
  /** Takes nothing and does not wait. A descriptor's object is also ready whenever poll(2) says so. @throws ClosedError */
  isReady(): boolean
  /** A ring tells of it, in whatever list of the arena; what may make it ready rings as it does for those who take. */
  readonly awaited?: Awaited
  /** What may be read. It stays open until `end`; if it cannot, because somebody closes the object, `isReady` throws and `onChange` calls. */
  readonly descriptor?: number
  /** Calls `listener` on the event loop when it may be ready; returns how to stop that. While this thread is blocked, its doorbell is rung. */
  onChange?(listener: () => void): () => void
  /** Instead of `isReady` while this thread is blocked, when its event loop hears nothing. Asked at least every 50 ms. */
  isReadyWhileBlocked?(): boolean
  /** The wait is over. */
  end?(): void
}

/** Whether it has the method; never throws. */
export function isWaitable(value: unknown): value is WaitableObject {
  return typeof value === 'object' && value !== null && waitable in value && typeof value[waitable] === 'function'
}
