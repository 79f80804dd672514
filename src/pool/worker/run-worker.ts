import { decodeForOne } from '../../channel/stored-value.ts'
import { becomeChild } from '../../process/inside/become-child.ts'
import { offerProgram } from '../../process/methods/run-program.ts'
import type { AnyFunction } from '../../wire/function-reference.ts'
import type { WorkerArgument } from '../protocol.ts'
import { SeatWords } from '../workforce/seat-words.ts'
import { noteOutput } from './output-tail.ts'
import { Results } from './results.ts'
import { WorkerLoop } from './worker-loop.ts'

/** What the program of a pool's worker does. */
export function runWorker(): void {
  const argument = becomeChild<WorkerArgument>()
  // Ctrl-C reaches every process of the terminal's group. What it means for the pool is decided by who made the pool; if that is
  // to end, this process ends with it.
  process.on('SIGINT', () => {})
  noteOutput(new SeatWords(argument.seat))
  if (argument.initializer === null) startLoop(argument)
  else void initialize(argument, argument.initializer)
}

function startLoop(argument: WorkerArgument): void {
  new WorkerLoop(argument, () => process.exit(0)).start()
}

/** A worker whose initializer throws is none: it says so, and ends. */
async function initialize(argument: WorkerArgument, message: Uint8Array): Promise<void> {
  try {
    const [initializer, args] = (await decodeForOne(message)) as [AnyFunction, readonly unknown[]]
    await initializer(...args)
  } catch (error) {
    new Results(argument).sayNoStart(error)
    process.exit(1)
  }
  startLoop(argument)
}

offerProgram('programs/worker-main', runWorker)
