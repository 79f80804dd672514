// Executors for tests, and tasks that stay in their workers until they are let go.
import { type ExecutorOptions, type Future, ProcessPoolExecutor, ThreadPoolExecutor } from '../../src/futures.ts'
import { WaitWord } from '../../src/sync/waiting/wait-word.ts'
import * as work from '../fixtures/pool/work.ts'
import { until } from '../helpers/conditions.ts'
import type { Context } from '../process/methods.ts'

/** Of this context's start method. */
export function openExecutor(context: Context, options: Omit<ExecutorOptions, 'context'> = {}): ProcessPoolExecutor {
  return context.startMethod === 'thread' ? new ThreadPoolExecutor(options) : new ProcessPoolExecutor({ ...options, context })
}

/** Ends the executor whatever becomes of `body`. */
export async function withExecutor(executor: ProcessPoolExecutor, body: (executor: ProcessPoolExecutor) => Promise<void>): Promise<void> {
  try {
    await body(executor)
  } finally {
    executor.killWorkers()
    await executor.shutdown()
  }
}

/** Tasks that wait in their workers. */
export class Held {
  readonly #arrived = WaitWord.create()
  readonly #gate = WaitWord.create()

  /** One more; its worker's pid. */
  submit(executor: ProcessPoolExecutor): Future<number> {
    return executor.submit(work.passGate, this.#arrived.reference, this.#gate.reference)
  }

  /** The item of a map of `passGateWith`. */
  item(value: number): readonly [number, number, number] {
    return [this.#arrived.reference, this.#gate.reference, value]
  }

  /** Settles once so many are in workers. */
  async arrived(count: number): Promise<void> {
    await until(() => this.#arrived.value === count, `${count} tasks are in workers`)
  }

  get count(): number {
    return this.#arrived.value
  }

  letGo(): void {
    this.#gate.set(1)
  }
}
