import { MultiprocessingError } from '../base/errors.ts'
import { readSyncWaitOptions, readWaitOptions, type SyncWaitOptions, type WaitOptions } from '../base/wait-options.ts'
import { waitFor, waitForSync } from '../sync/waiting/waits.ts'
import { inspect } from '../sync/parts/inspection.ts'
import type { MessageQueue } from './message-queue.ts'
import { describeQueue, messagesOf, Queue, type QueueOptions } from './queue.ts'
import { Ring } from './ring/ring.ts'
import { teachQueue } from './travel.ts'

/**
 * A queue that knows how much of what was put is done with, as Python's `JoinableQueue`: who has got an item calls `taskDone()` when it is.
 *
 * Crash safety: an item that a killed process had got stays unfinished, as in Python. Give `join` a timeout where consumers may die.
 */
// Python's is a subclass, too, and `instanceof Queue` is what who knows it expects.
// biome-ignore lint/suspicious/noExplicitAny: who does not say what the items are may do anything with them.
export class JoinableQueue<T = any> extends Queue<T> {
  /** One of the items that were got is done with. @throws MultiprocessingError `ERR_TASK_DONE` when more are said to be done than were got */
  taskDone(): void {
    const messages = messagesOf(this)
    messages.check()
    if (messages.finishOne()) return
    throw new MultiprocessingError('taskDone() was called more often than items were got from the queue', { code: 'ERR_TASK_DONE' })
  }

  /** True: all that were put are done with; false: the time was up first. @throws ClosedError, or the reason of the signal */
  async join(options?: WaitOptions): Promise<boolean> {
    const read = readWaitOptions(options)
    const messages = messagesOf(this)
    messages.check()
    return await waitFor(messages.waitingForDone(), () => this.unfinished === 0, read)
  }

  /** Blocks this thread. @throws InterruptedError, ClosedError */
  joinSync(options?: SyncWaitOptions): boolean {
    const timeout = readSyncWaitOptions(options)
    const messages = messagesOf(this)
    messages.check()
    return waitForSync(messages.waitingForDone(), () => this.unfinished === 0, timeout)
  }

  /** How many items were put and are not done with. */
  get unfinished(): number {
    const messages = messagesOf(this)
    messages.check()
    return messages.store.header.unfinished
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

/** `JoinableQueue { 3 of 10 items, 4 unfinished }`. */
export function describeJoinable(name: string, messages: MessageQueue): string {
  return describeQueue(name, messages, messages.isOpen ? `${messages.store.header.unfinished} unfinished` : '')
}
