import { MultiprocessingError } from '../base/errors.ts'
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
 * @throws MultiprocessingError `EMFILE` when this process has no two descriptors left; TypeError
 */
export function Pipe(options?: PipeOptions): [Connection, Connection] {
  const { duplex = true } = readOptions<PipeOptions>(options, ['duplex'], '{ duplex: false }')
  checkBoolean(duplex, 'duplex')
  const [first, second] = openPair()
  return [endOfPipe(first, { readable: true, writable: duplex }), endOfPipe(second, { readable: duplex, writable: true })]
}

function openPair(): [number, number] {
  const { socketPair } = native()
  try {
    return socketPair()
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'ERR_MULTIPROCESSING'
    throw new MultiprocessingError(`A pipe could not be made${REASONS[code] ?? ''}`, { code, cause })
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EMFILE:
    ': it takes two descriptors, and this process has as many open as it may. Close connections and files that are not needed, or raise the limit: ulimit -n 65536',
  ENFILE: ': it takes two descriptors, and this system has as many open as it may (fs.file-max). Close what is not needed',
}
