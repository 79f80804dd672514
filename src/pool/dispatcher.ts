// Tasks on their way: waiting here until the ring has room, in the ring, in a worker's hands, settled. The dispatcher knows every
// task by its id from its submission until its end, whatever becomes of the workers, so that each one ends exactly once.
import { addCallSite, type CallSite } from '../base/call-site.ts'
import { Fifo } from '../base/fifo.ts'
import { dropMessage } from '../channel/payload.ts'
import { TaskRing } from '../channel/task-ring.ts'
import { TREE_MESSAGES } from '../channel/tree-messages.ts'
import { rebuildThrown, type ThrownDescription } from '../wire/remote-error.ts'
import type { Definition } from './definitions.ts'
import { RESULT_THROWN } from './protocol.ts'
import type { Seat } from './seat.ts'

/** How a task ends. Both are called at most once, and never in the call that submits. */
export interface TaskOwner {
  /** `payload` of kind RESULT_VALUE or RESULT_CHUNK, as protocol.ts says. */
  succeed(kind: number, payload: unknown, seat: Seat): void
  fail(error: unknown): void
  /** Where the pool was called; a failure's stack ends with it. */
  readonly callSite?: CallSite | undefined
}

interface Task {
  readonly id: number
  readonly kind: number
  /** Held until the task ends, so that its worker finds it. */
  readonly definition: Definition
  /** Null once it is in the ring. */
  payload: Uint8Array | null
  readonly owner: TaskOwner
}

/** Cells of 256 bytes: enough that workers never starve while the parent's event loop does something else. */
const RING_CELLS = 1024
const LARGEST_ID = 0x7fffffff

export class Dispatcher {
  #ring: TaskRing | null = null
  readonly #tasks = new Map<number, Task>()
  readonly #queue = new Fifo<Task>()
  #nextId = 1
  readonly #seats: ReadonlySet<Seat>

  constructor(seats: ReadonlySet<Seat>) {
    this.#seats = seats
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
  submit(kind: number, definition: Definition, payload: Uint8Array, owner: TaskOwner): number {
    const task: Task = { id: this.#takeId(), kind, definition, payload: null, owner }
    if (this.#queue.length === 0 && this.ring.hasRoom) {
      this.#put(task, payload)
      this.#begin(task)
      this.wakeIdle(1)
    } else {
      this.#begin(task)
      task.payload = new Uint8Array(payload) // A copy; slice() of a Buffer is none.
      this.#queue.push(task)
    }
    return task.id
  }

  /** Forgets a task; if a worker has it already, its result is thrown away. */
  drop(id: number): void {
    const task = this.#end(id)
    if (task !== undefined) dropPayload(task)
  }

  /** Reads what a worker sent, and fills the ring again. */
  drain(seat: Seat): void {
    seat.drain((id, kind, payload) => this.#receive(seat, id, kind, payload))
  }

  /** Moves waiting tasks into the ring, as far as there is room. */
  flush(): void {
    let put = 0
    while (this.#queue.length > 0 && this.ring.hasRoom) {
      const task = this.#queue.shift() as Task
      const { payload } = task
      task.payload = null
      if (payload === null || !this.#tasks.has(task.id)) continue
      try {
        this.#put(task, payload)
        put += 1
      } catch (error) {
        this.#end(task.id)?.owner.fail(error) // No memory for this one; others may be smaller.
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

  /** A worker has ended: fails what it had in hand with what `makeError` makes, and nothing else. */
  recover(seat: Seat, makeError: () => Error): void {
    const lost = new Set(this.ring.recover(seat.id))
    if (seat.held !== null) lost.add(seat.held)
    for (const id of lost) failWithSite(this.#end(id), makeError())
    this.flush()
    this.wakeIdle(Infinity)
  }

  /** Fails everything that has not ended. */
  failAll(error: unknown): void {
    this.ring.clear()
    this.#queue.clear()
    for (const task of [...this.#tasks.values()]) {
      this.#end(task.id)
      dropPayload(task)
      task.owner.fail(error)
    }
  }

  #put(task: Task, payload: Uint8Array): void {
    const { reference, generation } = task.definition
    this.ring.put({ id: task.id, kind: task.kind, functionReference: reference, functionGeneration: generation }, payload)
  }

  #receive(seat: Seat, id: number, kind: number, payload: () => unknown): void {
    let value: unknown
    try {
      value = payload() // Also for a task that was dropped: its block has to be freed.
    } catch (error) {
      this.#end(id)?.owner.fail(error)
      return
    }
    if (!(value instanceof Promise)) this.#settle(seat, id, kind, value)
    else {
      // It refers to modules that are not loaded here.
      value.then(
        loaded => this.#settle(seat, id, kind, loaded),
        error => this.#end(id)?.owner.fail(error),
      )
    }
  }

  #settle(seat: Seat, id: number, kind: number, value: unknown): void {
    const task = this.#end(id)
    try {
      if (kind !== RESULT_THROWN) task?.owner.succeed(kind, value, seat)
      else failWithSite(task, rebuildThrown(value as ThrownDescription, `${seat.name}, process ${seat.pid}`))
    } catch (error) {
      task?.owner.fail(error)
    }
  }

  #begin(task: Task): void {
    task.definition.hold()
    this.#tasks.set(task.id, task)
  }

  #end(id: number): Task | undefined {
    const task = this.#tasks.get(id)
    if (task === undefined) return undefined
    this.#tasks.delete(id)
    task.definition.letGo()
    return task
  }

  #takeId(): number {
    do this.#nextId = this.#nextId === LARGEST_ID ? 1 : this.#nextId + 1
    while (this.#tasks.has(this.#nextId))
    return this.#nextId
  }
}

/** What travels beside a message that waits here is freed with it. */
function dropPayload(task: Task): void {
  if (task.payload !== null) dropMessage(TREE_MESSAGES, task.payload)
  task.payload = null
}

function failWithSite(task: Task | undefined, error: unknown): void {
  if (task === undefined) return
  addCallSite(error, task.owner.callSite)
  task.owner.fail(error)
}
