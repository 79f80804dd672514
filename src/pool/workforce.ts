// The workers of a pool: started, replaced when they die, and given up when they do not even come up.
import { BrokenPoolError, WorkerDiedError } from '../base/errors.ts'
import type { ChildEnd } from '../process/child.ts'
import { describeEnd } from '../process/exit-status.ts'
import { doorbell } from '../sync/doorbell.ts'
import { Dispatcher } from './dispatcher.ts'
import { Seat } from './seat.ts'

export interface WorkforceOptions {
  readonly processes: number
  readonly env?: Record<string, string | undefined> | undefined
  readonly execArgv?: readonly string[] | undefined
  /** Tasks may have ended, or workers: look whether there is something to finish. */
  readonly onChange: () => void
  /** Workers do not come up: no task can be done any more. */
  readonly onBroken: (error: BrokenPoolError) => void
}

/** So many workers in a row that end before they are ready mean that no worker ever will be. */
const FAILED_STARTS = 3
/** Between SIGTERM and SIGKILL. */
const GRACE = 500

export class Workforce {
  readonly dispatcher: Dispatcher
  readonly #seats = new Set<Seat>()
  readonly #options: WorkforceOptions
  readonly #stopListening: () => void
  #wanted: number
  #failedStarts = 0

  constructor(options: WorkforceOptions) {
    this.#options = options
    this.#wanted = options.processes
    this.dispatcher = new Dispatcher(this.#seats)
    this.#stopListening = doorbell().listen(() => this.#look())
    try {
      this.#fill()
    } catch (error) {
      this.terminate()
      throw error
    }
  }

  get size(): number {
    return this.#seats.size
  }

  /** No worker is replaced from now on; each leaves when it finds no task. */
  dismiss(): void {
    this.#wanted = 0
    this.dispatcher.ring.close()
    for (const seat of this.#seats) seat.wake()
  }

  /** No worker is replaced from now on; each is ended at once. */
  terminate(): void {
    this.#wanted = 0
    this.dispatcher.ring.close()
    for (const seat of this.#seats) seat.signal('SIGTERM')
    if (this.#seats.size === 0) return
    setTimeout(() => {
      for (const seat of this.#seats) seat.signal('SIGKILL')
    }, GRACE).unref()
  }

  /** After the last worker's end. */
  free(): void {
    this.#stopListening()
    this.dispatcher.ring.free()
  }

  #look(): void {
    for (const seat of this.#seats) this.dispatcher.drain(seat)
    this.dispatcher.flush()
    this.#options.onChange()
  }

  #fill(): void {
    const { env, execArgv } = this.#options
    while (this.#seats.size < this.#wanted) {
      this.#seats.add(new Seat({ tasks: this.dispatcher.ring.reference, env, execArgv, onEnd: (seat, end) => this.#ended(seat, end) }))
    }
  }

  #ended(seat: Seat, end: ChildEnd): void {
    this.dispatcher.drain(seat)
    this.#seats.delete(seat)
    this.dispatcher.recover(seat, () => diedError(seat, end))
    seat.free()
    if (seat.wasReady) this.#failedStarts = 0
    else if (this.#wanted > 0) this.#failedStarts += 1
    if (this.#failedStarts >= FAILED_STARTS) this.#break(diedError(seat, end))
    else this.#replace()
    this.#options.onChange()
  }

  #replace(): void {
    try {
      this.#fill()
    } catch (error) {
      // The others go on; if there are none, nobody is left to do the tasks.
      if (this.#seats.size === 0) this.#break(error)
    }
  }

  #break(cause: unknown): void {
    this.terminate()
    this.#options.onBroken(new BrokenPoolError('The workers of this pool do not come up; the pool has given up', { cause }))
  }
}

function diedError(seat: Seat, end: ChildEnd): WorkerDiedError {
  const died = { pid: seat.pid, exitCode: end.exitCode, signal: end.signal, stderrTail: '' }
  return new WorkerDiedError(`${seat.name} (process ${seat.pid}) ended with ${describeEnd(end)} before its task did`, died)
}
