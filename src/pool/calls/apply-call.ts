// A call of `apply` or one of its like.
import { captureCallSite } from '../../base/call-site.ts'
import { checkArray, readOptions } from '../../base/validate.ts'
import type { AnyFunction } from '../../wire/function-reference.ts'
import { defineFunction, pointAt } from '../definitions.ts'
import type { PoolCore, Submitted } from '../pool-core.ts'
import { TASK_CALL } from '../protocol.ts'
import type { TaskOwner } from '../tasks/task.ts'
import {
  readTaskSettings,
  SYNC_TASK_OPTIONS,
  type SyncTaskOptions,
  TASK_OPTIONS,
  type TaskOptions,
  type TaskSettings,
  USUAL,
} from '../tasks/task-options.ts'
import { AsyncResult, CALLBACK_OPTIONS, type Callbacks } from './async-result.ts'
import { NEEDS_IMPORT, neverReady } from './blocking.ts'
import { type Outcome, unwrap } from './outcome.ts'

export interface ApplyCall<O> {
  readonly fn: AnyFunction
  readonly args: readonly unknown[]
  readonly options: O | undefined
  /** The public function that was called. */
  // biome-ignore lint/complexity/noBannedTypes: V8 takes any function.
  readonly below: Function
}

export function callInWorker<R>(core: PoolCore, call: ApplyCall<TaskOptions>): Promise<R> {
  return new Promise((resolve, reject) => {
    const { fn, args, options, below } = call
    core.check(fn)
    checkArray(args, 'args')
    const settings = options === undefined ? USUAL : readTaskSettings(readOptions<TaskOptions>(options, TASK_OPTIONS))
    const callSite = core.isBusy ? undefined : captureCallSite(below)
    submitCall(core, call, settings, { succeed: resolve as (value: unknown) => void, fail: reject, callSite })
  })
}

/** @throws NotSerializableError, from where the user called; the reason of a signal that is aborted already */
function submitCall(core: PoolCore, { fn, args, below }: ApplyCall<unknown>, settings: TaskSettings, owner: TaskOwner): Submitted {
  try {
    const definition = defineFunction(fn)
    try {
      return core.submit({ kind: TASK_CALL, definition, owner, items: 1 }, args, settings, 'args')
    } finally {
      definition.letGo()
    }
  } catch (error) {
    throw pointAt(error, below)
  }
}

export function callAsync<R>(core: PoolCore, call: ApplyCall<TaskOptions & Callbacks<R>>): AsyncResult<R> {
  core.check(call.fn)
  checkArray(call.args, 'args')
  const read = readOptions<TaskOptions & Callbacks<R>>(call.options, [...TASK_OPTIONS, ...CALLBACK_OPTIONS])
  const settings = readTaskSettings(read)
  const callSite = core.isBusy ? undefined : captureCallSite(call.below)
  return AsyncResult.from<R>(core, read, inlet => {
    submitCall(core, call, settings, {
      succeed: value => inlet.settle({ value: value as R }),
      fail: error => inlet.settle({ error }),
      late: () => inlet.late(NEEDS_IMPORT),
      callSite,
    })
  })
}

/** Blocks this thread until the task has ended. @throws what it throws; InterruptedError: the task has been called off */
export function callSync<R>(core: PoolCore, call: ApplyCall<SyncTaskOptions>): R {
  core.check(call.fn)
  checkArray(call.args, 'args')
  const settings = readTaskSettings(readOptions<SyncTaskOptions>(call.options, SYNC_TASK_OPTIONS))
  core.checkMayBlock()
  let outcome: Outcome<R> | null = null
  const settle = (ended: Outcome<R>): void => {
    outcome ??= ended
  }
  const task = submitCall(core, call, settings, {
    succeed: value => settle({ value: value as R }),
    fail: error => settle({ error }),
    late: () => settle({ error: neverReady(NEEDS_IMPORT) }),
    callSite: captureCallSite(call.below),
  })
  try {
    core.block(() => outcome !== null, Infinity)
  } catch (error) {
    core.callOff(task)
    throw error
  }
  return unwrap(outcome as unknown as Outcome<R>)
}
