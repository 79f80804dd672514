import { checkFunction } from '../../base/validate.ts'
import { teach } from '../../channel/teach.ts'
import { inspect } from '../../sync/parts/inspection.ts'
import { describeJoinable, JoinableQueue } from '../joinable-queue.ts'
import { MessageQueue } from '../message-queue.ts'
import { messagesOf, type QueueOptions, readQueueOptions } from '../queue.ts'
import { type QueueData, toData, toHandle } from '../travel.ts'
import { rankBy, rankFunctionOf } from './rank.ts'
import { Ranked } from './ranked.ts'

// biome-ignore lint/suspicious/noExplicitAny: as in `PriorityQueue`.
export interface PriorityQueueOptions<T = any> extends QueueOptions {
  /** The lower, the sooner. It is called once for each item, by who puts it. */
  rank?: (item: T) => number
}

/**
 * A queue that gives the item of the lowest rank first, and equals in the order in which they came, as Python's `queue.PriorityQueue`, for the
 * processes and threads of a tree. In everything else it is as `JoinableQueue`. Putting and getting take longer the more there is in it: as the
 * logarithm.
 *
 * The rank of an item is what the function `rank` says, which is asked when it is put; without one the item itself, if it is a number, or the
 * number with which it begins, if it is an array. What follows that number does not matter, so the rest need not be comparable.
 *
 * Where the queue is sent, the function goes with it, as functions do: it may be one that can be imported there, or one with variables that
 * can be sent.
 * @example
 * const jobs = new PriorityQueue<Job>({ rank: job => job.due })
 */
// Python's is a subclass, too, and `instanceof Queue` is what who knows it expects.
// biome-ignore lint/suspicious/noExplicitAny: who does not say what the items are may do anything with them.
export class PriorityQueue<T = any> extends JoinableQueue<T> {
  /** @throws TypeError, RangeError */
  constructor(options?: PriorityQueueOptions<T>)
  constructor(options?: unknown) {
    super((options instanceof MessageQueue ? options : newMessages(options)) as QueueOptions)
  }

  override [inspect](): string {
    return describeJoinable('PriorityQueue', messagesOf(this))
  }
}

type Data = readonly [queue: QueueData, rank: ((item: unknown) => number) | undefined]

teach(
  'PriorityQueue',
  PriorityQueue,
  (queue): Data => {
    const messages = messagesOf(queue)
    return [toData(messages), rankFunctionOf(messages)]
  },
  ([data, rank]: Data) => new PriorityQueue(MessageQueue.find(toHandle(data), Ranked.find, rankBy(rank)) as QueueOptions),
)

function newMessages(given: unknown): MessageQueue {
  const { rank, ...bounds } = readQueueOptions<PriorityQueueOptions>(given, ['rank'])
  if (rank !== undefined) checkFunction(rank, 'rank')
  return MessageQueue.create(Ranked.create(bounds), rankBy(rank))
}
