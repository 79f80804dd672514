// How a thread blocks for a pool: it does itself what its event loop does otherwise. Between two sleeps it reads results, sends tasks,
// hears of the ends of workers, goes on with starting others, and does what is due; the user's code among that it calls by itself and not
// in the middle of another's, since it may block in turn.
import { type Deadline, timeLeft } from '../../base/deadline.ts'
import { MultiprocessingError } from '../../base/errors.ts'
import { doorbell } from '../../sync/waiting/doorbell.ts'
import { Descriptors } from '../../sync/waiting/descriptors.ts'
import { besideEventLoop } from '../../sync/waiting/waits.ts'
import type { Alarms } from '../tasks/alarms.ts'
import type { Jobs } from '../tasks/jobs.ts'

/** A pool as who blocks for it sees it. */
export interface BlockedFor {
  readonly alarms: Pick<Alarms, 'run' | 'next'>
  readonly jobs: Pick<Jobs, 'run' | 'hasSome'>
  /** Looks at everything once, also at what the event loop tells otherwise. */
  look(): void
  /** What the starts of workers wait for. */
  launchDescriptors(): readonly number[]
}

/** Blocks until `isReady()`; false: the deadline passed. @throws InterruptedError */
export function blockFor(pool: BlockedFor, isReady: () => boolean, deadline: Deadline): boolean {
  return besideEventLoop(() => {
    for (;;) {
      pool.jobs.run() // What began comes before how it ended.
      pool.look()
      pool.alarms.run()
      pool.jobs.run()
      if (isReady()) return true
      if (timeLeft(deadline) === 0) return false
      sleep(pool, isReady, deadline)
    }
  })
}

/** Until there is something to do that must not be done between two looks of the doorbell's. */
function sleep(pool: BlockedFor, isReady: () => boolean, deadline: Deadline): void {
  const launches = pool.launchDescriptors()
  const until = Math.min(deadline, pool.alarms.next)
  const isOver = (): boolean => {
    pool.look()
    return isReady() || pool.jobs.hasSome || pool.alarms.next < until || !isSame(launches, pool.launchDescriptors())
  }
  doorbell().block(isOver, until, new Descriptors(launches).entries)
}

function isSame(some: readonly number[], others: readonly number[]): boolean {
  return some.length === others.length && some.every((descriptor, index) => descriptor === others[index])
}

/** Of a result that a blocked thread cannot have. */
export function neverReady(what: string): MultiprocessingError {
  return new MultiprocessingError(
    `${what}, which takes the event loop of this thread, and that stands still while it blocks: await the promise form`,
  )
}

export const NEEDS_IMPORT = 'The result refers to modules that have to be imported here first'
