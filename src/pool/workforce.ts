// The workers of a pool: started, replaced when they die, and given up when they do not even come up.
//
// Not all are started at once: as many as half of the processors first, the others when those are up. Starting a `node` takes a
// processor for some 20 ms, and two that start side by side are both late; so the first result comes sooner, and the last worker no later.
import { cpuCount } from '../base/cpu-count.ts'
import { BrokenPoolError, WorkerDiedError } from '../base/errors.ts'
import type { ChildEnd } from '../process/life/child.ts'
import { describeEnd } from '../process/life/exit-status.ts'
import type { StartMethod } from '../process/start-method.ts'
import { doorbell } from '../sync/waiting/doorbell.ts'
import { Dispatcher } from './dispatcher.ts'
import { Seat } from './seat.ts'

export interface WorkforceOptions {
  readonly processes: number
  readonly method: StartMethod
  readonly env?: Record<string, string | undefined> | undefined
  readonly execArgv?: readonly string[] | undefined
  /** Tasks may have ended, or workers: look whether there is something to finish. */
  readonly onChange: () => void
  /** Workers do not come up: no task can be done any more. */
  readonly onBroken: (error: BrokenPoolError) => void
}

/** So many workers in a row that end before they are ready mean that no worker ever will be. */
const FAILED_STARTS = 3
/** After so many ms the others are started whether the first are up or not. */
const PATIENCE = 100
/** ms in which a result that is on its way arrives. */
const A_MOMENT = 3
/** A system that could not start a process is not asked again for so many ms. */
const RETRY_AFTER = 100
/** Between SIGTERM and SIGKILL. */
const GRACE = 500

export class Workforce {
  readonly dispatcher: Dispatcher
  readonly #seats = new Set<Seat>()
  readonly #options: WorkforceOptions
  #stopListening = (): void => {}
  #wanted: number
  #failedStarts = 0
  #retryAt = 0
  #dismissed = false
  readonly #cameUp = new WeakSet<Seat>()
  #patience: NodeJS.Timeout | undefined
  #soon: NodeJS.Timeout | undefined

  constructor(options: WorkforceOptions) {
    this.#options = options
    this.#wanted = options.processes
    this.dispatcher = new Dispatcher(this.#seats)
  }

  /** @throws the system's error when no process can be started; those that were started go on until they are terminated */
  start(): void {
    this.#fill(startsAtOnce())
    this.#stopListening = doorbell().listen(() => this.#look())
    if (this.#seats.size < this.#wanted) this.#patience = setTimeout(() => this.#replace(Infinity), PATIENCE).unref()
  }

  get size(): number {
    return this.#seats.size
  }

  /** No worker is replaced from now on; each leaves when it finds no task. */
  dismiss(): void {
    if (this.#dismissed) return
    this.#dismissed = true
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
    clearTimeout(this.#patience)
    clearTimeout(this.#soon)
    this.#stopListening()
    this.dispatcher.ring.free()
  }

  #look(): void {
    for (const seat of this.#seats) this.dispatcher.drain(seat)
    this.dispatcher.flush()
    if (this.#seats.size < this.#wanted) this.#replaceSoon()
    this.#options.onChange()
  }

  /** Starts the workers that are missing, but no more than `atOnce` that are not up yet. */
  #fill(atOnce: number): void {
    const { method, env, execArgv } = this.#options
    let starting = 0
    for (const seat of this.#seats) if (!seat.wasReady) starting += 1
    for (; this.#seats.size < this.#wanted && starting < atOnce; starting += 1) {
      this.#seats.add(
        new Seat({ tasks: () => this.dispatcher.ring.reference, method, env, execArgv, onEnd: (seat, end) => this.#ended(seat, end) }),
      )
    }
  }

  #ended(seat: Seat, end: ChildEnd): void {
    this.dispatcher.drain(seat)
    this.#seats.delete(seat)
    this.dispatcher.recover(seat, () => diedError(seat, end))
    seat.free()
    this.#noticeReady(seat)
    if (end.error !== undefined) this.#notGranted(end.error)
    // Ctrl-C before a worker has come as far as to ignore it is no failure of its start.
    else if (!seat.wasReady && this.#wanted > 0 && end.signal !== 'SIGINT') this.#failedStarts += 1
    if (this.#wanted > 0 && this.#failedStarts >= FAILED_STARTS) this.#break(diedError(seat, end))
    else this.#replace(Infinity)
    this.#options.onChange()
  }

  /** Failures in a row are those since the last worker that came up, whether that one has ended or not. */
  #noticeReady(ended: Seat): void {
    for (const seat of [ended, ...this.#seats]) {
      if (!seat.wasReady || this.#cameUp.has(seat)) continue
      this.#cameUp.add(seat)
      this.#failedStarts = 0
    }
  }

  /** In a moment: starting a process blocks this thread for a ms or two, and the first result may be on its way. */
  #replaceSoon(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined
      this.#replace(startsAtOnce())
    }, A_MOMENT).unref()
  }

  #replace(atOnce: number): void {
    if (performance.now() < this.#retryAt) return
    try {
      this.#fill(atOnce)
    } catch (error) {
      this.#notGranted(error)
    }
  }

  /** The system has no room for another worker now: the others go on; if there are none, nobody is left to do the tasks. */
  #notGranted(error: unknown): void {
    this.#retryAt = performance.now() + RETRY_AFTER
    if (this.#seats.size === 0 && this.#wanted > 0) this.#break(error)
  }

  #break(cause: unknown): void {
    this.terminate()
    this.#options.onBroken(new BrokenPoolError('The workers of this pool do not come up; the pool has given up', { cause }))
  }
}

/** How many workers may be coming up side by side. */
function startsAtOnce(): number {
  return Math.max(1, Math.floor(cpuCount() / 2))
}

function diedError(seat: Seat, end: ChildEnd): WorkerDiedError {
  const died = { pid: seat.pid, exitCode: end.exitCode, signal: end.signal, stderrTail: '' }
  return new WorkerDiedError(`${seat.name} (process ${seat.pid}) ended with ${describeEnd(end)} before its task did`, died)
}
