// What a task is to do, by its kind. Nothing here throws or rejects: a failure is a result like any other. A promise comes back
// only if a call returned one, so that a task of plain functions is over when this returns.
import {
  KIND_MASK,
  RESULT_ITEM,
  RESULT_ITEM_THROWN,
  RESULT_THROWN,
  RESULT_VALUE,
  SPREAD,
  TASK_CALL,
  TASK_MAP,
  TASK_STREAM,
} from '../protocol.ts'
import { runGenerator } from './run-generator.ts'
import { isThenable, type RunningTask, type TaskResult } from './running-task.ts'

type Call = (item: unknown) => unknown

const DONE: TaskResult = { kind: RESULT_VALUE, payload: undefined }

export function runTask(task: RunningTask): TaskResult | Promise<TaskResult> {
  const { kind, fn, payload } = task
  try {
    if (fn instanceof Promise || payload instanceof Promise) return runWhenLoaded(task)
    const what = kind & KIND_MASK
    if (what === TASK_CALL) return settle(fn(...(payload as unknown[])))
    const call: Call = (kind & SPREAD) === 0 ? item => fn(item) : item => fn(...(item as unknown[]))
    if (what === TASK_MAP) return runChunk(call, payload as readonly unknown[])
    if (what === TASK_STREAM) return runStreamChunk({ call, items: payload as readonly unknown[], send: task.send }, 0)
    return runGenerator(fn, payload as [number, readonly unknown[]], task).catch(thrown)
  } catch (error) {
    return thrown(error)
  }
}

async function runWhenLoaded(task: RunningTask): Promise<TaskResult> {
  try {
    const [fn, payload] = await Promise.all([task.fn, task.payload])
    return await runTask({ ...task, fn, payload })
  } catch (error) {
    return thrown(error)
  }
}

function thrown(error: unknown): TaskResult {
  return { kind: RESULT_THROWN, payload: error }
}

function settle(returned: unknown): TaskResult | Promise<TaskResult> {
  if (!isThenable(returned)) return { kind: RESULT_VALUE, payload: returned }
  return Promise.resolve(returned).then(payload => ({ kind: RESULT_VALUE, payload }), thrown)
}

function runChunk(call: Call, items: readonly unknown[]): TaskResult | Promise<TaskResult> {
  const values: unknown[] = new Array(items.length)
  for (let index = 0; index < items.length; index += 1) {
    const returned = call(items[index])
    if (isThenable(returned)) return finishChunk(call, items, values, index, returned).catch(thrown)
    values[index] = returned
  }
  return { kind: RESULT_VALUE, payload: values }
}

async function finishChunk(
  call: Call,
  items: readonly unknown[],
  values: unknown[],
  from: number,
  first: PromiseLike<unknown>,
): Promise<TaskResult> {
  values[from] = await first
  for (let index = from + 1; index < items.length; index += 1) values[index] = await call(items[index])
  return { kind: RESULT_VALUE, payload: values }
}

interface StreamChunk {
  readonly call: Call
  readonly items: readonly unknown[]
  readonly send: RunningTask['send']
}

/** Each item by itself, from `from` on; a promise only from the first call on that returns one. */
function runStreamChunk(chunk: StreamChunk, from: number): TaskResult | Promise<TaskResult> {
  const { call, items, send } = chunk
  for (let index = from; index < items.length; index += 1) {
    try {
      const returned = call(items[index])
      if (isThenable(returned)) return sendLater(chunk, index, returned)
      send({ kind: RESULT_ITEM, payload: returned })
    } catch (error) {
      send({ kind: RESULT_ITEM_THROWN, payload: error })
    }
  }
  return DONE
}

async function sendLater(chunk: StreamChunk, index: number, returned: PromiseLike<unknown>): Promise<TaskResult> {
  let result: TaskResult
  try {
    result = { kind: RESULT_ITEM, payload: await returned }
  } catch (error) {
    result = { kind: RESULT_ITEM_THROWN, payload: error }
  }
  chunk.send(result)
  return runStreamChunk(chunk, index + 1)
}
