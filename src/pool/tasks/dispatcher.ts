// Tasks on their way: waiting here until the ring has room, in the ring, in a worker's hands, ended. The dispatcher knows every
// task by its id from its submission until its end, whatever becomes of the workers, so that each one ends exactly once.
//
// While all have the same priority the ring is filled to its brim, so that workers never starve. As soon as one has another, only
// so many are in the ring as there are workers, and what is there is taken back when something more urgent comes.
import { addCallSite } from '../../base/call-site.ts'
import { dropMessage } from '../../channel/payload.ts'
import type { ArrivedResult } from '../../channel/result-ring.ts'
import { TaskRing } from '../../channel/task-ring.ts'
import { TREE_MESSAGES } from '../../channel/tree-messages.ts'
import { arena } from '../../memory/arena.ts'
import { ring } from '../../sync/waiting/doorbell.ts'
import { rebuildThrown, type ThrownDescription } from '../../wire/remote-error.ts'
import { ANNOUNCED, RESULT_ITEM, RESULT_ITEM_THROWN, RESULT_NO_START, RESULT_STARTED, RESULT_THROWN, RESULT_VALUE } from '../protocol.ts'
import type { Seat } from '../workforce/seat.ts'
import { wallClock } from '../watching/reports.ts'
import { Backlog } from './backlog.ts'
import { Wakes } from './wakes.ts'
import { FIRST_TRY, NOBODY, Task, type TaskOrder } from './task.ts'
import { TaskTable } from './task-table.ts'
import { WaitingBytes } from './waiting-bytes.ts'

/** Hears of every try of every task. */
export interface TaskObserver {
  /** Whether workers are to say when they begin. */
  readonly wantsStarts: boolean
  taskStarted(task: Task, seat: Seat, moment: number): void
  /** `seat`: null if no worker ended it. `failure`: what it failed with. */
  taskEnded(task: Task, seat: Seat | null, times: TaskTimes | null, failure?: { readonly error: unknown }): void
}

export interface TaskTimes {
  /** When it began, on the wall clock, and how long it ran: ms. */
  readonly moment: number
  readonly time: number
}

/** What is said beside a result. */
interface ReceivedHead extends TaskTimes {
  readonly kind: number
}

/** Cells of 256 bytes: enough that workers never starve while the parent's event loop does something else. */
const RING_CELLS = 1024
/** After so many more tasks that wait, or results that came, there may be room in the ring. */
const SENT_TOGETHER = 256

export class Dispatcher {
  #ring: TaskRing | null = null
  readonly #tasks = new TaskTable()
  readonly #backlog = new Backlog()
  readonly #waitingBytes = new WaitingBytes()
  readonly #seats: ReadonlySet<Seat>
  readonly #observer: TaskObserver
  /** Tasks that have not ended, of another priority than the usual one. */
  #unusual = 0
  /** In the ring while there are such tasks. */
  #inRing: Task[] = []
  readonly #wakes = new Wakes(count => this.wakeIdle(count))
  #handingOut = 0
  #received = 0
  /** Tasks that could not be sent, before they fail. */
  readonly #unsent: { readonly task: Task; readonly error: unknown }[] = []

  constructor(seats: ReadonlySet<Seat>, observer: TaskObserver) {
    this.#seats = seats
    this.#observer = observer
  }

  /** Made when it is first needed, which is while the first worker comes up. */
  get ring(): TaskRing {
    this.#ring ??= TaskRing.create(RING_CELLS, TREE_MESSAGES)
    return this.#ring
  }

  /** Tasks that have not ended. */
  get pending(): number {
    return this.#tasks.size
  }

  /** Sends a task, or keeps it until there is room. `payload` is copied. Returns its id. @throws MultiprocessingError without memory for it */
  submit(order: TaskOrder, payload: Uint8Array, rank = FIRST_TRY): number {
    const kind = this.#observer.wantsStarts ? order.kind | ANNOUNCED : order.kind
    const task = new Task(this.#tasks.nextId(), kind, order, rank, payload.length, wallClock())
    if (rank.priority !== 0 || this.#unusual > 0) this.#makeWay(task)
    if (this.#backlog.length === 0 && this.ring.hasRoom(this.#depth)) {
      this.#put(task, payload, 0)
      this.#begin(task)
      this.#wakes.forOne(this.#seats.size)
    } else {
      this.#begin(task)
      task.payloadAt = this.#waitingBytes.keep(payload)
      task.payload = this.#waitingBytes.lastPiece
      this.#backlog.push(task)
      if (this.#unusual > 0 || this.#backlog.length % SENT_TOGETHER === 0) this.#sendWaiting()
    }
    return task.id
  }

  /** Drops a task that no worker has taken: its owner hears nothing more. `error`: what it is said to have failed with. False: one has, or it has ended. */
  withdraw(id: number, error?: unknown): boolean {
    const task = this.#tasks.get(id)
    if (task === undefined || (task.cell !== -1 && !this.ring.withdraw(task.cell, id))) return false
    this.#end(task)
    dropPayload(task)
    if (error !== undefined) this.#observer.taskEnded(task, null, null, { error })
    return true
  }

  /** Whether it has not ended. */
  has(id: number): boolean {
    return this.#tasks.has(id)
  }

  /** Whether the task waits for a worker. */
  isWaiting(id: number): boolean {
    const task = this.#tasks.get(id)
    return task !== undefined && (task.cell === -1 || this.ring.isWaiting(task.cell, id))
  }

  /** Nobody waits for the task any more, though it goes on: it is over with this `error`. `reason`: why it is called off. */
  abandon(id: number, reason: number, error: unknown): void {
    const task = this.#tasks.get(id)
    if (task === undefined || task.owner === NOBODY) return
    task.calledOff = reason
    this.#observer.taskEnded(task, this.placeOf(id)?.seat ?? null, null, { error })
    task.owner = NOBODY
  }

  /** Where the task runs; null: nowhere, or not yet. */
  placeOf(id: number): { readonly seat: Seat; readonly place: number } | null {
    for (const seat of this.#seats) {
      const place = seat.words.placeOf(id)
      if (place !== null) return { seat, place }
    }
    return null
  }

  /** Reads what a worker sent. */
  drain(seat: Seat): void {
    this.#handOut(() =>
      seat.drain(result => {
        this.#receive(seat, result)
        this.#received += 1
        // Workers are not to run out of tasks meanwhile.
        if (this.#received % SENT_TOGETHER === 0 && this.#backlog.length > 0) this.#sendWaiting()
      }),
    )
  }

  /** Whether the caller is somebody who is being told of a task's end: the next one has to wait until he returns. */
  get isHandingOut(): boolean {
    return this.#handingOut > 0
  }

  #handOut(body: () => void): void {
    this.#handingOut += 1
    try {
      body()
    } finally {
      this.#handingOut -= 1
    }
  }

  /** Moves waiting tasks into the ring, as far as there is room. */
  flush(): void {
    this.#wakes.rest() // Whoever blocks this thread flushes first, and the burst has no other end.
    this.#sendWaiting()
    for (const { task, error } of this.#unsent.splice(0)) this.#fail(task, null, error)
  }

  /** The same for who submits a task, in which nobody is called: those that cannot be sent fail at the next look. */
  #sendWaiting(): void {
    let put = 0
    while (this.#backlog.length > 0 && this.ring.hasRoom(this.#depth)) {
      const task = this.#backlog.shift() as Task
      const { payload } = task
      task.payload = null
      if (payload === null || !this.#tasks.has(task.id)) continue
      try {
        this.#put(task, payload, task.payloadAt)
        put += 1
      } catch (error) {
        // No memory for this one; others may be smaller.
        this.#unsent.push({ task, error })
        ring(arena().slot) // So that this thread looks.
      }
    }
    if (put > 0) this.wakeIdle(put)
  }

  /** Wakes at most `count` workers that have nothing to do. */
  wakeIdle(count: number): void {
    let left = count
    for (const seat of this.#seats) {
      if (left === 0) return
      if (seat.wakeIfIdle()) left -= 1
    }
  }

  /** Tasks that workers have in hand, and those that no worker has taken. */
  get load(): { readonly running: number; readonly queued: number } {
    let running = 0
    for (const seat of this.#seats) running += seat.words.running
    return { running, queued: Math.max(0, this.#tasks.size - running) }
  }

  /** A worker has ended: fails what it had in hand with what `makeError` makes, and nothing else. */
  recover(seat: Seat, makeError: () => Error): void {
    const lost = new Set([...this.ring.recover(seat.id), ...seat.held])
    this.#handOut(() => {
      for (const id of lost) {
        const task = this.#tasks.get(id)
        if (task === undefined || task.isOver) continue
        const error = makeError()
        // Behind items of it that have arrived and wait for modules.
        this.#inTurn(task, () => this.#fail(task, seat, error))
      }
    })
    this.flush()
    this.wakeIdle(Infinity)
  }

  /** Fails everything that has not ended. */
  failAll(error: unknown): void {
    this.ring.clear()
    this.#backlog.clear()
    for (const task of this.#tasks.all()) {
      this.#fail(task, null, error)
      dropPayload(task)
    }
  }

  get #depth(): number {
    return this.#unusual > 0 ? Math.max(1, this.#seats.size) : RING_CELLS
  }

  /** Takes back from the ring what is less urgent than this one, or all, if it is the first of its kind. */
  #makeWay(task: Task): void {
    const waiting = this.#unusual === 0 ? this.#tasks.all() : this.#inRing
    const returned: Task[] = []
    const stay: Task[] = []
    for (const other of waiting) {
      const less = other.cell !== -1 && other.priority < task.priority
      const payload = less || this.#unusual === 0 ? this.#takeBack(other) : null
      if (payload === null) {
        if (this.#unusual > 0 && this.ring.isWaiting(other.cell, other.id)) stay.push(other)
        continue
      }
      other.payload = payload
      other.payloadAt = 0
      other.cell = -1
      returned.push(other)
    }
    this.#inRing = stay
    if (returned.length > 0) this.#backlog.giveBack(returned)
  }

  #takeBack(task: Task): Uint8Array | null {
    return task.cell === -1 ? null : this.ring.takeBack(task.cell, task.id)
  }

  #put(task: Task, payload: Uint8Array, at: number): void {
    const { reference, generation } = task.definition
    const head = { id: task.id, kind: task.kind, functionReference: reference, functionGeneration: generation }
    task.cell = this.ring.put(head, payload, at, task.bytesOut)
    if (this.#unusual === 0 && task.priority === 0) return
    if (this.#inRing.length > 4 * this.#depth) this.#inRing = this.#inRing.filter(({ cell, id }) => this.ring.isWaiting(cell, id))
    this.#inRing.push(task)
  }

  #receive(seat: Seat, result: ArrivedResult): void {
    const { kind, moment, time } = result
    const task = this.#tasks.get(result.id)
    if (kind === RESULT_STARTED) {
      if (task !== undefined) this.#started(task, seat, moment, time)
      return
    }
    const head = { kind, moment, time }
    if (task !== undefined) {
      task.bytesBack += result.byteLength
      if (isEnd(kind)) task.isOver = true
    }
    let value: unknown
    try {
      value = result.payload() // Also for a task that was dropped: its block has to be freed.
    } catch (error) {
      this.#inTurn(task, () => this.#unreadable(task, seat, head, error))
      return
    }
    if (value instanceof Promise || task?.late !== undefined) this.#settleLater(task, seat, head, value)
    else this.#settle(task, seat, head, value)
  }

  /** The value, or one before it, refers to modules that are not loaded here. */
  #settleLater(task: Task | undefined, seat: Seat, head: ReceivedHead, value: unknown): void {
    const settled = Promise.resolve(value).then(
      loaded => () => this.#settle(task, seat, head, loaded),
      error => () => this.#unreadable(task, seat, head, error),
    )
    const turn = (task?.late ?? Promise.resolve()).then(async () => (await settled)())
    if (task === undefined) return
    task.late = turn
    task.owner.late?.()
  }

  /** What arrived cannot be had. */
  #unreadable(task: Task | undefined, seat: Seat, head: ReceivedHead, error: unknown): void {
    if (task === undefined) return
    if (isEnd(head.kind)) this.#fail(task, seat, error, head)
    else task.owner.itemFailed?.(error)
  }

  #inTurn(task: Task | undefined, callback: () => void): void {
    if (task?.late === undefined) callback()
    else task.late = task.late.then(callback)
  }

  #started(task: Task, seat: Seat, moment: number, place: number): void {
    task.started = moment
    this.#observer.taskStarted(task, seat, moment)
    task.owner.started?.(seat, moment, { id: task.id, place })
  }

  #settle(task: Task | undefined, seat: Seat, head: ReceivedHead, value: unknown): void {
    const { kind } = head
    if (task === undefined) {
      hearWorker(seat, kind, value)
      return
    }
    const { owner } = task
    try {
      if (kind === RESULT_ITEM) owner.item?.(value)
      else if (kind === RESULT_ITEM_THROWN) this.#itemFailed(task, rebuiltError(seat, value))
      else if (kind === RESULT_THROWN) this.#fail(task, seat, rebuiltError(seat, value), head)
      else this.#succeed(task, seat, value, head)
    } catch (error) {
      owner.fail(error)
    }
  }

  #itemFailed(task: Task, error: unknown): void {
    addCallSite(error, task.owner.callSite)
    task.owner.itemFailed?.(error)
  }

  #succeed(task: Task, seat: Seat, value: unknown, times: TaskTimes): void {
    if (!this.#end(task)) return
    seat.done += 1
    if (task.owner === NOBODY) return
    this.#observer.taskEnded(task, seat, times)
    task.owner.succeed(value, times.time)
  }

  #fail(task: Task, seat: Seat | null, error: unknown, times: TaskTimes | null = null): void {
    if (!this.#end(task)) return
    if (seat !== null && times !== null) seat.done += 1
    if (task.owner === NOBODY) return
    addCallSite(error, task.owner.callSite)
    this.#observer.taskEnded(task, seat, times, { error })
    task.owner.fail(error)
  }

  #begin(task: Task): void {
    task.definition.hold()
    this.#tasks.add(task)
    if (task.priority !== 0) this.#unusual += 1
  }

  /** False: it had ended. */
  #end(task: Task): boolean {
    if (!this.#tasks.delete(task.id)) return false
    task.definition.letGo()
    if (task.priority !== 0) {
      this.#unusual -= 1
      if (this.#unusual === 0) this.#inRing = []
    }
    return true
  }
}

function isEnd(kind: number): boolean {
  return kind === RESULT_VALUE || kind === RESULT_THROWN
}

/** What travels beside a message that waits here is freed with it. */
function dropPayload(task: Task): void {
  if (task.payload !== null) dropMessage(TREE_MESSAGES, task.payload.subarray(task.payloadAt, task.payloadAt + task.bytesOut))
  task.payload = null
}

function rebuiltError(seat: Seat, value: unknown): unknown {
  return rebuildThrown(value as ThrownDescription, `${seat.name}, process ${seat.pid}`)
}

function hearWorker(seat: Seat, kind: number, value: unknown): void {
  if (kind === RESULT_NO_START) seat.startError = rebuiltError(seat, value)
}
