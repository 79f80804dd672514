// How a future comes to its end, and who hears of it.
//
//   waiting     no worker has its task                  → running, cancelled, or failed with the executor
//   running     a worker has it; only the ring knows    → finished
//   finished    with a value or an error
//   cancelled   its task was dropped, and will never run
//
// A promise is made only for who asks for one: a future that failed and that nobody looks at is silent, as in Python.
import type { CallSite } from '../base/call-site.ts'
import { BrokenPoolError, CancelledError } from '../base/errors.ts'
import type { PoolCore, Submitted } from '../pool/pool-core.ts'
import type { TaskOwner } from '../pool/tasks/task.ts'
import { stackOf } from '../pool/watching/thrown.ts'

let lateFutures = 0

/** Whether any future of this thread is late: to ask each is much for who waits for many. */
export function areLate(): boolean {
  return lateFutures > 0
}

export class FutureState<T> implements TaskOwner {
  readonly core: PoolCore
  readonly callSite: CallSite | undefined
  readonly #onEnd: () => void
  /** Null: it has none yet, or none any more. */
  #task: Submitted | null = null
  #isLate = false
  #settled: PromiseSettledResult<T> | null = null
  #isCancelled = false
  #promise: Promise<T> | null = null
  /** Of this library: called at the end, wherever that is, and must not throw. */
  readonly #watchers = new Set<() => void>()
  /** Of the user. */
  #callbacks: (() => unknown)[] = []

  constructor(core: PoolCore, callSite: CallSite | undefined, onEnd: () => void) {
    this.core = core
    this.callSite = callSite
    this.#onEnd = onEnd
  }

  /** Its task is under way. */
  begin(task: Submitted): void {
    if (this.#settled === null) this.#task = task
  }

  succeed(value: unknown): void {
    this.#end({ status: 'fulfilled', value: value as T })
  }

  /** Of several futures that fail with their executor, each has an error of its own: whoever handles one may change it. */
  fail(reason: unknown): void {
    const isCommon = reason instanceof BrokenPoolError && reason === this.core.failure
    this.#end({ status: 'rejected', reason: isCommon ? new BrokenPoolError(reason.message, { cause: reason.cause }) : reason })
  }

  /** It has arrived, but waits for modules. */
  late(): void {
    if (this.#isLate || this.#settled !== null) return
    this.#isLate = true
    lateFutures += 1
  }

  /** True: it will never start. */
  cancel(): boolean {
    if (this.#isCancelled) return true
    if (this.#settled !== null || this.#task === null || !this.core.withdraw(this.#task)) return false
    this.#isCancelled = true
    this.#end({ status: 'rejected', reason: new CancelledError() })
    this.runCallbacks()
    return true
  }

  get isCancelled(): boolean {
    return this.#isCancelled
  }

  /** It will not end while this thread blocks. */
  get isLate(): boolean {
    return this.#isLate && this.#settled === null
  }

  /** Null: it has not ended. */
  get settled(): PromiseSettledResult<T> | null {
    return this.#settled
  }

  get isRunning(): boolean {
    return this.#settled === null && this.#task !== null && !this.core.isWaiting(this.#task)
  }

  /** Its task threw, or could not be done. Not: it was cancelled. */
  get hasFailed(): boolean {
    return this.#settled?.status === 'rejected' && !this.#isCancelled
  }

  get promise(): Promise<T> {
    this.#promise ??= new Promise((resolve, reject) => {
      this.whenEnded(() => {
        const settled = this.#settled as PromiseSettledResult<T>
        if (settled.status === 'fulfilled') resolve(settled.value)
        else reject(settled.reason)
      })
    })
    return this.#promise
  }

  /** Calls `watcher` at the end; at once if that has been. Returns how to call it off. */
  whenEnded(watcher: () => void): () => void {
    if (this.#settled === null) {
      this.#watchers.add(watcher)
      return () => void this.#watchers.delete(watcher)
    }
    watcher()
    return () => {}
  }

  /** The user's: called soon after the end, in turn; at once if that has been. */
  addCallback(callback: () => unknown): void {
    this.#callbacks.push(callback)
    if (this.#settled !== null) this.runCallbacks()
  }

  /** Those that are due, in a call of the user's. */
  runCallbacks(): void {
    if (this.#settled === null) return
    for (let next = this.#callbacks.shift(); next !== undefined; next = this.#callbacks.shift()) callBack(next)
  }

  /** In the midst of a worker's results: code of the user's comes a moment later, but before what awaits this. */
  #end(settled: PromiseSettledResult<T>): void {
    if (this.#settled !== null) return
    this.#settled = settled
    if (this.#isLate) lateFutures -= 1
    this.#task = null
    this.#onEnd()
    if (this.#callbacks.length > 0) this.core.jobs.add(() => this.runCallbacks())
    for (const watcher of this.#watchers) watcher()
    this.#watchers.clear()
  }
}

/** What one throws is no matter of the others, nor of whoever made the future end. */
function callBack(callback: () => unknown): void {
  try {
    callback()
  } catch (error) {
    process.emitWarning('A callback of a future threw', { type: 'FutureCallbackWarning', detail: stackOf(error) })
  }
}
