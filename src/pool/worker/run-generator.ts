// A task whose function returns something that can be iterated: each item is sent as it comes, and no more of them than the reader
// allows. Being called off ends the iteration where it is, by `return()`, as a `break` would.
import { show } from '../../base/validate.ts'
import type { AnyFunction } from '../../wire/function-reference.ts'
import { RESULT_ITEM, RESULT_VALUE } from '../protocol.ts'
import { isThenable, type RunningTask, type TaskResult } from './running-task.ts'

type AnyIterator = Iterator<unknown> | AsyncIterator<unknown>

/** ms without a turn of the event loop. */
const TURN = 2

export async function runGenerator(
  fn: AnyFunction,
  [maxPending, args]: readonly [number, readonly unknown[]],
  { place, send }: Pick<RunningTask, 'place' | 'send'>,
): Promise<TaskResult> {
  place.listen()
  const iterator = iteratorOf(await fn(...args))
  let sent = 0
  let turnEnds = performance.now() + TURN
  for (;;) {
    while (!place.isCancelled && ((sent - place.taken) | 0) >= maxPending) await place.nextWord()
    if (place.isCancelled) {
      await iterator.return?.()
      break
    }
    const step = iterator.next()
    const { done, value } = isThenable(step) ? await step : step
    if (done === true) break
    send({ kind: RESULT_ITEM, payload: value })
    sent += 1
    if (performance.now() < turnEnds) continue
    await new Promise(resolve => setImmediate(resolve))
    turnEnds = performance.now() + TURN
  }
  return { kind: RESULT_VALUE, payload: undefined }
}

function iteratorOf(made: unknown): AnyIterator {
  const iterable = made as Partial<Iterable<unknown> & AsyncIterable<unknown>> | null | undefined
  const iterator = iterable?.[Symbol.asyncIterator]?.() ?? iterable?.[Symbol.iterator]?.()
  if (iterator === undefined)
    throw new TypeError(
      `The function of pool.stream() has to return an iterable or an async iterable, got ${show(made)}: is it a generator function?`,
    )
  return iterator
}
