// What becomes of this process's children when it ends by itself, as in Python: daemons are ended, the others are waited for. If it
// is killed, its children learn of it by its pidfd.
import { constants } from 'node:os'
import { atFork } from '../../base/at-fork.ts'
import { isMainThread } from '../../base/this-node.ts'
import { leavesByExit } from '../../fork/leave.ts'
import { native } from '../../native/load.ts'
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
  /** For poll(2); -1: there is none. */
  readonly pidfd: number
  signal(signal: NodeJS.Signals): boolean
  block(timeout: number): 'ended' | 'timeout' | 'interrupted'
}

/**
 * Whether Node still has something to say when the `exit` event is over: of the error that ends the program, first of all. Somebody who looks
 * why it does not end has to see that, so processes are waited for afterwards. Not in children, which end with the event (fork/leave.ts).
 */
export function hasLastWord(code: unknown): boolean {
  return isMainThread && code !== 0 && !leavesByExit()
}

let isAboutToEnd = false

/** Whether the `exit` event has come: what is begun now comes to no end. */
export function isProcessEnding(): boolean {
  return isAboutToEnd
}

/** So that `worker.terminate()` can end a thread that waits for its children. */
const LOOK_EVERY = 100

/**
 * What has not been started by then, because the program leaves by `process.exit` or by an error before `start()` has settled, is not started.
 * Waiting: until all that are no daemons have ended, or a signal comes for which this program has a listener, which cannot run any more.
 */
export function endChildren(children: readonly Ending[], { afterLastWord }: { afterLastWord: boolean }): void {
  isAboutToEnd = true
  for (const child of children) if (child.daemon && !child.isNeeded) child.signal('SIGTERM')
  const awaited = children.filter(child => !child.daemon && child.end === null && !child.isPending)
  const later = awaited.filter(child => afterLastWord && child.pidfd >= 0)
  const areOver = awaited.every(child => later.includes(child) || awaitEnd(child))
  if (areOver && later.length > 0) return awaitAfterLastWord(later)
  for (const child of children) {
    child.prepareEnd()
    child.signal('SIGTERM')
  }
}

/** Listeners to signals cannot run any more: without them a signal ends this process, and its children with it. */
function awaitAfterLastWord(children: readonly Ending[]): void {
  for (const name of process.eventNames()) if (String(name) in constants.signals) process.removeAllListeners(name)
  native().exitAfter(new Uint8Array(Int32Array.from(children, child => child.pidfd).buffer))
}

/** False: a signal came first. */
function awaitEnd(child: Ending): boolean {
  for (;;) {
    const outcome = child.block(LOOK_EVERY)
    if (outcome === 'ended') return true
    if (signalCame({ interrupted: outcome === 'interrupted' })) return false
  }
}

atFork({
  inChild() {
    isAboutToEnd = false
  },
})
