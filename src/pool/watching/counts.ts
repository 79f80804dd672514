// What is counted of every pool, whether anybody looks or not.
import { DurationHistogram, type Histogram } from './histogram.ts'
import type { WorkerInfo } from './reports.ts'

/** A snapshot of what a pool does and has done. Times are in ms, memory in bytes. */
export interface PoolStats extends PoolCounts {
  readonly workers: readonly (WorkerInfo & { readonly running: number; readonly done: number; readonly memory: number })[]
  /** Tasks that no worker has begun. */
  readonly queued: number
  /** Tasks that workers are doing. */
  readonly running: number
}

/** Since the pool was made. */
export interface PoolCounts {
  /** Tasks that ended well. A chunk of items is one task. */
  readonly done: number
  /** Tasks that failed for good. */
  readonly failed: number
  /** Tries that failed and were followed by another. */
  readonly retried: number
  /** Workers that ended by themselves or were killed, and not because the pool let them go. */
  readonly workersDied: number
  /** How long each try took that has ended, whatever came of it. */
  readonly runTime: Histogram
  /** How long each of those tries had waited for a worker. */
  readonly waitTime: Histogram
}

/** Each method takes some 20 ns and allocates nothing. */
export class Counts {
  #done = 0
  #failed = 0
  #retried = 0
  #workersDied = 0
  readonly #runTime = new DurationHistogram()
  readonly #waitTime = new DurationHistogram()

  taskDone(runTime: number, waitTime: number): void {
    this.#done += 1
    this.#tried(runTime, waitTime)
  }

  taskFailed(runTime: number, waitTime: number): void {
    this.#failed += 1
    this.#tried(runTime, waitTime)
  }

  /** It never came to a worker: called off, or the pool's end came first. */
  taskFailedUnstarted(): void {
    this.#failed += 1
  }

  /** The try that failed last was not the task's last one. */
  taskRetried(): void {
    this.#failed -= 1
    this.#retried += 1
  }

  workerDied(): void {
    this.#workersDied += 1
  }

  /** Copies some 20 KB. */
  snapshot(): PoolCounts {
    return {
      done: this.#done,
      failed: this.#failed,
      retried: this.#retried,
      workersDied: this.#workersDied,
      runTime: this.#runTime.snapshot(),
      waitTime: this.#waitTime.snapshot(),
    }
  }

  #tried(runTime: number, waitTime: number): void {
    this.#runTime.record(runTime)
    this.#waitTime.record(waitTime)
  }
}
