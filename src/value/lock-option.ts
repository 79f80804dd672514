// The lock beside a value or an array: one of its own unless the user gives one, or wants none.
import { expected, readOptions } from '../base/validate.ts'
import { Lock } from '../sync/lock.ts'
import { RLock } from '../sync/rlock.ts'

export interface LockOption {
  /** True: an RLock of its own, which is closed with it. A lock that is given is left open. Default: true. */
  lock?: boolean | Lock | RLock
}

/** A lock, and whether it goes with what it guards. */
export interface BlockLock {
  readonly lock: Lock | RLock
  readonly isOwn: boolean
}

/** Null: there is to be none. @throws TypeError for what is no lock */
export function lockFor(options: unknown): BlockLock | null {
  const { lock = true } = readOptions<LockOption>(options, ['lock'])
  if (lock === false) return null
  if (lock === true) return { lock: new RLock(), isOwn: true }
  if (lock instanceof Lock || lock instanceof RLock) return { lock, isOwn: false }
  throw new TypeError(expected('lock', 'a boolean, a Lock or an RLock', lock))
}

/** Called when what the lock guards is closed by its maker, or cannot be made. */
export function closeOwn(lock: BlockLock | null): void {
  if (lock?.isOwn === true) lock.lock.close()
}
