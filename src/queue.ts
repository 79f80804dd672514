// The door `polyprocess/queue`: Python's queue module, between processes. What it shares with `polyprocess` is the same there.

export { Queue, type QueueOptions } from './queue/queue.ts'
export { SimpleQueue } from './queue/simple-queue.ts'
