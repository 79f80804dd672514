// The ways to put and to get as tables: what holds for each of them is tested for all.
import { JoinableQueue, Queue, SimpleQueue } from '../../src/index.ts'

// biome-ignore lint/suspicious/noExplicitAny: whatever goes in, and options that are wrong, too.
type Any = any

export const KINDS: Record<string, (options?: Any) => Queue> = {
  Queue: options => new Queue(options),
  JoinableQueue: options => new JoinableQueue(options),
}

/** With SimpleQueue, of which each test uses what it has. */
export const ALL_KINDS: Record<string, () => Any> = { ...KINDS, SimpleQueue: () => new SimpleQueue() }

export const PUTS: Record<string, (queue: Queue, item: Any, options?: Any) => unknown> = {
  put: (queue, item, options) => queue.put(item, options),
  putSync: (queue, item, options) => queue.putSync(item, options),
  putMany: (queue, item, options) => queue.putMany([item], options),
  putManySync: (queue, item, options) => queue.putManySync([item], options),
}

export const GETS: Record<string, (queue: Queue, options?: Any) => unknown> = {
  get: (queue, options) => queue.get(options),
  getSync: (queue, options) => queue.getSync(options),
  getMany: async (queue, options) => (await queue.getMany(1, options))[0],
  getManySync: (queue, options) => queue.getManySync(1, options)[0],
}

/** Those that never wait. */
export const TRIES: Record<string, (queue: Queue) => unknown> = {
  tryPut: queue => queue.tryPut(1),
  tryPutMany: queue => queue.tryPutMany([1]),
  tryGet: queue => queue.tryGet(),
  tryGetMany: queue => queue.tryGetMany(1),
}

/** That it is over, whatever it came to. */
export async function endOf(act: () => unknown): Promise<unknown> {
  try {
    return await act()
  } catch (error) {
    return error
  }
}
