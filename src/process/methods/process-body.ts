import { constants } from 'node:os'
import { native } from '../../native/load.ts'
import type { Body } from './launch.ts'

export interface KnownProcess {
  readonly pid: number
  readonly pidfd: number
  /** Given for one whose parent for the system is the template. */
  readonly isParentGone?: (() => boolean) | undefined
  /** What is given back with it, by the process whose child it is. */
  readonly onRelease?: () => void
}

/** A process, known by its pidfd: its pid may come to mean another. */
export class ProcessBody implements Body {
  readonly pid: number
  readonly pidfd: number
  readonly isParentGone: (() => boolean) | undefined
  readonly #onRelease: (() => void) | undefined

  /** Takes over the pidfd. */
  constructor({ pid, pidfd, isParentGone, onRelease }: KnownProcess) {
    this.pid = pid
    this.pidfd = pidfd
    this.isParentGone = isParentGone
    this.#onRelease = onRelease
  }

  signal(signal: number): boolean {
    return native().pidfdSignal(this.pidfd, signal)
  }

  release(): void {
    this.forget()
    this.#onRelease?.()
  }

  forget(): void {
    native().close(this.pidfd)
  }
}

/** A child of ours that nobody has waited for, so that its pid is still its own. @throws the system's error; then it has been ended */
export function bodyOfChild(pid: number): ProcessBody {
  try {
    return new ProcessBody({ pid, pidfd: native().pidfdOpen(pid) })
  } catch (error) {
    process.kill(pid, constants.signals.SIGKILL)
    reapLater(pid)
    throw error
  }
}

/** In ms. */
const REAP_AGAIN = 20

/** That, too, takes a descriptor, and there was none: once there is one. The pid is its own until then. */
function reapLater(pid: number): void {
  setTimeout(() => {
    if (!isReaped(pid)) reapLater(pid)
  }, REAP_AGAIN).unref()
}

function isReaped(pid: number): boolean {
  try {
    const pidfd = native().pidfdOpen(pid)
    try {
      return native().waitPid(pidfd) !== null
    } finally {
      native().close(pidfd)
    }
  } catch (error) {
    // Who was forked off meanwhile has this timer, and no such child.
    const { code } = error as NodeJS.ErrnoException
    return code === 'ECHILD' || code === 'ESRCH'
  }
}
