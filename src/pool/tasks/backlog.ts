// Tasks that wait for room in the ring: those of a higher priority first, in each priority first in, first out.
import { Fifo } from '../../base/fifo.ts'
import type { Task } from './task.ts'

class Level {
  readonly priority: number
  /** Those that were in the ring already, and come before the others. */
  readonly #returned = new Fifo<Task>()
  readonly #waiting = new Fifo<Task>()

  constructor(priority: number) {
    this.priority = priority
  }

  get length(): number {
    return this.#returned.length + this.#waiting.length
  }

  push(task: Task): void {
    this.#waiting.push(task)
  }

  /** `tasks` were taken from here before everything that is here now. */
  giveBack(tasks: readonly Task[]): void {
    const later: Task[] = []
    for (let next = this.#returned.shift(); next !== undefined; next = this.#returned.shift()) later.push(next)
    for (const task of [...tasks, ...later]) this.#returned.push(task)
  }

  shift(): Task | undefined {
    return this.#returned.shift() ?? this.#waiting.shift()
  }
}

export class Backlog {
  readonly #byPriority = new Map<number, Level>()
  /** A heap: each level is above those at twice its place and one or two more. Levels with nothing in them may still be in it. */
  readonly #heap: Level[] = []
  #length = 0

  /** With those that were withdrawn since and are passed over when their turn comes. */
  get length(): number {
    return this.#length
  }

  push(task: Task): void {
    this.#levelOf(task.priority).push(task)
    this.#length += 1
  }

  /** What was taken from here and not done after all, in its order. */
  giveBack(tasks: readonly Task[]): void {
    const byPriority = new Map<number, Task[]>()
    for (const task of tasks) {
      const same = byPriority.get(task.priority)
      if (same === undefined) byPriority.set(task.priority, [task])
      else same.push(task)
    }
    for (const [priority, same] of byPriority) this.#levelOf(priority).giveBack(same)
    this.#length += tasks.length
  }

  shift(): Task | undefined {
    for (let level = this.#heap[0]; level !== undefined; level = this.#heap[0]) {
      const task = level.shift()
      if (level.length === 0) this.#removeFirst()
      if (task === undefined) continue
      this.#length -= 1
      return task
    }
    return undefined
  }

  clear(): void {
    while (this.shift() !== undefined);
  }

  #levelOf(priority: number): Level {
    const known = this.#byPriority.get(priority)
    if (known !== undefined) return known
    const level = new Level(priority)
    this.#byPriority.set(priority, level)
    this.#add(level)
    return level
  }

  #add(level: Level): void {
    const heap = this.#heap
    let at = heap.length
    for (let above = (at - 1) >> 1; at > 0 && comesBefore(level, heap[above]); above = (at - 1) >> 1) {
      heap[at] = heap[above] as Level
      at = above
    }
    heap[at] = level
  }

  #removeFirst(): void {
    const heap = this.#heap
    this.#byPriority.delete((heap[0] as Level).priority)
    const level = heap.pop() as Level
    if (heap.length === 0) return
    let at = 0
    for (let below = 1; below < heap.length; below = 2 * at + 1) {
      if (comesBefore(heap[below + 1], heap[below])) below += 1
      if (!comesBefore(heap[below], level)) break
      heap[at] = heap[below] as Level
      at = below
    }
    heap[at] = level
  }
}

function comesBefore(one: Level | undefined, other: Level | undefined): boolean {
  return one !== undefined && other !== undefined && one.priority > other.priority
}
