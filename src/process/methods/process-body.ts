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
    throw error
  }
}
