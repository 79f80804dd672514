// Work that has to wait in between, as a generator that yields what it waits for. The promise form lets the event loop wait for it, the
// blocking form blocks the thread: the work itself is written once.
import { InterruptedError, MultiprocessingError, TimeoutError } from '../../base/errors.ts'
import { atDeadline, type Deadline, deadlineAfter, timeLeft } from '../../base/deadline.ts'
import { native } from '../../native/load.ts'
import { onAbort } from '../../sync/waiting/aborts.ts'
import { LONGEST_SLEEP } from '../../sync/waiting/doorbell.ts'
import { signalCame } from '../../sync/waiting/signals.ts'
import { besideEventLoop } from '../../sync/waiting/waits.ts'

/** Wait until the descriptor is ready, or so many ms have passed; a descriptor of −1 is never ready. */
export interface Pause {
  readonly fd: number
  readonly events: number
  readonly atMost: number
}

export const POLLIN = 1
export const POLLOUT = 4
const WATCH_TO_READ = 1
const WATCH_TO_WRITE = 2

/** Blocks this thread. @throws TimeoutError, InterruptedError */
export function runBlocked<T>(work: Generator<Pause, T>, deadline: Deadline): T {
  let step = work.next()
  while (step.done !== true) {
    const pause = step.value
    try {
      besideEventLoop(() => block(pause, deadline))
    } catch (error) {
      step = work.throw(error)
      continue
    }
    step = work.next()
  }
  return step.value
}

function block({ fd, events, atMost }: Pause, deadline: Deadline): void {
  const end = deadlineAfter(atMost)
  do {
    const left = timeLeft(deadline)
    if (left === 0) throw new TimeoutError()
    const sleepFor = Math.min(left, timeLeft(end), LONGEST_SLEEP)
    const ready = fd === -1 ? sleep(sleepFor) : native().pollDescriptor(fd, events, sleepFor)
    if (ready > 0) return
    if (signalCame({ interrupted: ready === -1 })) throw new InterruptedError()
  } while (timeLeft(end) > 0)
}

/** As `pollDescriptor`, for nothing. */
function sleep(timeout: number): number {
  return native().futexWait(new Int32Array(1), 0, 0, timeout) === 2 ? -1 : 0
}

/** Holds the event loop open until it is done. @throws TimeoutError, the reason of the signal */
export async function runLater<T>(work: Generator<Pause, T>, deadline: Deadline, signal: AbortSignal | undefined): Promise<T> {
  let step = work.next()
  while (step.done !== true) {
    try {
      await pause(step.value, deadline, signal)
    } catch (error) {
      step = work.throw(error)
      continue
    }
    step = work.next()
  }
  return step.value
}

function pause({ fd, events, atMost }: Pause, deadline: Deadline, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason)
    if (timeLeft(deadline) === 0) return reject(new TimeoutError())
    const endings: (() => void)[] = []
    const settle = (act: () => void): void => {
      for (const ending of endings.splice(0)) ending()
      act()
    }
    // First, for it may throw.
    if (fd !== -1) endings.push(watch(fd, events, () => settle(resolve)))
    endings.push(
      onAbort(signal, () => settle(() => reject(signal?.reason))),
      atDeadline(deadline, () => settle(() => reject(new TimeoutError()))),
      atDeadline(deadlineAfter(atMost), () => settle(resolve)),
    )
  })
}

/** Calls back when the descriptor is ready, and holds the event loop open until the returned function is called. */
function watch(fd: number, events: number, callback: () => void): () => void {
  const watching = native().pollWatch(fd, callback)
  watching.ref()
  watching.wait(events === POLLIN ? WATCH_TO_READ : WATCH_TO_WRITE)
  return () => watching.close()
}

/** What the promise gives, unless the time is up first, or the signal aborted; then it is not waited for any more. */
export function within<T>(promise: Promise<T>, deadline: Deadline, signal: AbortSignal | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancelAbort = onAbort(signal, () => reject(signal?.reason))
    const cancelDeadline = atDeadline(deadline, () => reject(new TimeoutError()))
    promise.then(resolve, reject).finally(() => {
      cancelAbort()
      cancelDeadline()
    })
  })
}

/** What the system said, as an error of ours that keeps it. */
export function failed(what: string, cause: unknown): unknown {
  if (!(cause instanceof Error) || !('syscall' in cause)) return cause
  const code = String((cause as NodeJS.ErrnoException).code)
  return new MultiprocessingError(`${what}: ${cause.message}`, { code, cause })
}
