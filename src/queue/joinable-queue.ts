import { MultiprocessingError } from '../base/errors.ts'
import { readSyncWaitOptions, readWaitOptions, type SyncWaitOptions, type WaitOptions } from '../base/wait-options.ts'
import { waitFor, waitForSync } from '../sync/waiting/waits.ts'
import { inspect } from '../sync/parts/inspection.ts'
import { isAllDone, toldOf } from './ledger/joining.ts'
import { MessageQueue } from './message-queue.ts'
import { describeQueue, messagesOf, Queue, type QueueOptions, readQueueOptions } from './queue.ts'
import { Ring } from './ring/ring.ts'
import { teachQueue } from './travel.ts'

/**
 * A queue that knows how much of what was put is done with, as Python's `JoinableQueue`: who has got an item calls `taskDone()` when it is.
 *
 * Crash safety: what somebody had got who is killed, or ends, before its `taskDone()` is lost. Whoever waits in `join` is told so, once; nobody waits
 * for ever for it, as in Python.
 */
// Python's is a subclass, too, and `instanceof Queue` is what who knows it expects.
// biome-ignore lint/suspicious/noExplicitAny: who does not say what the items are may do anything with them.
export class JoinableQueue<T = any> extends Queue<T> {
  /** @throws TypeError, RangeError */
  constructor(options?: QueueOptions)
  constructor(options?: unknown) {
    super((options instanceof MessageQueue ? options : newMessages(options)) as QueueOptions)
  }

  /**
   * One of the items that were got is done with: one that this thread has got, or, if it has none, one that another has. Where several pass on
   * what they have got and one of them ends, `join` cannot always tell whose is done with: then it throws.
   * @throws MultiprocessingError `ERR_TASK_DONE` when more are said to be done than were got
   */
  taskDone(): void {
    if (messagesOf(this).finishOne()) return
    throw new MultiprocessingError('taskDone() was called more often than items were got from the queue', { code: 'ERR_TASK_DONE' })
  }

  /**
   * True: all that were put are done with; false: the time was up first.
   *
   * Crash safety: items are lost with the process or thread that got them and ends without `taskDone()`. All who wait hear it at once, or else the next
   * who comes: `ERR_ITEMS_LOST`, with their number as `lost`. They count as done then, and the next `join()` waits for the others.
   * @throws MultiprocessingError `ERR_ITEMS_LOST`, `ERR_ITEMS_IN_DOUBT`, ClosedError, or the reason of the signal
   */
  async join(options?: WaitOptions): Promise<boolean> {
    const read = readWaitOptions(options)
    const messages = messagesOf(this)
    return await waitFor(messages.waitingForDone(), endOfJoin(messages), read)
  }

  /** Blocks this thread. @throws InterruptedError, and as `join` */
  joinSync(options?: SyncWaitOptions): boolean {
    const timeout = readSyncWaitOptions(options)
    const messages = messagesOf(this)
    return waitForSync(messages.waitingForDone(), endOfJoin(messages), timeout)
  }

  /** How many items were put and are not done with. */
  get unfinished(): number {
    return messagesOf(this).ledger.unfinished
  }

  override [inspect](): string {
    return describeJoinable('JoinableQueue', messagesOf(this))
  }
}

teachQueue('JoinableQueue', JoinableQueue, {
  messagesOf,
  make: messages => new JoinableQueue(messages as QueueOptions),
  storeAt: Ring.find,
})

function newMessages(given: unknown): MessageQueue {
  return MessageQueue.create(Ring.create({ ...readQueueOptions(given), isJoinable: true }))
}

/** The attempt of one who waits from now on. @throws ClosedError */
function endOfJoin(messages: MessageQueue): () => boolean {
  const told = toldOf(messages.ledger)
  return () => isAllDone(messages.ledger, told)
}

/** `JoinableQueue { 3 of 10 items, 4 unfinished }`. */
export function describeJoinable(name: string, messages: MessageQueue): string {
  return describeQueue(name, messages, messages.isOpen ? `${messages.ledger.unfinished} unfinished` : '')
}
