// Where a child's output goes: to the same place as ours, nowhere, or into a pipe that we read.
import type { Readable } from 'node:stream'
import { native } from '../../native/load.ts'
import type { Body, LaunchOptions, OutputMode, Outputs } from '../methods/launch.ts'

/** This process's side of a child's output. */
export class ParentEnds {
  readonly theirs: Outputs
  stdout: Readable | null = null
  stderr: Readable | null = null
  /** Ours until the child has them. */
  readonly #lent: number[] = []

  constructor({ stdout, stderr, method }: LaunchOptions) {
    // A thread has streams of its own.
    this.theirs =
      method === 'thread' ? { stdout: -1, stderr: -1 } : { stdout: this.#open(stdout, 'stdout'), stderr: this.#open(stderr, 'stderr') }
  }

  #open(mode: OutputMode = 'inherit', name: 'stdout' | 'stderr'): number {
    if (mode === 'ignore') return -1
    if (mode === 'inherit') return name === 'stdout' ? 1 : 2
    const [ours, theirs] = native().socketPair()
    // Loaded for those who want it: every child has the library, and few have pipes.
    const { Socket } = process.getBuiltinModule('node:net')
    this[name] = new Socket({ fd: ours, readable: true, writable: false })
    this.#lent.push(theirs)
    return theirs
  }

  /** From now on the pipes end with the child. */
  childHasThem({ streams }: Body): void {
    this.#close()
    if (streams === undefined) return
    this.stdout = streams.stdout
    this.stderr = streams.stderr
  }

  /** There will be no child. */
  drop(): void {
    this.#close()
    this.stdout?.destroy()
    this.stderr?.destroy()
  }

  #close(): void {
    for (const fd of this.#lent.splice(0)) native().close(fd)
  }
}
