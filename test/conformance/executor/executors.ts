// Executors of a row's start method, and tasks that stay in their workers until the row lets them go.
import { type ExecutorOptions, type Future, ProcessPoolExecutor } from '../../../src/futures.ts'
import type { Event, Semaphore } from '../../../src/index.ts'
import { hold } from '../../fixtures/conformance/executors.ts'
import type { Scene } from '../scene.ts'

/** Shut down at the end, whatever becomes of the row. */
export async function withExecutor(
  { ctx }: Scene,
  options: ExecutorOptions,
  body: (executor: ProcessPoolExecutor) => Promise<void>,
): Promise<void> {
  const executor = new ProcessPoolExecutor({ context: ctx, ...options })
  try {
    await body(executor)
  } catch (error) {
    executor.killWorkers()
    throw error
  } finally {
    await executor.shutdown()
  }
}

export class Holding {
  readonly #running: Semaphore
  readonly #mayGo: Event

  constructor({ ctx, own }: Scene) {
    this.#running = own(new ctx.Semaphore(0))
    this.#mayGo = own(new ctx.Event())
  }

  /** Settles with the name of its worker. */
  submit(executor: ProcessPoolExecutor): Future<string> {
    return executor.submit(hold, this.#running, this.#mayGo)
  }

  /** So many of them, once they run. */
  async running(executor: ProcessPoolExecutor, count: number): Promise<Future<string>[]> {
    const futures = Array.from({ length: count }, () => this.submit(executor))
    for (let index = 0; index < count; index += 1) await this.#running.acquire()
    return futures
  }

  letGo(): void {
    this.#mayGo.set()
  }
}
