// The door `polyprocess/queue`: Python's queue module, between the processes and threads of a tree. What it shares with `polyprocess` is the same there.

export { EmptyError, FullError, ShutDownError } from './base/errors.ts'
export { JoinableQueue } from './queue/joinable-queue.ts'
export { Queue, type QueueOptions } from './queue/queue.ts'
export { LifoQueue } from './queue/ranked/lifo-queue.ts'
export { PriorityQueue, type PriorityQueueOptions } from './queue/ranked/priority-queue.ts'
export { SimpleQueue } from './queue/simple-queue.ts'
