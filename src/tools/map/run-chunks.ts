// Keeps the pool busy and nothing more: at most `window` chunks are taken from the input and not yet delivered. A slow reader
// of the output holds back deliveries, these hold back the window, and the window holds back the input.
import type { Chunk } from './items.ts'

export interface ChunkRun<R> {
  readonly chunks: AsyncIterable<Chunk>
  readonly window: number
  readonly order: 'as-they-come' | 'as-given'
  /** Never rejects. */
  readonly run: (chunk: Chunk) => Promise<R>
  /** Resolves when there is room for more output; never rejects. */
  readonly deliver: (chunk: Chunk, result: R) => Promise<void>
  /** Once aborted, no chunk is begun, and a failing input is no failure. */
  readonly signal: AbortSignal
}

/** Resolves when every chunk taken from the input has been delivered. @throws what reading the input throws. */
export async function runChunks<R>(task: ChunkRun<R>): Promise<void> {
  const window = new Window(task.window)
  const deliver = task.order === 'as-given' ? inOrder(task.deliver) : task.deliver
  const finish = async (chunk: Chunk): Promise<void> => {
    await deliver(chunk, await task.run(chunk))
    window.leave()
  }
  try {
    for await (const chunk of task.chunks) {
      await window.enter()
      if (task.signal.aborted) break
      void finish(chunk)
    }
  } catch (error) {
    if (!task.signal.aborted) throw error
  }
  if (!task.signal.aborted) await window.emptied()
}

/** Holds results back until those before them have been delivered. */
function inOrder<R>(deliver: ChunkRun<R>['deliver']): ChunkRun<R>['deliver'] {
  let previous = Promise.resolve()
  const turns = new Map<number, () => void>()
  let next = 0
  return async (chunk, result) => {
    if (chunk.index !== next) await new Promise<void>(resolve => turns.set(chunk.index, resolve))
    previous = previous.then(() => deliver(chunk, result))
    next = chunk.index + 1
    turns.get(next)?.()
    turns.delete(next)
    await previous
  }
}

/** A semaphore for one waiter: only the loop over the input enters. */
class Window {
  readonly #size: number
  #used = 0
  #wake: (() => void) | null = null

  constructor(size: number) {
    this.#size = size
  }

  async enter(): Promise<void> {
    while (this.#used === this.#size) await this.#left()
    this.#used += 1
  }

  leave(): void {
    this.#used -= 1
    this.#wake?.()
  }

  async emptied(): Promise<void> {
    while (this.#used > 0) await this.#left()
  }

  #left(): Promise<void> {
    return new Promise(resolve => {
      this.#wake = resolve
    })
  }
}
