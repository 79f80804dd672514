// When a worker has done enough: it ends after its task, and another takes its place.
import { isMainThread } from '../../base/this-node.ts'
import type { WorkerArgument } from '../protocol.ts'

/** ms between two looks at the memory: one costs some 10 µs. */
const LOOK_EVERY = 20

export class WorkerLimits {
  #tasksLeft: number
  readonly #maxMemory: number
  #nextLook = 0

  constructor({ maxTasks, maxMemory }: Pick<WorkerArgument, 'maxTasks' | 'maxMemory'>) {
    this.#tasksLeft = maxTasks
    this.#maxMemory = maxMemory
  }

  /** Before a task: whether it is the last. */
  isLast(): boolean {
    this.#tasksLeft -= 1
    return this.#tasksLeft <= 0
  }

  /** After a task: whether it was too much. `now`: ms. */
  isReached(now: number): boolean {
    if (this.#maxMemory === Infinity || now < this.#nextLook) return false
    this.#nextLook = now + LOOK_EVERY
    return memoryInUse() > this.#maxMemory
  }
}

/** Of a process what is resident, of a thread what is its own. Bytes. */
function memoryInUse(): number {
  if (isMainThread) return process.memoryUsage.rss()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
