// A task that somebody watches: it may be called off, take too long, and be tried again. Each try is a task of the dispatcher's own.
//
//   WAITING   no worker has it: it can be dropped, and its clock has not begun
//   RUNNING   its worker has said so: the clock runs
//   OVER      its owner has heard how it ended; a try that still runs is nobody's
//
// Between the moment at which a worker takes a try and the one at which we hear of that, it can neither be dropped nor be told to
// stop; whoever wants that is remembered, and told when the worker says that it has begun.
import { arena } from '../../memory/arena.ts'
import type { Reference } from '../../memory/segments.ts'
import { encodeForTree } from '../../channel/tree-messages.ts'
import { encodeStored, storeMessage } from '../../channel/stored-value.ts'
import { addCallSite } from '../../base/call-site.ts'
import { TimeoutError, WorkerDiedError } from '../../base/errors.ts'
import { onAbort } from '../../sync/waiting/aborts.ts'
import { ANNOUNCED, CANCEL_ABORTED, CANCEL_TIMEOUT, STORED, type StoredPayload } from '../protocol.ts'
import type { Seat } from '../workforce/seat.ts'
import type { Alarms } from './alarms.ts'
import type { Dispatcher } from './dispatcher.ts'
import type { Stopping } from './stopping.ts'
import { wallClock } from '../watching/reports.ts'
import type { TaskOrder, TaskOwner, TaskPlace } from './task.ts'
import type { Supervision } from './task-options.ts'

/** What supervised tasks need of their pool. */
export interface Supervisors {
  readonly dispatcher: Dispatcher
  readonly alarms: Alarms
  readonly stopping: Stopping
  /** Why nothing can be tried any more; null: it can. */
  readonly over: () => Error | null
  readonly onRetry: () => void
}

export class SupervisedTask {
  readonly #pool: Supervisors
  readonly #order: TaskOrder
  readonly #priority: number
  readonly #supervision: Supervision
  /** The payload, if it may be needed again; ours. */
  #stored: Reference | null = null
  /** The try that goes on. */
  #id = 0
  #attempt = 0
  readonly #failures: unknown[] = []
  /** Of the last try that took too long: the task may throw such an error itself. */
  #timeoutError: TimeoutError | null = null
  #hasItems = false
  #isOver = false
  #callOffAlarm = (): void => {}
  #stopListening = (): void => {}

  constructor(pool: Supervisors, order: TaskOrder, priority: number, supervision: Supervision) {
    this.#pool = pool
    this.#priority = priority
    this.#order = order
    this.#supervision = supervision
  }

  /** Submits the first try. @throws NotSerializableError, and the signal's reason if it is aborted already */
  start(values: unknown, root: string): void {
    const { signal, retries } = this.#supervision
    signal?.throwIfAborted()
    if (retries > 0) this.#stored = storeMessage(encodeStored(values, root))
    try {
      this.#submit(this.#stored === null ? encodeForTree(values, root) : encodeForTree(this.#whereStored(this.#stored), root))
    } catch (error) {
      this.#free()
      throw error
    }
    this.#order.definition.hold()
    this.#stopListening = onAbort(signal, () => this.#abort())
  }

  /** Nobody waits for it any more: drops it, or stops it. */
  callOff(): void {
    if (this.#isOver) return
    this.#finish()
    this.#pool.stopping.callOff(this.#id, CANCEL_ABORTED)
  }

  /** Drops it if no worker has it. False: one has. */
  withdraw(): boolean {
    if (this.#isOver || !this.#pool.dispatcher.withdraw(this.#id)) return false
    this.#finish()
    return true
  }

  get isWaiting(): boolean {
    return !this.#isOver && this.#pool.dispatcher.isWaiting(this.#id)
  }

  #submit(payload: Uint8Array): void {
    const { kind, definition, items, owner } = this.#order
    this.#attempt += 1
    const rank = { priority: this.#priority, attempt: this.#attempt }
    let id = 0
    const isCurrent = (): boolean => !this.#isOver && this.#id === id
    const ofThisTry: TaskOwner = {
      started: (seat, moment, at) => isCurrent() && this.#started(seat, moment, at),
      item: value => {
        this.#hasItems = true
        if (isCurrent()) owner.item?.(value)
      },
      itemFailed: error => {
        this.#hasItems = true
        if (isCurrent()) owner.itemFailed?.(error)
      },
      succeed: (value, time) => {
        if (!isCurrent()) return
        this.#finish()
        owner.succeed(value, time)
      },
      fail: error => isCurrent() && this.#failed(error),
      late: () => isCurrent() && owner.late?.(),
      callSite: owner.callSite,
    }
    const bits = ANNOUNCED | (this.#stored === null ? 0 : STORED)
    id = this.#pool.dispatcher.submit({ kind: kind | bits, definition, owner: ofThisTry, items }, payload, rank)
    this.#id = id
  }

  #started(seat: Seat, moment: number, at: TaskPlace): void {
    const { timeout } = this.#supervision
    this.#order.owner.started?.(seat, moment, at)
    if (timeout === Infinity) return
    const left = timeout - (wallClock() - moment)
    this.#callOffAlarm = this.#pool.alarms.set(performance.now() + left, () => this.#timeOut())
  }

  #timeOut(): void {
    const { timeout } = this.#supervision
    this.#timeoutError = new TimeoutError(`The task did not end within ${timeout} ms of its start`)
    this.#pool.stopping.callOff(this.#id, CANCEL_TIMEOUT, this.#timeoutError)
    addCallSite(this.#timeoutError, this.#order.owner.callSite)
    this.#failed(this.#timeoutError)
  }

  #abort(): void {
    if (this.#isOver) return
    this.#finish()
    const reason: unknown = this.#supervision.signal?.reason
    this.#pool.stopping.callOff(this.#id, CANCEL_ABORTED, reason)
    this.#order.owner.fail(reason)
  }

  #failed(error: unknown): void {
    this.#callOffAlarm()
    this.#failures.push(error)
    const last = this.#whyNoMore(error)
    if (last === null || this.#isOver) return
    this.#finish()
    this.#order.owner.fail(withTries(last.error, this.#failures))
  }

  /** Null: it is being tried again. */
  #whyNoMore(error: unknown): { readonly error: unknown } | null {
    try {
      if (!this.#mayRetry(error)) return { error }
      // Where `retryIf` has ended all this.
      if (this.#isOver) return null
      if (this.#pool.over() !== null) return { error }
      this.#submit(encodeForTree(this.#whereStored(this.#stored as Reference), 'args'))
      this.#pool.onRetry()
      return null
    } catch (problem) {
      return { error: problem } // retryIf's, or there is no memory for another try.
    }
  }

  #mayRetry(error: unknown): boolean {
    if (this.#attempt > this.#supervision.retries || this.#hasItems || this.#pool.over() !== null) return false
    return error instanceof WorkerDiedError || error === this.#timeoutError || this.#supervision.retryIf(error)
  }

  #finish(): void {
    this.#isOver = true
    this.#callOffAlarm()
    this.#stopListening()
    this.#order.definition.letGo()
    this.#free()
  }

  /** The generation, too: a try that was called off may look for it when it is gone. */
  #whereStored(stored: Reference): StoredPayload {
    return [stored, arena().allocator.entries.generationOf(stored)]
  }

  #free(): void {
    if (this.#stored !== null) arena().free(this.#stored)
    this.#stored = null
  }
}

/** Says on the error itself what became of each try, if there was more than one. */
function withTries(error: unknown, failures: readonly unknown[]): unknown {
  if (failures.length < 2 || typeof error !== 'object' || error === null || !Object.isExtensible(error)) return error
  Reflect.defineProperty(error, 'tries', { value: Object.freeze([...failures]), enumerable: false, configurable: true })
  return error
}
