import { checkBoolean, readOptions } from '../base/validate.ts'
import { native } from '../native/load.ts'
import type { Connection } from './connection.ts'
import { endOfPipe } from './travel.ts'

export interface PipeOptions {
  /** Whether both ends send and receive. Default: true. */
  duplex?: boolean
}

/** Without duplex: [reader, writer]. */
// biome-ignore lint/suspicious/noExplicitAny: what is sent is only known to the program.
export function Pipe<T = any>(options: { duplex: false }): [Connection<never, T>, Connection<T, never>]
/** `Pipe<Question, Answer>()`: the first end sends questions and receives answers. */
// biome-ignore lint/suspicious/noExplicitAny: what is sent is only known to the program.
export function Pipe<S = any, R = S>(options?: PipeOptions): [Connection<S, R>, Connection<R, S>]
/**
 * Two connections, each the other's other end. Either can be sent to another process of the tree, which then has it, too; a process that does not
 * need an end closes it, or its reader waits for an end that does not come.
 */
export function Pipe(options?: PipeOptions): [Connection, Connection] {
  const { duplex = true } = readOptions<PipeOptions>(options, ['duplex'], '{ duplex: false }')
  checkBoolean(duplex, 'duplex')
  const [first, second] = native().socketPair()
  return [endOfPipe(first, { readable: true, writable: duplex }), endOfPipe(second, { readable: duplex, writable: true })]
}
