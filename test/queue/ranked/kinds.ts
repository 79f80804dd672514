// The queues with an order, and the order of each.
import { type JoinableQueue, LifoQueue, PriorityQueue } from '../../../src/queue.ts'

// biome-ignore lint/suspicious/noExplicitAny: whatever goes in, and options that are wrong, too.
type Any = any

export interface KindOfQueue {
  readonly name: string
  readonly make: (options?: Any) => JoinableQueue<number>
  /** Numbers that were put in this order, as they are got. */
  readonly inOrder: (numbers: readonly number[]) => number[]
}

const LIFO: KindOfQueue = { name: 'LifoQueue', make: options => new LifoQueue(options), inOrder: numbers => [...numbers].reverse() }

const PRIORITY: KindOfQueue = {
  name: 'PriorityQueue',
  make: options => new PriorityQueue(options),
  inOrder: numbers => [...numbers].sort((one, other) => one - other),
}

export const KINDS: readonly KindOfQueue[] = [LIFO, PRIORITY]

/** Not in order, and with equals. */
export const NUMBERS: readonly number[] = [5, -3, 2.5, 0, 5, -Infinity, 1e300, Infinity, -1e-300, 7, 2.5, -3, 1]
