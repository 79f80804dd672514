// The items of a map or a stream: whatever can be iterated.
import { expected } from '../../base/validate.ts'

export type Items<T> = Iterable<T> | AsyncIterable<T>

/** @throws TypeError for what can be neither iterated nor awaited item by item */
export function checkItems<T>(items: Items<T>): Items<T> {
  const iterable = items as Partial<Iterable<T> & AsyncIterable<T>> | null | undefined
  if (typeof iterable?.[Symbol.iterator] !== 'function' && typeof iterable?.[Symbol.asyncIterator] !== 'function') {
    throw new TypeError(expected('items', 'an iterable or an async iterable', items))
  }
  return items
}

/** For who blocks: `promiseForm` waits for what comes asynchronously. @throws TypeError for what cannot be iterated at once */
export function checkSyncItems<T>(items: Iterable<T>, promiseForm: string): Iterable<T> {
  if (!isAsync(checkItems(items))) return items
  const form = `an iterable: the event loop, by which an async iterable comes, stands still meanwhile; use ${promiseForm}`
  throw new TypeError(expected('items', form, items))
}

/** What can be iterated both ways is iterated as it comes: without waiting. Strings have no `in`. */
export function isAsync<T>(items: Items<T>): items is AsyncIterable<T> {
  return typeof (items as Partial<Iterable<T>>)[Symbol.iterator] !== 'function'
}

export interface Collecting<T> {
  readonly items: Promise<readonly T[]>
  /** Reads no more, if there is more. */
  stop(): void
}

/** All items at once; what comes asynchronously is being collected. */
export function collect<T>(items: Items<T>): readonly T[] | Collecting<T> {
  if (Array.isArray(items)) return items.slice() // They go out one after the other, and the caller may change the array meanwhile.
  return isAsync(items) ? collectAsync(items[Symbol.asyncIterator]()) : [...items]
}

function collectAsync<T>(input: AsyncIterator<T>): Collecting<T> {
  let reading = true
  const readAll = async (): Promise<T[]> => {
    const collected: T[] = []
    try {
      for (let next = await input.next(); next.done !== true && reading; next = await input.next()) collected.push(next.value)
    } finally {
      reading = false
    }
    return collected
  }
  const stop = (): void => {
    if (!reading) return
    reading = false
    // What it says to that concerns nobody any more.
    Promise.resolve(input.return?.()).catch(() => {})
  }
  return { items: readAll(), stop }
}
