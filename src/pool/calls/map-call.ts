// A call of `map` or one of its like: its options, its input, and then a run of it.
import { addCallSite, captureCallSite } from '../../base/call-site.ts'
import { NotSerializableError } from '../../base/errors.ts'
import { checkInteger, readOptions } from '../../base/validate.ts'
import type { AnyFunction } from '../../wire/function-reference.ts'
import { defineAt } from '../definitions.ts'
import type { PoolCore } from '../pool-core.ts'
import { openMeter } from '../progress/meter.ts'
import { type ProgressOptions, readProgressOption } from '../progress/progress-option.ts'
import {
  readTaskSettings,
  type SyncTaskOptions,
  TASK_OPTIONS,
  type TaskOptions,
  type TaskSettings,
  withoutSignal,
} from '../tasks/task-options.ts'
import { ChunkSizes } from './chunk-sizes.ts'
import { type Collecting, checkItems, collect, type Items } from './items.ts'
import { MapRun, type MapSettings } from './map-run.ts'

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
export async function runMap<R>(core: PoolCore, { fn, items, options, isSpread, below }: MapCall): Promise<R[]> {
  core.check(fn)
  const read = readOptions<MapOptions>(options, [...CHUNK_OPTIONS, ...TASK_OPTIONS])
  const task = readTaskSettings(read)
  const progress = readProgressOption(read.progress)
  const callSite = captureCallSite(below)
  const settings = {
    definition: defineAt(fn, below),
    callSite,
    sizes: chunkSizes(core, read.chunkSize, task, AIM),
    isSpread,
    task: withoutSignal(task),
  }
  try {
    read.signal?.throwIfAborted()
    const given = collect(checkItems(items))
    const list = 'stop' in given ? await collected(core, given, read.signal) : given
    const meter = progress === null ? null : openMeter(progress, list.length)
    return await runList<R>(core, { ...settings, meter }, list, read.signal)
  } catch (error) {
    if (error instanceof NotSerializableError) addCallSite(error, callSite)
    throw error
  } finally {
    settings.definition.letGo()
  }
}

function runList<R>(core: PoolCore, settings: MapSettings, list: readonly unknown[], signal: AbortSignal | undefined): Promise<R[]> {
  return new Promise((resolve, reject) => {
    const run = new MapRun<R>(core, settings, list, {
      resolve: results => {
        signal?.removeEventListener('abort', abort)
        resolve(results)
      },
      reject: error => {
        signal?.removeEventListener('abort', abort)
        reject(error)
      },
    })
    const abort = (): void => run.callOff(signal?.reason)
    signal?.addEventListener('abort', abort, { once: true })
    run.start()
  })
}

/** All of an input that comes bit by bit, unless the pool is over before, or the signal aborts. */
async function collected(core: PoolCore, given: Collecting<unknown>, signal: AbortSignal | undefined): Promise<readonly unknown[]> {
  let end = (_error: unknown): void => {}
  const over = new Promise<never>((_resolve, reject) => {
    end = reject
  })
  const abort = (): void => end(signal?.reason)
  signal?.addEventListener('abort', abort, { once: true })
  const inputEnded = core.openInput(end)
  try {
    return await Promise.race([given.items, over])
  } finally {
    given.stop()
    signal?.removeEventListener('abort', abort)
    inputEnded()
  }
}

/** What is timed and tried again is a task, and by that whoever asks for it means one item. */
export function chunkSizes(core: PoolCore, wanted: number | undefined, { supervision }: TaskSettings, aim: number): ChunkSizes {
  const { processes } = core.settings
  if (wanted !== undefined) return new ChunkSizes(processes, aim, checkInteger(wanted, 'chunkSize', 1))
  const isWatched = supervision !== null && (supervision.timeout !== Infinity || supervision.retries > 0)
  return new ChunkSizes(processes, aim, isWatched ? 1 : undefined)
}
