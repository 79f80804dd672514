// A call of `imap`, `imapUnordered` or `stream`: its options, and then the stream.
import { captureCallSite } from '../../base/call-site.ts'
import { checkArray, checkInteger, readOptions } from '../../base/validate.ts'
import { onAbort } from '../../sync/waiting/aborts.ts'
import type { AnyFunction } from '../../wire/function-reference.ts'
import { checkItems, checkSyncItems, type Items } from '../calls/items.ts'
import { CHUNK_OPTIONS, chunkSizes, type MapCall, type MapOptions, type SyncMapOptions } from '../calls/map-call.ts'
import { defineAt } from '../definitions.ts'
import type { PoolCore } from '../pool-core.ts'
import { openMeter } from '../progress/meter.ts'
import { readProgressOption } from '../progress/progress-option.ts'
import { mayBeRetried, readTaskSettings, SYNC_TASK_OPTIONS, TASK_OPTIONS, type TaskOptions, withoutSignal } from '../tasks/task-options.ts'
import { GeneratorRun } from './generator-run.ts'
import { ImapRun, type ImapSettings } from './imap-run.ts'
import { ResultStream } from './result-stream.ts'
import { SyncStream } from './sync-stream.ts'

export interface StreamOptions extends MapOptions {
  /** Items taken from the input and not yet from the result. Default: 16 chunks a worker, or as many as it does in a ms, at most 256. */
  maxPending?: number
}

export interface GeneratorOptions extends TaskOptions {
  /** Items that the worker may have sent and the reader not yet taken. Default: 16. */
  maxPending?: number
}

/** ms that a task of a stream takes at best: its items come one by one all the same. */
const AIM = 2
const USUAL_AHEAD = 16

export function openImap<R>(core: PoolCore, call: MapCall, isOrdered: boolean): ResultStream<R> {
  core.check(call.fn)
  const options = readOptions<StreamOptions>(call.options, [...CHUNK_OPTIONS, 'maxPending', ...TASK_OPTIONS])
  const input = checkItems(call.items)
  const { signal } = options
  return withSettings(core, call, options, isOrdered, settings =>
    ResultStream.from<R>(inlet => {
      const run = new ImapRun<R>(core, input, settings, {
        deliver: outcome => inlet.deliver(outcome),
        complete: () => {
          leave()
          inlet.complete()
        },
      })
      const leave = onAbort(signal, () => run.fail(signal?.reason))
      return run
    }),
  )
}

/** For who blocks; `promiseForm` waits for what comes asynchronously. */
export function openImapSync<R>(core: PoolCore, call: MapCall, isOrdered: boolean, promiseForm: string): SyncStream<R> {
  core.check(call.fn)
  const options = readOptions<SyncMapOptions>(call.options, [...CHUNK_OPTIONS, ...SYNC_TASK_OPTIONS])
  const input = checkSyncItems(call.items as Iterable<unknown>, promiseForm)
  return withSettings(core, call, options, isOrdered, settings =>
    SyncStream.from<R>(core, inlet => new ImapRun<R>(core, input, settings, inlet)),
  )
}

function withSettings<S>(
  core: PoolCore,
  { fn, items, isSpread, below }: MapCall,
  options: StreamOptions,
  isOrdered: boolean,
  open: (settings: ImapSettings) => S,
): S {
  const task = readTaskSettings(options)
  options.signal?.throwIfAborted()
  const wanted = chunkSizes(core, options.chunkSize, task, AIM)
  // What is tried again is a task; chunks are only how the items of a stream travel.
  const sizes = mayBeRetried(task) ? chunkSizes(core, 1, task, AIM) : wanted
  const maxPending = options.maxPending === undefined ? undefined : checkInteger(options.maxPending, 'maxPending', 1)
  const progress = readProgressOption(options.progress)
  const definition = defineAt(fn, below)
  const meter = progress === null ? null : openMeter(progress, countOf(items))
  try {
    return open({
      ...{ definition, callSite: captureCallSite(below), sizes, maxPending, isOrdered, isSpread, task: withoutSignal(task), meter },
      ...{ isEager: false, letsFinish: false },
    })
  } finally {
    definition.letGo()
  }
}

/** Undefined: nobody can know. */
function countOf(items: Items<unknown>): number | undefined {
  if (Array.isArray(items)) return items.length
  return items instanceof Set || items instanceof Map ? items.size : undefined
}

export interface GeneratorCall {
  readonly fn: AnyFunction
  readonly args: readonly unknown[]
  readonly options: GeneratorOptions | undefined
  // biome-ignore lint/complexity/noBannedTypes: V8 takes any function.
  readonly below: Function
}

export function openGenerator<R>(core: PoolCore, { fn, args, options, below }: GeneratorCall): ResultStream<R> {
  core.check(fn)
  checkArray(args, 'args')
  const read = readOptions<GeneratorOptions>(options, ['maxPending', ...TASK_OPTIONS])
  const task = readTaskSettings(read)
  const maxPending = read.maxPending === undefined ? USUAL_AHEAD : checkInteger(read.maxPending, 'maxPending', 1)
  const definition = defineAt(fn, below)
  try {
    const settings = { definition, args, callSite: captureCallSite(below), maxPending, task }
    return ResultStream.from<R>(inlet => new GeneratorRun<R>(core, settings, inlet))
  } finally {
    definition.letGo()
  }
}
