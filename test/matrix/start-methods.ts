// Every start method there is, as a way to call functions elsewhere. A method that is added here plays the whole matrix.
import type * as polyprocess from '../../src/index.ts'
import type { Elsewhere } from './rows.ts'

type Library = typeof polyprocess

/** Another process, until it is closed. */
interface OpenElsewhere extends Elsewhere {
  close(): Promise<void>
}

/** One worker each: all rows share it, as the tasks of a program do. */
const OPENERS: Readonly<Record<string, (library: Library) => OpenElsewhere>> = {
  spawn: library => elsewhere(library, new library.Pool(1)),
}

export const START_METHODS: readonly string[] = Object.keys(OPENERS)

/** A process of this start method, not yet started: the first call starts it. */
export function openElsewhere(method: string, library: Library): OpenElsewhere {
  const open = OPENERS[method]
  if (open === undefined) throw new TypeError(`Expected a start method to be one of ${START_METHODS.join(', ')}, got ${method}`)
  return open(library)
}

function elsewhere(library: Library, pool: polyprocess.Pool): OpenElsewhere {
  return {
    library,
    run: (fn, args = []) => pool.apply(fn, args),
    close: () => pool[Symbol.asyncDispose](),
  }
}
