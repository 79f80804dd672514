// Who plays in the scenes: this process, and an actor with a name of its own that uses the same queue and dies.
import { arena, type Arena } from '../../../src/memory/arena.ts'
import type { Queue, QueueOptions } from '../../../src/queue/queue.ts'
import { JoinableQueue } from '../../../src/queue/joinable-queue.ts'
import { messagesOf } from '../../../src/queue/queue.ts'
import { MessageQueue } from '../../../src/queue/message-queue.ts'
import { Ring } from '../../../src/queue/ring/ring.ts'
import { newActor } from '../../sync/deaths/crash-scenarios.ts'

export interface Cast {
  readonly queue: JoinableQueue
  /** The actor's handle of it. */
  readonly its: JoinableQueue
  readonly actor: Arena
}

/** What `work` does is done in the actor's name. */
export function actingAs<T>(actor: Arena, work: () => T): T {
  const here = arena() as { me: number; slot: number }
  const { me, slot } = here
  Object.assign(here, { me: actor.me, slot: actor.slot })
  try {
    return work()
  } finally {
    Object.assign(here, { me, slot })
  }
}

/** Another handle of the queue, as another process would have it. */
export function handleOf(queue: Queue): JoinableQueue {
  return new JoinableQueue(MessageQueue.find(messagesOf(queue).handle, Ring.find) as QueueOptions)
}

export function newCast(options: QueueOptions): Cast {
  const queue = new JoinableQueue(options)
  return { queue, its: handleOf(queue), actor: newActor() }
}
