// One map: its items go out as tasks, a few at a time, and the results come in, in any order.
import type { CallSite } from '../../base/call-site.ts'
import type { Definition } from '../definitions.ts'
import { PENDING_PER_WORKER, type PoolCore, type Submitted } from '../pool-core.ts'
import type { Meter } from '../progress/meter.ts'
import { SPREAD, TASK_MAP } from '../protocol.ts'
import type { TaskSettings } from '../tasks/task-options.ts'
import { type ChunkSizes, TASKS_PER_WORKER } from './chunk-sizes.ts'

export interface MapSettings {
  readonly definition: Definition
  readonly callSite: CallSite
  readonly sizes: ChunkSizes
  /** Each item is a list of arguments. */
  readonly isSpread: boolean
  readonly task: TaskSettings
  /** Null: nobody wants to see how far it is. */
  readonly meter: Meter | null
}

/** How the map ends. One is called, once. */
export interface MapOwner<R> {
  readonly resolve: (results: R[]) => void
  readonly reject: (error: unknown) => void
  /** Results refer to modules that the event loop has to import first. */
  readonly late?: () => void
}

export class MapRun<R> {
  readonly #core: PoolCore
  readonly #settings: MapSettings
  readonly #items: readonly unknown[]
  readonly #owner: MapOwner<R>
  readonly #results: R[]
  readonly #tasks = new Set<Submitted>()
  /** Items whose results are missing, and the first that no task has. */
  #left: number
  #next = 0
  #isOver = false

  constructor(core: PoolCore, settings: MapSettings, items: readonly unknown[], owner: MapOwner<R>) {
    this.#core = core
    this.#settings = settings
    this.#items = items
    this.#owner = owner
    this.#results = new Array(items.length)
    this.#left = items.length
    settings.definition.hold()
  }

  /** Sends the first tasks. @throws NotSerializableError: the map is over */
  start(): void {
    if (this.#left === 0) this.#end(() => this.#owner.resolve(this.#results))
    try {
      this.#feed()
    } catch (error) {
      this.#end(() => {})
      throw error
    }
  }

  /** Stops what is under way. */
  callOff(error: unknown): void {
    const tasks = [...this.#tasks]
    this.#end(() => this.#owner.reject(error))
    for (const task of tasks) this.#core.callOff(task)
  }

  /** For who blocks this thread: shows how far it is. */
  tick(): void {
    this.#settings.meter?.tick()
  }

  get #atOnce(): number {
    return this.#core.settings.processes * (this.#settings.sizes.isFixed ? PENDING_PER_WORKER : TASKS_PER_WORKER)
  }

  #feed(): void {
    while (!this.#isOver && this.#next < this.#items.length && this.#tasks.size < this.#atOnce) this.#send()
  }

  #send(): void {
    const { definition, callSite, sizes, isSpread, task: settings } = this.#settings
    const start = this.#next
    const items = this.#items.slice(start, start + sizes.next(this.#items.length - start))
    const owner = {
      succeed: (values: unknown, time: number) => {
        this.#tasks.delete(task)
        sizes.learn(items.length, time)
        this.#fill(start, values as R[])
      },
      fail: (error: unknown) => {
        this.#tasks.delete(task)
        this.#fail(error)
      },
      late: () => this.#owner.late?.(),
      callSite,
    }
    const kind = isSpread ? TASK_MAP | SPREAD : TASK_MAP
    const task = this.#core.submit({ kind, definition, owner, items: items.length }, items, settings, 'items')
    this.#tasks.add(task)
    this.#next += items.length
  }

  #fill(start: number, values: readonly R[]): void {
    if (this.#isOver) return
    for (let index = 0; index < values.length; index += 1) this.#results[start + index] = values[index] as R
    this.#left -= values.length
    this.#settings.meter?.done(values.length)
    this.#settings.meter?.workers(this.#core.workers)
    if (this.#left === 0) this.#end(() => this.#owner.resolve(this.#results))
    else this.#feedLater()
  }

  /** In the middle of a worker's results; what cannot be sent fails the map. */
  #feedLater(): void {
    try {
      this.#feed()
    } catch (error) {
      this.#fail(error)
    }
  }

  /** What no worker has is dropped; what is under way goes on, and is not awaited. */
  #fail(error: unknown): void {
    if (this.#isOver) return
    this.#settings.meter?.failed(1)
    const tasks = [...this.#tasks]
    this.#end(() => this.#owner.reject(error))
    for (const task of tasks) this.#core.withdraw(task)
  }

  #end(settle: () => void): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#tasks.clear()
    this.#settings.definition.letGo()
    this.#settings.meter?.end()
    settle()
  }
}
