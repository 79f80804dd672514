import { inspect } from '../../sync/parts/inspection.ts'
import { describeJoinable, JoinableQueue } from '../joinable-queue.ts'
import { MessageQueue } from '../message-queue.ts'
import { messagesOf, type QueueOptions, readQueueOptions } from '../queue.ts'
import { teachQueue } from '../travel.ts'
import { Ranked } from './ranked.ts'

/**
 * A queue that gives the last item first, as Python's `queue.LifoQueue`, for the processes and threads of a tree. In everything else it is as
 * `JoinableQueue`; where several put at a time, the last is the one that went in last.
 */
// Python's is a subclass, too, and `instanceof Queue` is what who knows it expects.
// biome-ignore lint/suspicious/noExplicitAny: who does not say what the items are may do anything with them.
export class LifoQueue<T = any> extends JoinableQueue<T> {
  /** @throws TypeError, RangeError */
  constructor(options?: QueueOptions)
  constructor(options?: unknown) {
    const messages = options instanceof MessageQueue ? options : MessageQueue.create(Ranked.createStack(readQueueOptions(options)))
    super(messages as QueueOptions)
  }

  override [inspect](): string {
    return describeJoinable('LifoQueue', messagesOf(this))
  }
}

teachQueue('LifoQueue', LifoQueue, { messagesOf, make: messages => new LifoQueue(messages as QueueOptions), storeAt: Ranked.find })
