// The last that a worker says on stderr, kept in its seat for whoever has to be told how it died. What is written around
// `process.stderr` (by the system, or by V8 when it has no more memory) is not in it; an uncaught error is.
import type { SeatWords } from '../workforce/seat-words.ts'

/** Does not make the stream: that would take a ms of each worker's start. */
export function noteOutput(seat: SeatWords): void {
  const property = Object.getOwnPropertyDescriptor(process, 'stderr')
  const open = property?.get as (() => NodeJS.WriteStream) | undefined
  let noted: NodeJS.WriteStream | undefined
  if (open !== undefined) {
    const get = (): NodeJS.WriteStream => {
      noted ??= noteWrites(open.call(process), seat)
      return noted
    }
    Object.defineProperty(process, 'stderr', { ...property, get })
  }
  // Node prints it by itself, past the stream.
  process.on('uncaughtExceptionMonitor', error => {
    const { inspect } = process.getBuiltinModule('node:util')
    seat.noteOutput(Buffer.from(`${inspect(error)}\n`))
  })
}

function noteWrites(stream: NodeJS.WriteStream, seat: SeatWords): NodeJS.WriteStream {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean
  stream.write = (...args: unknown[]): boolean => {
    const [chunk] = args
    if (typeof chunk === 'string') seat.noteOutput(Buffer.from(chunk))
    else if (chunk instanceof Uint8Array) seat.noteOutput(chunk)
    return write(...args)
  }
  return stream
}
