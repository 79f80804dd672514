import { becomeChild } from '../../process/inside/become-child.ts'
import { offerProgram } from '../../process/methods/run-program.ts'
import type { WorkerArgument } from '../protocol.ts'
import { WorkerLoop } from './worker-loop.ts'

/** What the program of a pool's worker does. */
export function runWorker(): void {
  const argument = becomeChild<WorkerArgument>()
  // Ctrl-C reaches every process of the terminal's group. What it means for the pool is decided by who made the pool; if that is
  // to end, this process ends with it.
  process.on('SIGINT', () => {})
  new WorkerLoop(argument, () => process.exit(0)).start()
}

offerProgram('programs/worker-main', runWorker)
