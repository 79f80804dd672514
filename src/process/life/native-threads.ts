// Threads as the system numbers them. Node tells of the birth and of the end of a Worker by events; a thread that blocks has none.
import type { Dir } from 'node:fs'

const THREADS = '/proc/self/task'
/** In ms. */
const LONGEST_DEPARTURE = 500
/** An entry may be left out of a listing when another thread ends in the middle of it. */
const LISTINGS = 3

/** Whether this process has the thread. Waiting: not; a system call, which needs no descriptor. */
export function hasThread(number: number): boolean {
  return process.getBuiltinModule('node:fs').existsSync(`${THREADS}/${number}`)
}

export interface Made<T> {
  readonly made: T
  /** The number of the thread that was made, and maybe one that another thread made at the same moment; empty: it has ended already; null: it is not known. */
  readonly numbers: readonly number[] | null
}

/**
 * Which thread `make` makes.
 * @throws the system's error, when there is no descriptor to look with, and so none for the event loop of a thread; what `make` throws
 */
export function makeThread<T>(make: () => T): Made<T> {
  const fs = process.getBuiltinModule('node:fs')
  if (!fs.existsSync(THREADS)) return { made: make(), numbers: null }
  const before = new Set(fs.readdirSync(THREADS))
  const isNew = (name: string): boolean => !before.has(name)
  // It is read when it is first asked. Afterwards the thread may have the last descriptors.
  const opened = fs.opendirSync(THREADS)
  try {
    const made = make()
    let found = namesIn(opened).filter(isNew)
    for (let listing = 2; listing <= LISTINGS && found.length === 0; listing += 1) found = listAgain().filter(isNew)
    return { made, numbers: found.map(Number) }
  } finally {
    opened.closeSync()
  }
}

function namesIn(folder: Dir): string[] {
  const names: string[] = []
  for (let entry = folder.readSync(); entry !== null; entry = folder.readSync()) names.push(entry.name)
  return names
}

function listAgain(): string[] {
  try {
    return process.getBuiltinModule('node:fs').readdirSync(THREADS)
  } catch {
    return [] // There is no descriptor.
  }
}

/**
 * From its last word until it is gone a thread takes locks of V8's and Node's, with which this process must not be forked; and one that is
 * being terminated may still write into what is about to be freed. Waiting: until it is gone, half a second at most. `number`: 0 is none.
 */
export function awaitThreadEnd(number: number): void {
  const limit = performance.now() + LONGEST_DEPARTURE
  while (number !== 0 && hasThread(number) && performance.now() < limit) pause()
}

/** Blocks for a ms. */
export function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
}
