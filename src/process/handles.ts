// This process and its parent, as they are seen from here.
import { MultiprocessingError } from '../base/errors.ts'
import { type Deadline, deadlineAfter, timeLeft } from '../base/deadline.ts'
import type { Readiness } from '../sync/waiting/waitable.ts'
import { besideEventLoop } from '../sync/waiting/waits.ts'
import { checkString } from '../base/validate.ts'
import { readSyncWaitOptions, readWaitOptions, type WaitOptions } from '../base/wait-options.ts'
import { arena, holdsLock } from '../memory/arena.ts'
import { native } from '../native/load.ts'
import { authKey, setAuthKey } from './auth-key.ts'
import { currentName, describedCurrent, type ParentDescription, renameCurrent } from './inside/current.ts'
import { POLL_IN } from './life/orphans.ts'
import { type ProcessSentinel, Sentinel } from './sentinel.ts'

/** This process, or the parent's, as seen from here. */
export interface ProcessHandle {
  name: string
  authKey: Uint8Array
  readonly pid: number
  readonly daemon: boolean
  readonly sentinel: ProcessSentinel
  isAlive(): boolean
  /** Settles with true when it has ended, with false after `timeout` ms. @throws MultiprocessingError on oneself */
  join(options?: WaitOptions): Promise<boolean>
  joinSync(options?: { timeout?: number }): boolean
}

const joinSelf = (): never => {
  throw new MultiprocessingError('A process cannot join itself: it would wait for its own end')
}

const here: ProcessHandle = {
  get name() {
    return currentName()
  },
  set name(name) {
    renameCurrent(checkString(name, 'name'))
  },
  get authKey() {
    return authKey()
  },
  set authKey(key) {
    setAuthKey(key)
  },
  get pid() {
    return process.pid
  },
  get daemon() {
    return describedCurrent().daemon
  },
  get sentinel() {
    return ownSentinel
  },
  isAlive: () => true,
  join: async () => joinSelf(),
  joinSync: joinSelf,
}

/** Nobody sees their own end. */
const neverEnds = (): boolean => false
const ownSentinel = new Sentinel({ pid: () => process.pid, isEnded: neverEnds, readiness: () => ({ isReady: neverEnds }) })

/** This process. */
export function currentProcess(): ProcessHandle {
  return here
}

let parent: ParentHandle | null = null

/** The process that started this one, whoever forked it for the system; null in the main process. */
export function parentProcess(): ProcessHandle | null {
  const description = describedCurrent().parent
  if (description === null) return null
  if (parent?.pid !== description.pid) parent = new ParentHandle(description)
  return parent
}

/** How often a parent that has another process for its parent is looked for. This process ends with it, within ms. */
const LOOK_EVERY = 10

class ParentHandle implements ProcessHandle {
  readonly #description: ParentDescription
  #name: string
  #sentinel: Sentinel | null = null

  constructor(description: ParentDescription) {
    this.#description = description
    this.#name = description.name
  }

  get name(): string {
    return this.#name
  }

  set name(name: string) {
    this.#name = checkString(name, 'name')
  }

  get authKey(): Uint8Array {
    return authKey()
  }

  set authKey(_key: Uint8Array) {
    throw new MultiprocessingError('The key of the parent process can be read here and set there')
  }

  get pid(): number {
    return this.#description.pid
  }

  get daemon(): boolean {
    return this.#description.daemon
  }

  get sentinel(): ProcessSentinel {
    this.#sentinel ??= new Sentinel({ pid: () => this.pid, isEnded: () => !this.isAlive(), readiness: () => this.#readiness() })
    return this.#sentinel
  }

  #readiness(): Readiness {
    const isReady = (): boolean => !this.isAlive()
    if (isReady() || this.pid === process.pid) return { isReady }
    const descriptor = native().pidfdOpen(this.pid)
    return { isReady, descriptor, end: () => native().close(descriptor) }
  }

  isAlive(): boolean {
    if (this.pid === process.pid) return true // A thread's parent is its process.
    const { slot, lockId } = this.#description
    return arena().slots.pidOf(slot) === this.pid && holdsLock(lockId, this.pid)
  }

  join(options?: WaitOptions): Promise<boolean> {
    const { timeout, signal } = readWaitOptions(options)
    const deadline = deadlineAfter(timeout)
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (signal?.aborted) reject(signal.reason as Error)
        else if (!this.isAlive()) resolve(true)
        else if (timeLeft(deadline) === 0) resolve(false)
        else setTimeout(look, LOOK_EVERY)
      }
      look()
    })
  }

  joinSync(options?: { timeout?: number }): boolean {
    const deadline = deadlineAfter(readSyncWaitOptions(options))
    return besideEventLoop(() => this.#block(deadline))
  }

  #block(deadline: Deadline): boolean {
    if (!this.isAlive()) return true
    const pidfd = native().pidfdOpen(this.pid)
    try {
      while (this.isAlive()) {
        const left = timeLeft(deadline)
        if (left === 0) return false
        native().pollDescriptor(pidfd, POLL_IN, Math.min(left, LOOK_EVERY * LOOK_EVERY))
      }
      return true
    } finally {
      native().close(pidfd)
    }
  }
}
