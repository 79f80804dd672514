// The streams that progress is written to, for as long as somebody writes there. That nobody reads on (`2>&1 | head`) is no reason to
// end the program, which is what an `error` event without a listener does.
import type { Writable } from 'node:stream'

const NOBODY_READS = ['EPIPE', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END']

interface Use {
  count: number
  readonly listener: (error: NodeJS.ErrnoException) => void
}

const uses = new WeakMap<Writable, Use>()

/** Returns how to let go of the stream. */
export function holdOutput(output: Writable): () => void {
  const use = uses.get(output) ?? begin(output)
  use.count += 1
  let held = true
  return () => {
    if (!held) return
    held = false
    // An error of the last write comes when that is over, and the event of it a little later.
    output.write('', () => setImmediate(() => end(output, use)).unref())
  }
}

function begin(output: Writable): Use {
  const listener = (error: NodeJS.ErrnoException): void => {
    if (!NOBODY_READS.includes(error.code ?? '') && output.listenerCount('error') === 1) throw error
  }
  const use = { count: 0, listener }
  uses.set(output, use)
  output.on('error', listener)
  return use
}

function end(output: Writable, use: Use): void {
  use.count -= 1
  if (use.count > 0) return
  output.off('error', use.listener)
  uses.delete(output)
}
