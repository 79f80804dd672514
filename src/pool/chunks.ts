// Cutting the items of a map into tasks.
import { checkInteger, expected } from '../base/validate.ts'

export type Items<T> = Iterable<T> | AsyncIterable<T>

/** Chunks for each worker: as in Python, so that one slow chunk is at most a quarter of a worker's share. */
const CHUNKS_PER_WORKER = 4

export function chunkSizeFor(count: number, processes: number, wanted: number | undefined): number {
  if (wanted !== undefined) return checkInteger(wanted, 'chunkSize', 1)
  return Math.max(1, Math.ceil(count / (processes * CHUNKS_PER_WORKER)))
}

/** @throws TypeError for what can be neither iterated nor awaited item by item */
export function checkItems<T>(items: Items<T>): Items<T> {
  const iterable = items as Partial<Iterable<T> & AsyncIterable<T>> | null | undefined
  if (typeof iterable?.[Symbol.iterator] !== 'function' && typeof iterable?.[Symbol.asyncIterator] !== 'function') {
    throw new TypeError(expected('items', 'an iterable or an async iterable', items))
  }
  return items
}

/** What can be iterated both ways is iterated as it comes: without waiting. Strings have no `in`. */
export function isAsync<T>(items: Items<T>): items is AsyncIterable<T> {
  return typeof (items as Partial<Iterable<T>>)[Symbol.iterator] !== 'function'
}

/** All items at once; a promise only for what comes asynchronously. */
export function collect<T>(items: Items<T>): readonly T[] | Promise<readonly T[]> {
  if (Array.isArray(items)) return items
  return isAsync(items) ? collectAsync(items) : [...items]
}

async function collectAsync<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = []
  for await (const item of items) collected.push(item)
  return collected
}
