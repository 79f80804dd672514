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
  /** The usual one, and the others, highest first. */
  readonly #usual = new Level(0)
  #levels: Level[] = [this.#usual]
  #length = 0

  /** With those that were withdrawn since and are passed over when their turn comes. */
  get length(): number {
    return this.#length
  }

  /** Of what comes next; -Infinity: nothing. */
  get highest(): number {
    for (const level of this.#levels) if (level.length > 0) return level.priority
    return -Infinity
  }

  push(task: Task): void {
    this.#levelOf(task.priority).push(task)
    this.#length += 1
  }

  /** What was taken from here and not done after all, in its order. */
  giveBack(tasks: readonly Task[]): void {
    for (const priority of new Set(tasks.map(task => task.priority)))
      this.#levelOf(priority).giveBack(tasks.filter(task => task.priority === priority))
    this.#length += tasks.length
  }

  shift(): Task | undefined {
    for (const level of this.#levels) {
      const task = level.shift()
      if (task === undefined) continue
      this.#length -= 1
      if (level.length === 0 && level !== this.#usual) this.#levels = this.#levels.filter(other => other !== level)
      return task
    }
    return undefined
  }

  clear(): void {
    while (this.shift() !== undefined);
  }

  #levelOf(priority: number): Level {
    if (priority === 0) return this.#usual
    const known = this.#levels.find(level => level.priority === priority)
    if (known !== undefined) return known
    const level = new Level(priority)
    this.#levels = [...this.#levels, level].sort((a, b) => b.priority - a.priority)
    return level
  }
}
