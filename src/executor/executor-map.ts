// A call of an executor's `map`. It is a stream of the pool's (pool/streams/) that goes by Python's rules: without `bufferSize` all
// items are worked on whether anybody reads the results or not; when the reader leaves or the time is over, what runs goes on, and
// what waits is cancelled.
import { captureCallSite } from '../base/call-site.ts'
import { deadlineAfter } from '../base/deadline.ts'
import { CancelledError, ClosedError, TimeoutError } from '../base/errors.ts'
import { checkInteger, checkTimeout, expected, readOptions } from '../base/validate.ts'
import { checkItems, type Items } from '../pool/calls/items.ts'
import { chunkSizes } from '../pool/calls/map-call.ts'
import { defineAt } from '../pool/definitions.ts'
import type { PoolCore } from '../pool/pool-core.ts'
import { ImapRun, type ImapSettings } from '../pool/streams/imap-run.ts'
import { ResultStream } from '../pool/streams/result-stream.ts'
import { USUAL } from '../pool/tasks/task-options.ts'
import type { AnyFunction } from '../wire/function-reference.ts'

export interface ExecutorMapOptions {
  /** ms from this call, after which `next()` rejects with TimeoutError for what is not there; what waits then is cancelled. */
  timeout?: number
  /** Items a task has. Default: as many as keep a worker busy for some ms, seen as they come back. */
  chunkSize?: number
  /** Items taken from the input and not yet from the result. Default: the input is read as fast as the workers go, and all is worked on. */
  bufferSize?: number
  /** An abort ends the iteration with its `reason`: what waits is dropped, what runs is stopped. */
  signal?: AbortSignal
}

export interface ExecutorMapCall {
  readonly fn: AnyFunction
  readonly items: Items<unknown>
  readonly options: ExecutorMapOptions | undefined
  readonly isSpread: boolean
  /** The public function that was called. */
  // biome-ignore lint/complexity/noBannedTypes: V8 takes any function.
  readonly below: Function
}

/** ms that a task takes at best: its items come one by one all the same. */
const AIM = 2

/** A map that has not ended, as its executor sees it. */
export class ExecutorMap {
  readonly #core: PoolCore
  readonly #run: ImapRun<unknown>
  readonly #isBuffered: boolean

  constructor(core: PoolCore, run: ImapRun<unknown>, { isBuffered }: { readonly isBuffered: boolean }) {
    this.#core = core
    this.#run = run
    this.#isBuffered = isBuffered
  }

  /**
   * The executor takes no more. What the reader has to make room for might never be read, and the executor would not come to its end; what
   * there is room for has its turn before this.
   */
  shutDown(): void {
    if (!this.#isBuffered) return
    this.#core.jobs.add(() => this.#run.endInput(new ClosedError('The executor was shut down before these items were read')))
  }

  cancel(): void {
    const cancelled = new CancelledError('The executor was shut down before these items were begun')
    this.#run.endInput(cancelled)
    this.#run.failWaiting(cancelled)
  }
}

/** `maps`: those of the executor that have not ended. @throws TypeError, RangeError, NotSerializableError; the reason of a signal that is aborted already */
export function openExecutorMap<R>(core: PoolCore, maps: Set<ExecutorMap>, call: ExecutorMapCall): ResultStream<R> {
  const read = readMapOptions(call.options)
  const items = checkItems(call.items)
  read.signal?.throwIfAborted()
  const definition = defineAt(call.fn, call.below)
  const settings: ImapSettings = {
    ...{ definition, callSite: captureCallSite(call.below), sizes: chunkSizes(core, read.chunkSize, USUAL, AIM) },
    ...{ maxPending: read.bufferSize, isOrdered: true, isSpread: call.isSpread },
    ...{ isEager: read.bufferSize === undefined, letsFinish: true, task: USUAL, meter: null },
  }
  try {
    return ResultStream.from<R>(inlet => {
      const ending = { complete: (): void => {} }
      const run = new ImapRun<R>(core, items, settings, {
        deliver: outcome => inlet.deliver(outcome),
        complete: () => {
          ending.complete()
          inlet.complete()
        },
      })
      ending.complete = watch(core, maps, run, read)
      return run
    })
  } finally {
    definition.letGo()
  }
}

/** Who else may end a map. Returns what to do at its end. */
function watch<R>(core: PoolCore, maps: Set<ExecutorMap>, run: ImapRun<R>, { timeout, bufferSize, signal }: ReadOptions): () => void {
  const map = new ExecutorMap(core, run as ImapRun<unknown>, { isBuffered: bufferSize !== undefined })
  const abort = (): void => run.fail(signal?.reason)
  const late = (): void => run.fail(new TimeoutError(`The result did not come within ${timeout} ms of the call`), { letsFinish: true })
  maps.add(map)
  signal?.addEventListener('abort', abort, { once: true })
  const callOff = timeout === Infinity ? (): void => {} : core.alarms.set(deadlineAfter(timeout), late)
  return () => {
    maps.delete(map)
    signal?.removeEventListener('abort', abort)
    callOff()
  }
}

interface ReadOptions {
  readonly timeout: number
  readonly chunkSize: number | undefined
  readonly bufferSize: number | undefined
  readonly signal: AbortSignal | undefined
}

function readMapOptions(given: unknown): ReadOptions {
  const options = readOptions<ExecutorMapOptions>(given, ['timeout', 'chunkSize', 'bufferSize', 'signal'])
  const { chunkSize, bufferSize, signal } = options
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw new TypeError(expected('signal', 'an AbortSignal', signal))
  return {
    timeout: checkTimeout(options.timeout),
    chunkSize: chunkSize === undefined ? undefined : checkInteger(chunkSize, 'chunkSize', 1),
    bufferSize: bufferSize === undefined ? undefined : checkInteger(bufferSize, 'bufferSize', 1),
    signal,
  }
}
