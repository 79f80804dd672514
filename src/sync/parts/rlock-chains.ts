// Who holds an RLock in promise form: not the thread, which does many things at once, but the call chain whose body runs, as
// AsyncLocalStorage follows it.
//
// A *hold* is one body that runs. It stands in the store of its chain, with the holds around it behind it. A `run` in a chain that has a
// hold of the same lock enters without the lock, one at a time for each hold: bodies that are started side by side inside one body exclude
// each other, too. A hold ends with its body; what outlives it (a promise nobody waits for) finds it ended, and holds nothing.
import type { AsyncLocalStorage } from 'node:async_hooks'
import { atFork } from '../../base/at-fork.ts'
import { atDeadline, deadlineAfter } from '../../base/deadline.ts'
import type { ReadWaitOptions } from '../../base/wait-options.ts'
import type { SharedHandle } from '../state/shared-block.ts'
import { onAbort } from '../waiting/aborts.ts'

type Entered = 'entered' | 'ended' | 'timed out'

export class Hold {
  readonly lock: SharedHandle
  /** What the chain held before, of any lock. */
  readonly around: Hold | undefined
  /** The hold of the same lock inside which it entered; null: it has taken the lock itself. */
  readonly outer: Hold | null
  /** How often blocking forms in its chain have taken the lock. */
  depth = 0
  #hasEnded = false
  #isSuspended = false
  #isEntered = false
  readonly #waiting = new Set<(entered: Entered) => void>()

  constructor(lock: SharedHandle, around: Hold | undefined, outer: Hold | null) {
    this.lock = lock
    // What has ended stays so: a chain that goes on and on must not keep all its past.
    while (around?.hasEnded) around = around.around
    this.around = around
    this.outer = outer
  }

  /** Its body runs, and so do those around it. */
  get isActive(): boolean {
    return !this.#hasEnded && !this.#isSuspended && (this.outer === null || this.outer.isActive)
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  get isSuspended(): boolean {
    return this.#isSuspended
  }

  /** Another body runs inside this one. */
  get isEntered(): boolean {
    return this.#isEntered
  }

  /** A wait for a condition gives the lock away, and has it back. */
  suspend(isSuspended: boolean): void {
    this.#isSuspended = isSuspended
  }

  /** Settles once no other body runs inside this one. 'ended': this one has ended first, and there is nothing to enter. */
  enter({ timeout, signal }: ReadWaitOptions): Promise<Entered> {
    if (signal?.aborted) return Promise.reject(signal.reason)
    if (!this.#isEntered) {
      this.#isEntered = true
      return Promise.resolve('entered')
    }
    if (timeout === 0) return Promise.resolve('timed out')
    return new Promise((resolve, reject) => {
      const settle = (entered: Entered): void => {
        this.#waiting.delete(settle)
        cancel()
        cancelAbort()
        resolve(entered)
      }
      const cancelAbort = onAbort(signal, () => {
        reject(signal?.reason)
        settle('ended')
      })
      const cancel = atDeadline(deadlineAfter(timeout), () => settle('timed out'))
      this.#waiting.add(settle)
    })
  }

  /** The next of those who wait inside enters. */
  leave(): void {
    this.#isEntered = false
    for (const settle of this.#waiting) {
      this.#isEntered = true
      settle('entered')
      return
    }
  }

  end(): void {
    this.#hasEnded = true
    for (const settle of this.#waiting) settle('ended')
  }
}

let chains: AsyncLocalStorage<Hold | undefined> | null = null

// In a forked child: the parent's chains do not go on.
atFork({
  inChild() {
    chains = null
  },
})

/** The hold that the current chain has of the lock, the innermost; null: none. */
export function holdOf(lock: SharedHandle): Hold | null {
  for (let hold = chains?.getStore(); hold !== undefined; hold = hold.around) {
    if (hold.lock.reference === lock.reference && hold.lock.generation === lock.generation && hold.isActive) return hold
  }
  return null
}

/** Runs the body with a new hold in its chain. */
export async function runWithHold<T>(hold: Hold, body: () => T | PromiseLike<T>): Promise<T> {
  try {
    return await storage().run(hold, body)
  } finally {
    hold.end()
  }
}

export function currentHold(): Hold | undefined {
  return chains?.getStore()
}

/** Loaded by those who use it: it costs every promise of the program a little. */
function storage(): AsyncLocalStorage<Hold | undefined> {
  if (chains === null) {
    const { AsyncLocalStorage: Storage } = process.getBuiltinModule('node:async_hooks')
    chains = new Storage()
  }
  return chains
}
