// Pools of a row's own, the inputs that rows give to pools, and what comes out of streams.
import type { Pool, PoolOptions } from '../../../src/index.ts'
import type { Next } from '../../fixtures/pool-rows/calls.ts'
import type { Scene } from '../scene.ts'

/** A pool that does not outlive the row. */
export async function withPool<T>({ ctx }: Scene, options: number | PoolOptions, play: (pool: Pool) => Promise<T>): Promise<T> {
  const pool = new ctx.Pool(options)
  try {
    return await play(pool)
  } finally {
    await pool[Symbol.asyncDispose]()
  }
}

/** Python's range(). */
export function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index)
}

export function squares(count: number): number[] {
  return range(count).map(x => x * x)
}

export class SayWhenError extends Error {}

/** Fails in place of the item `when`; at -1 before all others. */
export function* sayWhen(total: number, when: number, error = new SayWhenError('Somebody said when')): Generator<number> {
  if (when === -1) throw error
  for (let index = 0; index < total; index += 1) {
    if (index === when) throw error
    yield index
  }
}

/** An iterable with a length that cannot be iterated. */
export const BROKEN: Iterable<number> & { readonly length: number } = {
  length: 1,
  [Symbol.iterator]: () => ({
    next: () => {
      throw new SayWhenError()
    },
  }),
}

/** All that comes until the end. */
export async function collect<R>(next: Next<R>): Promise<R[]> {
  const collected: R[] = []
  for (let result = await next(); result.done !== true; result = await next()) collected.push(result.value)
  return collected
}

/** What it rejects with. @throws Error when it does not */
export async function failureOf(act: () => Promise<unknown>): Promise<Error> {
  let result: unknown
  try {
    result = await act()
  } catch (error) {
    return error as Error
  }
  throw new Error('Expected a failure, got a result', { cause: result })
}
