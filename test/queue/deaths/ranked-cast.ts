// The two kinds of queues with an order, and what their orders are.
import type { Arena } from '../../../src/memory/arena.ts'
import type { JoinableQueue } from '../../../src/queue/joinable-queue.ts'
import { MessageQueue } from '../../../src/queue/message-queue.ts'
import { messagesOf, type QueueOptions } from '../../../src/queue/queue.ts'
import { LifoQueue } from '../../../src/queue/ranked/lifo-queue.ts'
import { PriorityQueue } from '../../../src/queue/ranked/priority-queue.ts'
import { Ranked as Store } from '../../../src/queue/ranked/ranked.ts'
import { newActor } from '../../sync/deaths/crash-scenarios.ts'
import type { Ranked } from './ranked-scenarios.ts'

export interface KindOfQueue {
  readonly name: string
  readonly make: (options: QueueOptions) => JoinableQueue
  /** The same queue, as another process would have it. */
  readonly handleOf: (queue: JoinableQueue) => JoinableQueue
  /** Those that were put in this order, as they are taken. */
  readonly inOrder: (arrived: readonly Ranked[]) => Ranked[]
}

export const KINDS: readonly KindOfQueue[] = [
  {
    name: 'LifoQueue',
    make: options => new LifoQueue(options),
    handleOf: queue => new LifoQueue(found(queue)),
    inOrder: arrived => [...arrived].reverse(),
  },
  {
    name: 'PriorityQueue',
    make: options => new PriorityQueue(options),
    handleOf: queue => new PriorityQueue(found(queue)),
    inOrder: arrived => [...arrived].sort(([one], [other]) => one - other),
  },
]

function found(queue: JoinableQueue): QueueOptions {
  const { handle, rankOf } = messagesOf(queue)
  return MessageQueue.find(handle, Store.find, rankOf) as QueueOptions
}

export interface RankedCast {
  readonly kind: KindOfQueue
  readonly queue: JoinableQueue
  /** The actor's handle of it. */
  readonly its: JoinableQueue
  readonly actor: Arena
}

export function newRankedCast(kind: KindOfQueue, options: QueueOptions): RankedCast {
  const queue = kind.make(options)
  return { kind, queue, its: kind.handleOf(queue), actor: newActor() }
}
