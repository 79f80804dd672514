// Crash points: the writes to shared state, counted, at any one of which an actor may die.
import { setStepHook } from '../../src/memory/words.ts'

/** Thrown where an actor dies. Whoever was running is never touched again; what it had in its hands stays as it is. */
export class Death extends Error {}

let isOthers = false

/** How many writes to shared state `work` makes. */
export function countWrites(work: () => void): number {
  let writes = 0
  setStepHook(kind => {
    if (kind === 'write' && !isOthers) writes += 1
  })
  try {
    work()
  } finally {
    setStepHook(null)
  }
  return writes
}

/** Lets `work` die before its `n`th write, from 1 on; what its `finally` would still write is not written. False: it had fewer writes and ended. */
export function dieBeforeWrite(n: number, work: () => void): boolean {
  let writes = 0
  setStepHook(kind => {
    if (kind !== 'write' || isOthers) return
    writes += 1
    if (writes >= n) throw new Death()
  })
  try {
    work()
    // It may have caught what nobody can catch.
    return writes >= n
  } catch (error) {
    if (writes >= n) return true
    throw error
  } finally {
    setStepHook(null)
  }
}

/** What somebody else does in the middle of it: those writes are not the actor's. */
export function byAnother<T>(work: () => T): T {
  isOthers = true
  try {
    return work()
  } finally {
    isOthers = false
  }
}
