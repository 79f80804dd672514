import { once } from 'node:events'
import type { Writable } from 'node:stream'
import type { Stop } from './stop.ts'

/** Standard output, written only as fast as it is read. A reader that has gone requests the stop; writing never rejects. */
export class LineOutput {
  readonly #stream: Writable
  readonly #stop: Stop
  #drained: Promise<unknown> | null = null

  constructor(stream: Writable, stop: Stop) {
    this.#stream = stream
    this.#stop = stop
    stream.on('error', (error: NodeJS.ErrnoException) => {
      stop.request(error.code === 'EPIPE' ? { kind: 'closed-output' } : { kind: 'error', error })
    })
  }

  /** Resolves when there is room for more. */
  async write(text: string): Promise<void> {
    if (this.#stop.signal.aborted || this.#stream.write(text)) return
    // One listener, however many are waiting.
    this.#drained ??= this.#untilDrained()
    await this.#drained
  }

  /** Resolves when all has been handed to the system, or cannot be. */
  async flush(): Promise<void> {
    if (this.#stop.signal.aborted) return
    await new Promise<void>(resolve => this.#stream.write('', () => resolve()))
  }

  async #untilDrained(): Promise<void> {
    try {
      await once(this.#stream, 'drain', { signal: this.#stop.signal })
    } catch {
      // The stop was requested: by the stream's error, which the listener above has seen, or by somebody else.
    }
    this.#drained = null
  }
}
