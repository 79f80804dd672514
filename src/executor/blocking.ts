// Blocking this thread for futures, which may be of several executors.
import type { Deadline } from '../base/deadline.ts'
import { type BlockedFor, blockFor, NEEDS_IMPORT, neverReady } from '../pool/calls/blocking.ts'
import type { PoolCore } from '../pool/pool-core.ts'
import { areLate, type FutureState } from './future-state.ts'

/**
 * Blocks until `isEnough()`, or the deadline has passed. Callbacks of futures that end are called meanwhile, one by one.
 * @throws InterruptedError, DeadlockError; MultiprocessingError when there will never be enough, as a result needs modules to be imported
 */
export function blockForFutures(states: readonly FutureState<unknown>[], isEnough: () => boolean, deadline: Deadline): void {
  const cores = new Set<PoolCore>()
  for (const { settled, core } of states) if (settled === null) cores.add(core)
  for (const core of cores) core.checkMayBlock()
  const isStuck = (): boolean => areLate() && states.every(({ isLate, settled }) => isLate || settled !== null)
  if (!isEnough()) blockFor(together([...cores]), () => isEnough() || isStuck(), deadline)
  if (!isEnough() && isStuck()) throw neverReady(NEEDS_IMPORT)
  for (const state of states) state.runCallbacks()
}

function together(cores: readonly PoolCore[]): BlockedFor {
  const all = cores.map(({ blockedFor }) => blockedFor)
  if (all.length === 1) return all[0] as BlockedFor
  return {
    alarms: {
      get next() {
        return Math.min(...all.map(({ alarms }) => alarms.next))
      },
      run() {
        for (const { alarms } of all) alarms.run()
      },
    },
    jobs: {
      get hasSome() {
        return all.some(({ jobs }) => jobs.hasSome)
      },
      run() {
        for (const { jobs } of all) jobs.run()
      },
    },
    look() {
      for (const each of all) each.look()
    },
    launchDescriptors: () => [...new Set(all.flatMap(each => each.launchDescriptors()))],
  }
}
