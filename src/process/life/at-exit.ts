// What becomes of this process's children when it ends by itself, as in Python: daemons are ended, the others are waited for. If it
// is killed, its children learn of it by its pidfd.
import { signalCame } from '../../sync/waiting/signals.ts'

export interface Ending {
  readonly daemon: boolean
  /** Needed until the others have ended: the template, which alone is told how its children did. */
  readonly isNeeded: boolean
  readonly end: object | null
  /** It has not been started yet, and would be by the event loop, which has ended. */
  readonly isPending: boolean
  /** What is to be done before it is ended. */
  prepareEnd(): void
  signal(signal: NodeJS.Signals): boolean
  block(timeout: number): 'ended' | 'timeout' | 'interrupted'
}

/** So that `worker.terminate()` can end a thread that waits for its children. */
const LOOK_EVERY = 100

/**
 * What has not been started by then, because the program leaves by `process.exit` or by an error before `start()` has settled, is not started.
 * Waiting: until all that are no daemons have ended, or a signal comes for which this program has a listener, which cannot run any more.
 */
export function endChildren(children: readonly Ending[]): void {
  for (const child of children) if (child.daemon && !child.isNeeded) child.signal('SIGTERM')
  for (const child of children) {
    if (child.daemon || child.end !== null || child.isPending) continue
    if (!awaitEnd(child)) break
  }
  for (const child of children) {
    child.prepareEnd()
    child.signal('SIGTERM')
  }
}

/** False: a signal came first. */
function awaitEnd(child: Ending): boolean {
  for (;;) {
    const outcome = child.block(LOOK_EVERY)
    if (outcome === 'ended') return true
    if (signalCame({ interrupted: outcome === 'interrupted' })) return false
  }
}
