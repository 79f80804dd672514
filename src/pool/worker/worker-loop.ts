// A worker: takes a task, runs it, sends the result, and sleeps in its event loop when there is none. Tasks that return no promise
// run one after the other without a turn of the event loop in between, but only for a while: what they started wants its turn too.
// Of tasks that return promises as many run at once as there are places; most pools have one.
//
//   IDLE      waits for a ring                  → AT WORK, when it rings
//   AT WORK   takes tasks                       → IDLE: no task, nothing in hand. BUSY: no place is free, or no task
//   BUSY      waits for a task in hand to end   → AT WORK, when one does, or it rings
//   leaving   takes no more (it has done enough, or the pool says so), and ends when it has nothing in hand but what was called off
import { arena } from '../../memory/arena.ts'
import { TaskRing } from '../../channel/task-ring.ts'
import { TREE_MESSAGES } from '../../channel/tree-messages.ts'
import { loadValue } from '../../channel/stored-value.ts'
import { doorbell } from '../../sync/waiting/doorbell.ts'
import type { AnyFunction } from '../../wire/function-reference.ts'
import { ANNOUNCED, RESULT_THROWN, STORED, type StoredPayload, type WorkerArgument } from '../protocol.ts'
import { SeatWords } from '../workforce/seat-words.ts'
import { WorkerLimits } from './limits.ts'
import type { Place } from './place.ts'
import { Places } from './places.ts'
import { Results } from './results.ts'
import { runTask } from './run-task.ts'
import type { TaskResult } from './running-task.ts'
import { checkThere, WorkerFunctions } from './worker-functions.ts'

/** A turn of the event loop after this many tasks or this many ms, whichever comes first. */
const TASKS_PER_TURN = 256
const TURN = 2

export class WorkerLoop {
  readonly #tasks: TaskRing
  readonly #results: Results
  readonly #seat: SeatWords
  readonly #places: Places
  readonly #limits: WorkerLimits
  readonly #functions = new WorkerFunctions()
  readonly #leave: () => void
  /** It is taking tasks, or will in the next turn of the event loop. */
  #isAtWork = false
  #isLeaving = false
  /** Of this turn of the event loop: tasks done, and when it is time for the next. */
  #count = 0
  #turnEnds = 0
  #announced = false

  /** `leave` is called when there is nothing left to do, and never will be. */
  constructor(argument: WorkerArgument, leave: () => void) {
    this.#seat = new SeatWords(argument.seat)
    this.#tasks = new TaskRing(argument.tasks, TREE_MESSAGES)
    this.#results = new Results(argument)
    this.#places = new Places(this.#seat)
    this.#limits = new WorkerLimits(argument)
    this.#leave = leave
  }

  start(): void {
    this.#seat.setReady()
    doorbell().hold()
    doorbell().listen(() => this.#hear())
  }

  #hear(): void {
    this.#places.look()
    if (this.#seat.retiring) this.#seat.answer()
    this.#work()
  }

  #work(): void {
    if (this.#isAtWork) return
    this.#isAtWork = true
    this.#seat.clearIdle()
    this.#beginTurn()
    this.#goOn()
  }

  #beginTurn(): void {
    this.#count = 0
    this.#turnEnds = performance.now() + TURN
  }

  /** Task after task, until no place is free, there is none, or the turn is over. */
  #goOn(): void {
    let now = performance.now()
    for (;;) {
      if (this.#isTurnOver(now)) {
        setImmediate(() => {
          this.#beginTurn()
          this.#goOn()
        })
        return
      }
      const place = this.#places.free()
      if (this.#seat.retiring || (this.#isLeaving && place !== undefined)) {
        this.#depart()
        return
      }
      if (place === undefined) break
      const cell = this.#tasks.take(arena().me)
      if (cell !== -1) now = this.#run(cell, place, now)
      else if (this.#rest()) return
    }
    this.#isAtWork = false
  }

  /** Also tasks that return promises may follow one another without a turn, if their promises wait for nothing. */
  #isTurnOver(now: number): boolean {
    this.#count += 1
    return this.#count > TASKS_PER_TURN || now > this.#turnEnds
  }

  /** True: there is nothing to do, wait for a ring. */
  #rest(): boolean {
    this.#seat.setIdle()
    if (!this.#tasks.isEmpty) {
      this.#seat.clearIdle()
      return false
    }
    this.#isAtWork = false
    this.#announce()
    if (this.#tasks.closed && this.#places.running === 0) this.#leave()
    return true
  }

  /** It takes no more tasks, and another may take its place. Those in hand go on, but nobody waits for what the pool has given up. */
  #depart(): void {
    this.#isAtWork = false
    this.#seat.setLeaving()
    this.#results.ring()
    if (!this.#places.isNeeded) this.#leave()
  }

  /** Returns what time it is after that. */
  #run(cell: number, place: Place, now: number): number {
    const head = this.#tasks.headAt(cell)
    place.hold(head.id)
    if (this.#limits.isLast()) this.#isLeaving = true
    if ((head.kind & ANNOUNCED) !== 0) this.#results.sayStarted(head.id, now, place.number)
    let payload: unknown
    let fn: AnyFunction | Promise<AnyFunction>
    try {
      payload = this.#tasks.payloadAt(cell)
      if ((head.kind & STORED) !== 0) payload = loadStored(payload as StoredPayload)
      fn = this.#announceThen(this.#functions.get(head.functionReference, head.functionGeneration))
    } catch (error) {
      // The payload may wait for modules; whether it gets them is of no interest any more.
      if (payload instanceof Promise) payload.catch(() => {})
      return this.#end(place, now, { kind: RESULT_THROWN, payload: error })
    } finally {
      this.#tasks.release(cell)
    }
    const send = (result: TaskResult): void => this.#results.send(head.id, result, now, performance.now())
    const result = this.#places.run(place, () => runTask({ kind: head.kind, fn, payload, place, send }))
    if (!(result instanceof Promise)) return this.#end(place, now, result)
    this.#places.keep(place)
    result.then(settled => {
      this.#end(place, now, settled)
      if (!this.#isAtWork) this.#work()
    })
    return performance.now()
  }

  #end(place: Place, started: number, result: TaskResult): number {
    const now = performance.now()
    this.#results.send(place.id, result, started, now)
    const mayGoOn = this.#places.end(place)
    this.#results.ring()
    if (!mayGoOn) {
      this.#seat.setLeaving()
      this.#leave()
    }
    if (this.#limits.isReached(now)) this.#isLeaving = true
    return now
  }

  /** Tells the pool, once, that this worker is up and at work: it may be waiting for that with the start of the next one. */
  #announce(): void {
    if (this.#announced) return
    this.#announced = true
    this.#results.ring()
  }

  /** Not before the first function's module is loaded: the next worker's start would take the processor's time from it. */
  #announceThen(fn: AnyFunction | Promise<AnyFunction>): AnyFunction | Promise<AnyFunction> {
    if (this.#announced) return fn
    if (fn instanceof Promise) return fn.finally(() => this.#announce())
    this.#announce()
    return fn
  }
}

/** What may be needed again stays where it is. @throws Error when the task was called off and it is gone */
function loadStored([reference, generation]: StoredPayload): unknown {
  checkThere(reference, generation)
  const value = loadValue(reference)
  checkThere(reference, generation)
  return value
}
