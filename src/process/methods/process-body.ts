import { constants } from 'node:os'
import { native } from '../../native/load.ts'
import type { Body } from './launch.ts'

/** A process, known by its pidfd: its pid may come to mean another. */
export class ProcessBody implements Body {
  readonly pid: number
  readonly pidfd: number

  /** Takes over the pidfd. */
  constructor({ pid, pidfd }: { pid: number; pidfd: number }) {
    this.pid = pid
    this.pidfd = pidfd
  }

  signal(signal: number): boolean {
    return native().pidfdSignal(this.pidfd, signal)
  }

  release(): void {
    native().close(this.pidfd)
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
