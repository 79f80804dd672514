// Executors of a row's start method, and tasks that stay in their workers until the row lets them go.
import { type ExecutorOptions, type Future, ProcessPoolExecutor } from '../../../src/futures.ts'
import type { Event, Semaphore } from '../../../src/index.ts'
import { hold, nameOfWorker } from '../../fixtures/conformance/executors.ts'
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

/** Under load there are as many workers as may be, and no more. */
export async function saturate(scene: Scene, maxWorkers: number): Promise<void> {
  const holding = new Holding(scene)
  await withExecutor(scene, { maxWorkers }, async executor => {
    const running = await holding.running(executor, maxWorkers)
    const waiting = Array.from({ length: 14 * maxWorkers }, () => holding.submit(executor))
    scene.check.equal([...running, ...waiting].filter(future => future.running).length, maxWorkers)
    holding.letGo()
    scene.check.equal(new Set(await Promise.all([...running, ...waiting])).size, maxWorkers)
  })
}

/** Tasks one after the other are done by one worker. */
export async function reuseIdle(scene: Scene): Promise<void> {
  await withExecutor(scene, {}, async executor => {
    const names = new Set<string>()
    for (let index = 0; index < 10; index += 1) names.add(await executor.submit(nameOfWorker))
    scene.check.equal(names.size, 1)
  })
}
