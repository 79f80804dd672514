// A worker: takes a task, runs it, sends the result, and sleeps in its event loop when there is none. Tasks that return no promise
// run one after the other without a turn of the event loop in between, but only for a while: what they started wants its turn too.
import { InterruptedError } from '../../base/errors.ts'
import { arena } from '../../memory/arena.ts'
import { ResultRing } from '../../channel/result-ring.ts'
import { TaskRing } from '../../channel/task-ring.ts'
import { encodeForTree, TREE_MESSAGES, treeMessagesTo } from '../../channel/tree-messages.ts'
import { slotOf } from '../../memory/identity.ts'
import { doorbell, ring } from '../../sync/waiting/doorbell.ts'
import { besideEventLoop } from '../../sync/waiting/waits.ts'
import type { AnyFunction } from '../../wire/function-reference.ts'
import type { Capability } from '../../wire/values/capability.ts'
import { describeThrown, type ThrownDescription } from '../../wire/remote-error.ts'
import { RESULT_THROWN, type WorkerArgument } from '../protocol.ts'
import { runTask, type TaskResult } from './run-task.ts'
import { SeatWords } from '../seat-words.ts'
import { WorkerFunctions } from './worker-functions.ts'

/** A turn of the event loop after this many tasks or this many ms, whichever comes first. */
const TASKS_PER_TURN = 256
const TURN = 2

export class WorkerLoop {
  readonly #tasks: TaskRing
  readonly #results: ResultRing
  readonly #seat: SeatWords
  readonly #parentSlot: number
  /** Results go to the pool's thread and to nobody else. */
  readonly #home: Capability
  readonly #functions = new WorkerFunctions()
  readonly #leave: () => void
  #busy = false
  /** Of this turn of the event loop: tasks done, and when it is time for the next. */
  #count = 0
  #turnEnds = 0
  #announced = false

  /** `leave` is called once the pool is closed and there is nothing left to do. */
  constructor(argument: WorkerArgument, leave: () => void) {
    this.#tasks = new TaskRing(argument.tasks, TREE_MESSAGES)
    this.#results = new ResultRing(argument.results, TREE_MESSAGES)
    this.#seat = new SeatWords(argument.seat)
    this.#parentSlot = slotOf(argument.poolThread)
    this.#home = treeMessagesTo(argument.poolThread)
    this.#leave = leave
  }

  start(): void {
    this.#seat.setReady()
    doorbell().hold()
    doorbell().listen(() => this.#work())
  }

  #work(): void {
    if (this.#busy) return
    this.#busy = true
    this.#seat.clearIdle()
    this.#beginTurn()
    this.#goOn()
  }

  #beginTurn(): void {
    this.#count = 0
    this.#turnEnds = performance.now() + TURN
  }

  /** Task after task, until one is not done at once, there is none, or the turn is over. */
  #goOn(): void {
    for (;;) {
      if (this.#isTurnOver()) {
        setImmediate(() => {
          this.#beginTurn()
          this.#goOn()
        })
        return
      }
      const cell = this.#tasks.take(arena().me)
      if (cell === -1) {
        if (this.#rest()) return
      } else if (this.#run(cell)) return
    }
  }

  /** Also tasks that return promises may follow one another without a turn, if their promises wait for nothing. */
  #isTurnOver(): boolean {
    this.#count += 1
    return this.#count > TASKS_PER_TURN || performance.now() > this.#turnEnds
  }

  /** True: there is nothing to do, wait for a ring. */
  #rest(): boolean {
    this.#seat.setIdle()
    if (!this.#tasks.isEmpty) {
      this.#seat.clearIdle()
      return false
    }
    this.#busy = false
    this.#announce()
    if (this.#tasks.closed) this.#leave()
    return true
  }

  /** True: the task goes on, and `#goOn` is called when it ends. */
  #run(cell: number): boolean {
    const head = this.#tasks.headAt(cell)
    this.#seat.hold(head.id)
    let payload: unknown
    let fn: AnyFunction | Promise<AnyFunction>
    try {
      payload = this.#tasks.payloadAt(cell)
      fn = this.#announceThen(this.#functions.get(head.functionReference, head.functionGeneration))
    } catch (error) {
      // The payload may wait for modules; whether it gets them is of no interest any more.
      if (payload instanceof Promise) payload.catch(() => {})
      this.#send(head.id, { kind: RESULT_THROWN, payload: this.#describe(error) })
      return false
    } finally {
      this.#tasks.release(cell)
    }
    const result = runTask({ kind: head.kind, fn, payload, describe: this.#describe })
    if (!(result instanceof Promise)) {
      this.#send(head.id, result)
      return false
    }
    result.then(settled => {
      this.#send(head.id, settled)
      this.#goOn()
    })
    return true
  }

  /** Tells the pool, once, that this worker is up and at work: it may be waiting for that with the start of the next one. */
  #announce(): void {
    if (this.#announced) return
    this.#announced = true
    ring(this.#parentSlot)
  }

  /** Not before the first function's module is loaded: the next worker's start would take the processor's time from it. */
  #announceThen(fn: AnyFunction | Promise<AnyFunction>): AnyFunction | Promise<AnyFunction> {
    if (this.#announced) return fn
    if (fn instanceof Promise) return fn.finally(() => this.#announce())
    this.#announce()
    return fn
  }

  readonly #describe = (error: unknown): ThrownDescription => describeThrown(error, this.#home)

  #send(id: number, result: TaskResult): void {
    try {
      this.#put(id, this.#encode(result))
    } catch (error) {
      // No memory for this result; for the news of that there is room in the ring itself.
      this.#put(id, this.#encode({ kind: RESULT_THROWN, payload: this.#describe(error) }))
    }
    this.#seat.letGo()
    ring(this.#parentSlot)
  }

  #encode({ kind, payload }: TaskResult): EncodedResult {
    try {
      return { kind, bytes: encodeForTree(payload, 'result', this.#home) }
    } catch (error) {
      return { kind: RESULT_THROWN, bytes: encodeForTree(this.#describe(error), 'error', this.#home) }
    }
  }

  #put(id: number, { kind, bytes }: EncodedResult): void {
    if (this.#results.put(id, kind, bytes)) return
    ring(this.#parentSlot)
    // The parent reads as fast as its event loop turns; until then this worker can do nothing useful with one more result.
    besideEventLoop(() => {
      while (!this.#waitForRoom(() => this.#results.put(id, kind, bytes)));
    })
  }

  /** False: a signal came in between (Ctrl-C, which is none of a worker's business, first of all), and nothing is sent yet. */
  #waitForRoom(put: () => boolean): boolean {
    try {
      return doorbell().block(put, Infinity)
    } catch (error) {
      if (error instanceof InterruptedError) return false
      throw error
    }
  }
}

interface EncodedResult {
  readonly kind: number
  readonly bytes: Uint8Array
}
