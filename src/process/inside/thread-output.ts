// What a thread writes goes straight to the process's descriptor. Node's way leads through the event loop of the main thread: nothing
// comes out while that is blocked, and a thread that has written something cannot end, so that joinSync() would wait for ever.
import { writeSync } from 'node:fs'
import type { Writable } from 'node:stream'
import { native } from '../../native/load.ts'

const POLL_OUT = 4

interface Chunk {
  readonly chunk: Buffer | string
  readonly encoding: BufferEncoding
}

/** The stream stays the one that Node knows. */
export function writeDirectly(name: 'stdout' | 'stderr'): void {
  const fd = name === 'stdout' ? 1 : 2
  const stream = process[name] as Writable
  stream._writev = (chunks, done): void => {
    try {
      for (const { chunk, encoding } of chunks as Chunk[]) writeAll(fd, typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk)
      done()
    } catch (error) {
      done(error as Error)
    }
  }
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let sent = 0; sent < bytes.length; ) sent += writeSome(fd, bytes.subarray(sent))
}

function writeSome(fd: number, bytes: Buffer): number {
  try {
    return writeSync(fd, bytes)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    native().pollDescriptor(fd, POLL_OUT, Infinity)
    return 0
  }
}
