// The tasks of a pool by their numbers. Numbers are given one after the other, and most tasks end about in that order; so a task's place
// is the last bits of its number, and a number whose place is taken by a task that stays longer is passed over.
import type { Task } from './task.ts'

const LARGEST_ID = 0x7fffffff
const SMALLEST_SIZE = 64

export class TaskTable {
  #places: (Task | undefined)[] = places(SMALLEST_SIZE)
  #size = 0
  #lastId = 0

  get size(): number {
    return this.#size
  }

  /** The number of the next task to be added. */
  nextId(): number {
    const mask = this.#places.length - 1
    let id = this.#lastId
    do id = id === LARGEST_ID ? 1 : id + 1
    while (this.#places[id & mask] !== undefined)
    this.#lastId = id
    return id
  }

  /** `task` has the number that was given last. */
  add(task: Task): void {
    this.#places[task.id & (this.#places.length - 1)] = task
    this.#size += 1
    if (this.#size * 2 > this.#places.length) this.#resize(this.#places.length * 2)
  }

  get(id: number): Task | undefined {
    const task = this.#places[id & (this.#places.length - 1)]
    return task?.id === id ? task : undefined
  }

  has(id: number): boolean {
    return this.get(id) !== undefined
  }

  /** False: it was not there. */
  delete(id: number): boolean {
    if (!this.has(id)) return false
    this.#places[id & (this.#places.length - 1)] = undefined
    this.#size -= 1
    if (this.#size === 0 && this.#places.length > KEPT_SIZE) this.#resize(SMALLEST_SIZE)
    return true
  }

  /** In the order of their numbers. */
  all(): Task[] {
    const tasks = this.#places.filter(task => task !== undefined)
    return tasks.sort((one, other) => one.id - other.id)
  }

  /** Two tasks that have places of their own have them in a larger table, too. */
  #resize(size: number): void {
    const before = this.#places
    this.#places = places(size)
    for (const task of before) if (task !== undefined) this.#places[task.id & (size - 1)] = task
  }
}

/** A burst that is over leaves no larger table behind. */
const KEPT_SIZE = 64 * 1024

/** Without holes: those would be looked up along the prototypes. */
function places(size: number): (Task | undefined)[] {
  return new Array<Task | undefined>(size).fill(undefined)
}
