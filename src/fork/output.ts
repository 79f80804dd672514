// Standard output and error in a forked child: what the parent has written and the system has not yet taken is the parent's.
import type { Writable } from 'node:stream'

interface BufferedState {
  buffered: { chunk: { length: number }; encoding: string }[]
  bufferedIndex: number
  length: number
  pendingcb: number
}

/** Drops what the streams themselves hold back; beneath them the addon has done the same. */
export function dropBufferedOutput(): void {
  for (const stream of [process.stdout, process.stderr]) dropBuffered(stream)
}

function dropBuffered(stream: Writable): void {
  const state = (stream as Writable & { _writableState?: BufferedState })._writableState
  if (state === undefined || !Array.isArray(state.buffered) || state.buffered.length === 0) return
  const dropped = state.buffered.slice(state.bufferedIndex)
  for (const { chunk } of dropped) state.length -= chunk.length
  state.pendingcb -= dropped.length
  state.buffered = []
  state.bufferedIndex = 0
}
