// What a task is to do, by its kind. Nothing here throws or rejects: a failure is a result like any other. A promise comes back
// only if a call returned one, so that a task of plain functions is over when this returns.
import type { AnyFunction } from '../../wire/function-reference.ts'
import type { ThrownDescription } from '../../wire/remote-error.ts'
import { type ChunkOutcome, RESULT_CHUNK, RESULT_THROWN, RESULT_VALUE, TASK_CALL, TASK_STREAM } from '../protocol.ts'

export interface TaskResult {
  readonly kind: number
  readonly payload: unknown
}

export interface Task {
  readonly kind: number
  /** A promise, like the payload, if modules have to be imported first. */
  readonly fn: AnyFunction | Promise<AnyFunction>
  readonly payload: unknown
  readonly describe: (error: unknown) => ThrownDescription
}

type Describe = Task['describe']

export function runTask(task: Task): TaskResult | Promise<TaskResult> {
  const { kind, fn, payload, describe } = task
  try {
    if (fn instanceof Promise || payload instanceof Promise) return runWhenLoaded(task)
    if (kind === TASK_CALL) return settle(fn(...(payload as unknown[])), describe)
    const items = payload as readonly unknown[]
    return kind === TASK_STREAM
      ? runStreamChunk({ fn, items, describe, values: new Array(items.length), failures: [] }, 0)
      : runChunk(fn, items, describe)
  } catch (error) {
    return thrown(error, describe)
  }
}

async function runWhenLoaded(task: Task): Promise<TaskResult> {
  try {
    const [fn, payload] = await Promise.all([task.fn, task.payload])
    return await runTask({ ...task, fn, payload })
  } catch (error) {
    return thrown(error, task.describe)
  }
}

function thrown(error: unknown, describe: Describe): TaskResult {
  return { kind: RESULT_THROWN, payload: describe(error) }
}

function settle(returned: unknown, describe: Describe): TaskResult | Promise<TaskResult> {
  if (!isThenable(returned)) return { kind: RESULT_VALUE, payload: returned }
  return Promise.resolve(returned).then(
    payload => ({ kind: RESULT_VALUE, payload }),
    error => thrown(error, describe),
  )
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}

function runChunk(fn: AnyFunction, items: readonly unknown[], describe: Describe): TaskResult | Promise<TaskResult> {
  const values: unknown[] = new Array(items.length)
  for (let index = 0; index < items.length; index += 1) {
    const returned = fn(items[index])
    if (isThenable(returned)) return finishChunk(fn, items, values, index, returned).catch(error => thrown(error, describe))
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

interface StreamChunk {
  readonly fn: AnyFunction
  readonly items: readonly unknown[]
  readonly describe: Describe
  readonly values: unknown[]
  readonly failures: ChunkOutcome['failures'][number][]
}

/** Each item by itself, from `from` on; a promise only from the first call on that returns one. */
function runStreamChunk(chunk: StreamChunk, from: number): TaskResult | Promise<TaskResult> {
  const { fn, items, describe, values, failures } = chunk
  const fail = (index: number, error: unknown): void => void failures.push({ index, thrown: describe(error) })
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
          .then(() => runStreamChunk(chunk, index + 1))
      }
      values[index] = returned
    } catch (error) {
      fail(index, error)
    }
  }
  return failures.length === 0 ? { kind: RESULT_VALUE, payload: values } : { kind: RESULT_CHUNK, payload: { values, failures } }
}
