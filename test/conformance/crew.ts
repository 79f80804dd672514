// Processes of a start method that stay for all rows of a file: what Python's tests start anew for each scene would take most of their
// time. A pool's workers take one task at a time, so as many tasks as there are workers run side by side.
import { type Barrier, getContext, type Pool } from '../../src/index.ts'
import type { StartMethod } from '../process/methods.ts'

export class Crew {
  readonly #method: StartMethod
  readonly #size: number
  #pool: Promise<Pool> | null = null

  constructor(method: StartMethod, size: number) {
    this.#method = method
    this.#size = size
  }

  /** Settles when all are there. The first call of `run` does that, too. */
  open(): Promise<Pool> {
    this.#pool ??= openPool(this.#method, this.#size)
    return this.#pool
  }

  /** One member calls the function, beside what the others do. */
  async run<A extends unknown[]>(fn: (...args: A) => unknown, args: A): Promise<void> {
    await (await this.open()).apply(fn, args)
  }

  /** Ends all, whatever they do. A later `run` starts others. */
  async close(): Promise<void> {
    const pool = await this.#pool
    this.#pool = null
    await pool?.[Symbol.asyncDispose]()
  }
}

async function openPool(method: StartMethod, size: number): Promise<Pool> {
  const context = getContext(method)
  const pool = new context.Pool(size)
  const all = new context.Barrier(size)
  await Promise.all(Array.from({ length: size }, () => pool.apply(meet, [all])))
  all.close()
  return pool
}

async function meet(all: Barrier): Promise<void> {
  await all.wait()
}
