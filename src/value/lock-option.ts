// The lock beside a value or an array: one of its own unless the user gives one, or wants none.
import { expected, readOptions } from '../base/validate.ts'

/** What the library's locks have in common. */
export interface SharedLock {
  close(): void
}

export interface LockOption {
  /** Default: an RLock of its own. */
  lock?: boolean | SharedLock
}

/** A lock, and whether it goes with what it guards. */
export interface BlockLock {
  readonly lock: SharedLock
  readonly isOwn: boolean
}

/** Null: there is to be none. @throws TypeError for what is no lock */
export function lockFor(options: unknown): BlockLock | null {
  const { lock = false } = readOptions<LockOption>(options, ['lock'])
  if (lock === false) return null
  throw new TypeError(expected('lock', 'a boolean, a Lock or an RLock', lock))
}

/** Called when what the lock guards is closed by its maker. */
export function closeOwn(lock: BlockLock | null): void {
  if (lock?.isOwn === true) lock.lock.close()
}
