// Every start method there is, as a way to call functions elsewhere: each plays the whole matrix.
import type * as polyprocess from '../../src/index.ts'
import type { Elsewhere } from './rows.ts'

type Library = typeof polyprocess

/** Another process, until it is closed. */
interface OpenElsewhere extends Elsewhere {
  close(): Promise<void>
}

export const START_METHODS = ['fork', 'forkserver', 'spawn', 'thread'] as const

/** One worker of this start method, which the first call starts. All rows share it, as the tasks of a program do. */
export function openElsewhere(method: (typeof START_METHODS)[number], library: Library): OpenElsewhere {
  const pool = new (library.getContext(method).Pool)(1)
  return {
    library,
    run: (fn, args = []) => pool.apply(fn, args),
    close: () => pool[Symbol.asyncDispose](),
  }
}
