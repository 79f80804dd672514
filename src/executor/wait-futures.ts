import { deadlineAfter } from '../base/deadline.ts'
import { readOptions } from '../base/validate.ts'
import { readSyncWaitOptions, readWaitOptions, type SyncWaitOptions, type WaitOptions } from '../base/wait-options.ts'
import { blockForFutures } from './blocking.ts'
import type { Future } from './future.ts'
import type { FutureState } from './future-state.ts'
import { happens } from './later.ts'
import { checkReturnWhen, type ReturnWhen, statesOf, Tally } from './tally.ts'

export interface WaitFuturesOptions {
  /** `'FIRST_EXCEPTION'`: when one has failed (to be cancelled is no failure), or all have ended. Default: `'ALL_COMPLETED'`. */
  returnWhen?: ReturnWhen
}

/** Of those that were waited for, each in one of the two. */
export interface WaitedFutures<T> {
  done: Set<Future<T>>
  notDone: Set<Future<T>>
}

/**
 * Waits until all of these have ended, or as many as `returnWhen` says, or the time is over, and says which have. They may be of several
 * executors; none of them is cancelled.
 * @throws the signal's reason; TypeError
 */
export async function waitFutures<T>(futures: Iterable<Future<T>>, options?: WaitOptions & WaitFuturesOptions): Promise<WaitedFutures<T>> {
  const { returnWhen, timeout, signal } = readAll(options)
  const states = statesOf(futures)
  const tally = new Tally(states.values(), returnWhen)
  const watch = (happened: () => void): (() => void) => watchAll(states.values(), tally, happened)
  await happens(watch, { deadline: deadlineAfter(timeout), signal })
  return sorted(states)
}

/** The same, blocking this thread. @throws InterruptedError when a signal has a listener that wants to run; TypeError */
export function waitFuturesSync<T>(futures: Iterable<Future<T>>, options?: SyncWaitOptions & WaitFuturesOptions): WaitedFutures<T> {
  const { returnWhen, timeout } = readAllSync(options)
  const states = statesOf(futures)
  const tally = new Tally(states.values(), returnWhen)
  const callOff = watchAll(states.values(), tally, () => {})
  try {
    blockForFutures([...states.values()], () => tally.isEnough, deadlineAfter(timeout))
  } finally {
    callOff()
  }
  return sorted(states)
}

interface ReadAll {
  readonly returnWhen: ReturnWhen
  readonly timeout: number
  readonly signal: AbortSignal | undefined
}

function readAll(given: unknown): ReadAll {
  if (typeof given !== 'object' || given === null) return { returnWhen: checkReturnWhen(), ...readWaitOptions(given) }
  const { returnWhen, ...wait } = readOptions<WaitOptions & WaitFuturesOptions>(given, ['timeout', 'signal', 'returnWhen'])
  return { returnWhen: checkReturnWhen(returnWhen), ...readWaitOptions(wait) }
}

function readAllSync(given: unknown): { readonly returnWhen: ReturnWhen; readonly timeout: number } {
  if (typeof given !== 'object' || given === null) return { returnWhen: checkReturnWhen(), timeout: readSyncWaitOptions(given) }
  const { returnWhen, ...wait } = readOptions<SyncWaitOptions & WaitFuturesOptions>(given, ['timeout', 'returnWhen'])
  return { returnWhen: checkReturnWhen(returnWhen), timeout: readSyncWaitOptions(wait) }
}

function watchAll(states: Iterable<FutureState<unknown>>, tally: Tally, happened: () => void): () => void {
  const undo: (() => void)[] = []
  if (tally.isEnough) happened()
  else {
    for (const state of states) {
      if (state.settled !== null) continue
      const ended = (): void => {
        tally.count(state)
        if (tally.isEnough) happened()
      }
      undo.push(state.whenEnded(ended))
    }
  }
  return () => {
    for (const each of undo) each()
  }
}

function sorted<T>(states: ReadonlyMap<Future<T>, FutureState<T>>): WaitedFutures<T> {
  const done = new Set<Future<T>>()
  const notDone = new Set<Future<T>>()
  for (const [future, { settled }] of states) (settled === null ? notDone : done).add(future)
  return { done, notDone }
}
