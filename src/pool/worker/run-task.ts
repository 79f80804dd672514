// What a task is to do, by its kind. Nothing here throws or rejects: a failure is a result like any other. A promise comes back
// only if a call returned one, so that a task of plain functions is over when this returns.
import type { AnyFunction } from '../../wire/function-reference.ts'
import { describeThrown } from '../../wire/remote-error.ts'
import { type ChunkOutcome, RESULT_CHUNK, RESULT_THROWN, RESULT_VALUE, TASK_CALL, TASK_STREAM } from '../protocol.ts'

export interface TaskResult {
  readonly kind: number
  readonly payload: unknown
}

export function runTask(kind: number, fn: AnyFunction | Promise<AnyFunction>, payload: unknown): TaskResult | Promise<TaskResult> {
  try {
    if (fn instanceof Promise) return fn.then(found => runTask(kind, found, payload), thrown)
    if (kind === TASK_CALL) return settle(fn(...(payload as unknown[])))
    const items = payload as readonly unknown[]
    return kind === TASK_STREAM ? runStreamChunk(fn, items) : runChunk(fn, items)
  } catch (error) {
    return thrown(error)
  }
}

function thrown(error: unknown): TaskResult {
  return { kind: RESULT_THROWN, payload: describeThrown(error) }
}

function settle(returned: unknown): TaskResult | Promise<TaskResult> {
  if (!isThenable(returned)) return { kind: RESULT_VALUE, payload: returned }
  return Promise.resolve(returned).then(payload => ({ kind: RESULT_VALUE, payload }), thrown)
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}

function runChunk(fn: AnyFunction, items: readonly unknown[]): TaskResult | Promise<TaskResult> {
  const values: unknown[] = new Array(items.length)
  for (let index = 0; index < items.length; index += 1) {
    const returned = fn(items[index])
    if (isThenable(returned)) return finishChunk(fn, items, values, index, returned).catch(thrown)
    values[index] = returned
  }
  return { kind: RESULT_VALUE, payload: values }
}

async function finishChunk(
  fn: AnyFunction,
  items: readonly unknown[],
  values: unknown[],
  from: number,
  first: PromiseLike<unknown>,
): Promise<TaskResult> {
  values[from] = await first
  for (let index = from + 1; index < items.length; index += 1) values[index] = await fn(items[index])
  return { kind: RESULT_VALUE, payload: values }
}

type Failures = ChunkOutcome['failures'][number][]

/** Each item by itself, from `from` on; a promise only from the first call on that returns one. */
function runStreamChunk(
  fn: AnyFunction,
  items: readonly unknown[],
  from = 0,
  values: unknown[] = new Array(items.length),
  failures: Failures = [],
): TaskResult | Promise<TaskResult> {
  const fail = (index: number, error: unknown): void => void failures.push({ index, thrown: describeThrown(error) })
  for (let index = from; index < items.length; index += 1) {
    try {
      const returned = fn(items[index])
      if (isThenable(returned)) {
        return Promise.resolve(returned)
          .then(
            value => {
              values[index] = value
            },
            error => fail(index, error),
          )
          .then(() => runStreamChunk(fn, items, index + 1, values, failures))
      }
      values[index] = returned
    } catch (error) {
      fail(index, error)
    }
  }
  return failures.length === 0 ? { kind: RESULT_VALUE, payload: values } : { kind: RESULT_CHUNK, payload: { values, failures } }
}
