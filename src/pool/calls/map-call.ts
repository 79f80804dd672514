// A call of `map` or one of its like: its options, its input, and then a run of it.
import { addCallSite, captureCallSite } from '../../base/call-site.ts'
import { NotSerializableError } from '../../base/errors.ts'
import { checkInteger, readOptions as read } from '../../base/validate.ts'
import { onAbort } from '../../sync/waiting/aborts.ts'
import type { AnyFunction } from '../../wire/function-reference.ts'
import { defineAt } from '../definitions.ts'
import type { PoolCore } from '../pool-core.ts'
import { openMeter } from '../progress/meter.ts'
import { type ProgressOptions, type ProgressSettings, readProgressOption } from '../progress/progress-option.ts'
import {
  isTimedOrRetried,
  readTaskSettings,
  SYNC_TASK_OPTIONS,
  type SyncTaskOptions,
  TASK_OPTIONS,
  type TaskOptions,
  type TaskSettings,
  withoutSignal,
} from '../tasks/task-options.ts'
import { AsyncResult, CALLBACK_OPTIONS, type Callbacks } from './async-result.ts'
import { NEEDS_IMPORT, neverReady } from './blocking.ts'
import { ChunkSizes } from './chunk-sizes.ts'
import { type Collecting, checkItems, checkSyncItems, collect, isAsync, type Items } from './items.ts'
import { type MapOwner, MapRun, type MapSettings } from './map-run.ts'
import { type Outcome, unwrap } from './outcome.ts'

export interface ChunkOptions {
  /** Items a task has. Default: as many as keep a worker busy for some ms, seen as they come back; 1 with a `timeout` or `retries`. */
  chunkSize?: number
  /** A bar on stderr if it is a terminal, lines elsewhere; or what else is said here. */
  progress?: boolean | ProgressOptions
}

export const CHUNK_OPTIONS = ['chunkSize', 'progress'] as const

export interface MapOptions extends TaskOptions, ChunkOptions {}
export interface SyncMapOptions extends SyncTaskOptions, ChunkOptions {}

export interface MapCall {
  readonly fn: AnyFunction
  readonly items: Items<unknown>
  readonly options: MapOptions | undefined
  readonly isSpread: boolean
  /** The public function that was called. */
  // biome-ignore lint/complexity/noBannedTypes: V8 takes any function.
  readonly below: Function
}

/** ms that a task of a map takes at best. */
const AIM = 20

/** Resolves with the results in the order of the items. */
export function runMap<R>(core: PoolCore, call: MapCall): Promise<R[]> {
  return new Promise((resolve, reject) => {
    core.check(call.fn)
    const prepared = prepare(call, readSettings(core, read(call.options, [...CHUNK_OPTIONS, ...TASK_OPTIONS])))
    begin(core, prepared, call.items, { resolve, reject })
  })
}

/** The same as an AsyncResult. @throws TypeError, RangeError, ClosedError at once; what cannot be sent is the result's failure */
export function mapAsync<R>(
  core: PoolCore,
  call: MapCall & { readonly options: (MapOptions & Callbacks<R[]>) | undefined },
): AsyncResult<R[]> {
  core.check(call.fn)
  const options = read<MapOptions & Callbacks<R[]>>(call.options, [...CHUNK_OPTIONS, ...TASK_OPTIONS, ...CALLBACK_OPTIONS])
  const settings = readSettings(core, options)
  checkItems(call.items)
  return AsyncResult.from<R[]>(core, options, inlet => {
    if (isAsync(call.items)) inlet.late('The items come from an async iterable')
    begin<R>(core, prepare(call, settings), call.items, {
      resolve: value => inlet.settle({ value }),
      reject: error => inlet.settle({ error }),
      late: () => inlet.late(NEEDS_IMPORT),
    })
  })
}

/** Blocks this thread until all are there. @throws the first failure; InterruptedError: what is under way has been called off */
export function mapSync<R>(core: PoolCore, call: MapCall, promiseForm: string): R[] {
  core.check(call.fn)
  const prepared = prepare(call, readSettings(core, read(call.options, [...CHUNK_OPTIONS, ...SYNC_TASK_OPTIONS])))
  let outcome: Outcome<R[]> | null = null
  const settle = (ended: Outcome<R[]>): void => {
    outcome ??= ended
  }
  try {
    core.checkMayBlock()
    const list = [...checkSyncItems(call.items as Iterable<unknown>, promiseForm)]
    const run = runList<R>(core, prepared, list, {
      resolve: value => settle({ value }),
      reject: error => settle({ error }),
      late: () => run.callOff(neverReady(NEEDS_IMPORT)),
    })
    blockForRun(core, run, () => {
      run.tick()
      return outcome !== null
    })
  } finally {
    prepared.settings.definition.letGo()
  }
  return unwrap(outcome as unknown as Outcome<R[]>)
}

function blockForRun<R>(core: PoolCore, run: MapRun<R>, isOver: () => boolean): void {
  try {
    core.block(isOver, Infinity)
  } catch (error) {
    run.callOff(error)
    throw error
  }
}

interface ReadSettings extends Pick<MapSettings, 'sizes' | 'task'> {
  readonly progress: ProgressSettings | null
  readonly signal: AbortSignal | undefined
}

/** @throws TypeError, RangeError */
function readSettings(core: PoolCore, options: MapOptions): ReadSettings {
  const task = readTaskSettings(options)
  return {
    sizes: chunkSizes(core, options.chunkSize, task, AIM),
    task: withoutSignal(task),
    progress: readProgressOption(options.progress),
    signal: options.signal,
  }
}

interface Prepared extends Pick<ReadSettings, 'progress' | 'signal'> {
  /** Its definition is held, once. */
  readonly settings: Omit<MapSettings, 'meter'>
}

/** @throws NotSerializableError for the function */
function prepare({ fn, isSpread, below }: MapCall, { sizes, task, progress, signal }: ReadSettings): Prepared {
  const callSite = captureCallSite(below)
  return { settings: { callSite, sizes, isSpread, task, definition: defineAt(fn, below) }, progress, signal }
}

/** Whatever goes wrong, its owner hears of it. */
function begin<R>(core: PoolCore, prepared: Prepared, items: Items<unknown>, owner: MapOwner<R>): void {
  const { settings, signal } = prepared
  const fail = (error: unknown): void => {
    if (error instanceof NotSerializableError) addCallSite(error, settings.callSite)
    owner.reject(error)
  }
  const run = (list: readonly unknown[]): void => void runList<R>(core, prepared, list, { ...owner, reject: fail })
  try {
    signal?.throwIfAborted()
    const given = collect(checkItems(items))
    if (!('stop' in given)) run(given)
    else {
      settings.definition.hold()
      void runCollected(core, given, signal, run)
        .catch(fail)
        .finally(() => settings.definition.letGo())
    }
  } catch (error) {
    fail(error)
  } finally {
    settings.definition.letGo()
  }
}

/** @throws NotSerializableError */
function runList<R>(core: PoolCore, { settings, progress, signal }: Prepared, list: readonly unknown[], owner: MapOwner<R>): MapRun<R> {
  const meter = progress === null ? null : openMeter(progress, list.length)
  const run: MapRun<R> = new MapRun<R>(core, { ...settings, meter }, list, {
    resolve: results => {
      leave()
      owner.resolve(results)
    },
    reject: error => {
      leave()
      owner.reject(error)
    },
    ...(owner.late && { late: owner.late }),
  })
  const leave = onAbort(signal, () => run.callOff(signal?.reason))
  run.start()
  return run
}

/** Calls `run` with all of an input that comes bit by bit, unless the pool is over before, or the signal aborts. */
async function runCollected(
  core: PoolCore,
  given: Collecting<unknown>,
  signal: AbortSignal | undefined,
  run: (list: readonly unknown[]) => void,
): Promise<void> {
  let end = (_error: unknown): void => {}
  const over = new Promise<never>((_resolve, reject) => {
    end = reject
  })
  const leave = onAbort(signal, () => end(signal?.reason))
  const inputEnded = core.openInput(end)
  try {
    const list = await Promise.race([given.items, over])
    // Between the last item and this the pool may have come to its end.
    if (core.failure !== null) throw core.failure
    signal?.throwIfAborted()
    // The input ends after this, when tasks are on their way: a closed pool that has neither lets its workers go.
    run(list)
  } finally {
    given.stop()
    leave()
    inputEnded()
  }
}

/** What is timed and tried again is a task, and by that whoever asks for it means one item. */
export function chunkSizes(core: PoolCore, wanted: number | undefined, task: TaskSettings, aim: number): ChunkSizes {
  const { processes } = core.settings
  if (wanted !== undefined) return new ChunkSizes(processes, aim, checkInteger(wanted, 'chunkSize', 1))
  return new ChunkSizes(processes, aim, isTimedOrRetried(task) ? 1 : undefined)
}
