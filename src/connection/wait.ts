// Python's `multiprocessing.connection.wait`: which of several things are ready. It knows no class: each says how it is waited for
// (sync/waiting/waitable.ts). A look at all of them comes first; then this thread is where each of them wakes it, and whenever one of
// them is ready, another look at all ends the wait. A look takes nothing.
import { type Deadline, deadlineAfter } from '../base/deadline.ts'
import { readSyncWaitOptions, readWaitOptions, type SyncWaitOptions, type WaitOptions } from '../base/wait-options.ts'
import { blockForAny } from '../sync/waiting/any-of.ts'
import { untilReady } from './promised-wait.ts'
import { type Waitable, WaitedObjects } from './waited-objects.ts'

/**
 * Waits until at least one of the objects is ready, and settles with all that are, in this order; with none when the time is up first. It
 * takes nothing: somebody else may be quicker to take what was ready. What has been given twice is there twice.
 *
 * Ready is: a connection with something to receive, or whose other end is gone; a queue with an item; an event that is set, or was since
 * the call; a semaphore with a permit; the sentinel of a process that has ended; a descriptor that can be read or has ended.
 *
 * Waiting: holds the event loop open. For no objects and without a timeout it waits for ever, as Python's does. A descriptor that is closed
 * meanwhile is waited for no more, or still seen: close it afterwards.
 * @throws TypeError for an object that cannot be waited for, ClosedError when one of them is closed, the reason of the signal, and the
 * system's error `EBADF` for a descriptor that is not open
 * @example const [first] = await wait([connection, child.sentinel, stop], { timeout: 1000 })
 */
export async function wait<W extends Waitable>(objects: Iterable<W>, options?: WaitOptions): Promise<W[]> {
  const read = readWaitOptions(options)
  const waited = new WaitedObjects(objects)
  try {
    read.signal?.throwIfAborted()
    const ready = waited.ready()
    return ready.length > 0 || read.timeout === 0 ? ready : await untilReady(waited, read)
  } finally {
    waited.end()
  }
}

/**
 * The same, blocking this thread. Its promises go on afterwards.
 * @throws InterruptedError when a signal has a listener that wants to run; and as `wait`
 */
export function waitSync<W extends Waitable>(objects: Iterable<W>, options?: SyncWaitOptions): W[] {
  const timeout = readSyncWaitOptions(options)
  const waited = new WaitedObjects(objects)
  try {
    const ready = waited.readyWhileBlocked()
    return ready.length > 0 || timeout === 0 ? ready : blockUntilReady(waited, deadlineAfter(timeout))
  } finally {
    waited.end()
  }
}

function blockUntilReady<W extends Waitable>(waited: WaitedObjects<W>, deadline: Deadline): W[] {
  let ready: W[] = []
  const look = (): boolean => {
    ready = waited.readyWhileBlocked()
    return ready.length > 0
  }
  blockForAny(waited.awaited, look, deadline, waited.entries)
  return ready
}
