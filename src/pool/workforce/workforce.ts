// The workers of a pool: started, replaced when they end, and given up when they do not even come up.
//
// Not all are started at once: as many as half of the processors first, the others when those are up. Starting a `node` takes a
// processor for some 20 ms, and two that start side by side are both late; so the first result comes sooner, and the last worker no later.
import { cpuCount } from '../../base/cpu-count.ts'
import { deadlineAfter } from '../../base/deadline.ts'
import { BrokenPoolError, WorkerDiedError } from '../../base/errors.ts'
import { type ChildEnd, lookForEnds } from '../../process/life/child.ts'
import { dropForOne, encodeForOne } from '../../channel/stored-value.ts'
import { describeEnd } from '../../process/life/exit-status.ts'
import { CANCEL_TERMINATED } from '../protocol.ts'
import type { Alarms } from '../tasks/alarms.ts'
import type { Dispatcher } from '../tasks/dispatcher.ts'
import { GRACE } from '../tasks/stopping.ts'
import { Seat, type WorkerSettings } from './seat.ts'

export interface WorkforceOptions {
  readonly settings: WorkerSettings
  /** At most, and when there is nothing to do. */
  readonly processes: number
  readonly minProcesses: number
  /** ms after which a worker above `minProcesses` ends that has nothing to do. */
  readonly idleTimeout: number
  readonly onStart: (seat: Seat) => void
  readonly onEnd: (seat: Seat, end: ChildEnd) => void
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
/** ms that a task has to heed the end of its pool. */
const LAST_WORDS = 100

export class Workforce {
  readonly #seats: Set<Seat>
  readonly #dispatcher: Dispatcher
  readonly #alarms: Alarms
  readonly #options: WorkforceOptions
  #wanted: number
  #failedStarts = 0
  #retryAt = 0
  #isDismissed = false
  /** Workers that have ended, but whose tasks have not heard of it. */
  #ending = 0
  #isReplacing = false
  #isPatient = false
  readonly #cameUp = new WeakSet<Seat>()
  /** Since when each was seen idle, and what it had done then. */
  readonly #idle = new WeakMap<Seat, { readonly since: number; readonly done: number }>()

  /** `seats`: its workers, in a set that the dispatcher shares. */
  constructor(seats: Set<Seat>, dispatcher: Dispatcher, alarms: Alarms, options: WorkforceOptions) {
    this.#seats = seats
    this.#dispatcher = dispatcher
    this.#alarms = alarms
    this.#options = options
    this.#wanted = options.minProcesses
  }

  /** @throws NotSerializableError for an initializer that cannot be sent; the system's error when no process can be started; those that were started go on until they are terminated */
  start(): void {
    if (this.#wanted === 0) checkInitializer(this.#options.settings)
    this.#fill(startsAtOnce())
    this.#fillLater()
    if (this.#options.minProcesses < this.#options.processes) this.#watchIdle()
  }

  get isDismissed(): boolean {
    return this.#isDismissed
  }

  get size(): number {
    return this.#seats.size
  }

  /** No worker is left, and what the last one had in hand has heard of it. */
  get isGone(): boolean {
    return this.#seats.size === 0 && this.#ending === 0
  }

  /** Starts what is missing, in a moment. */
  look(): void {
    if (this.#isShort) this.#replaceSoon()
    else this.grow()
  }

  /** For a thread that blocks: what the event loop would have told. */
  lookWhileBlocked(): void {
    lookForEnds()
    for (const seat of [...this.#seats]) seat.lookWhileBlocked()
  }

  /** What launches wait for that are left to the event loop; each once. */
  get launchDescriptors(): readonly number[] {
    const descriptors = new Set<number>()
    for (const seat of this.#seats) if (seat.launchDescriptor !== -1) descriptors.add(seat.launchDescriptor)
    return [...descriptors]
  }

  /** One more, if there are more tasks than workers that have none, or are about to come up. */
  grow(): void {
    if (this.#isDismissed || this.#wanted >= this.#options.processes || this.#dispatcher.load.queued <= this.#spare) return
    this.#wanted += 1
    this.#replace(startsAtOnce())
    this.#fillLater()
  }

  /** No worker is replaced from now on; each leaves when it finds no task. */
  dismiss(): void {
    if (this.#isDismissed) return
    this.#isDismissed = true
    this.#wanted = 0
    this.#dispatcher.ring.close()
    for (const seat of this.#seats) seat.wake()
    this.#alarms.set(deadlineAfter(GRACE), () => this.#callOffLaunches())
  }

  /** No worker is replaced from now on; each is ended at once, or, by SIGTERM, after a moment if it has a task that may want to say a last word. */
  terminate(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): void {
    this.#isDismissed = true
    this.#wanted = 0
    this.#dispatcher.ring.close()
    if (this.#seats.size > 0) this.#alarms.set(deadlineAfter(GRACE), () => this.#giveUpAll())
    if (signal === 'SIGKILL') {
      this.#signalAll(signal)
      return
    }
    let isHeeding = false
    for (const seat of this.#seats) {
      if (callOffListening(seat)) isHeeding = true
      else seat.signal('SIGTERM')
    }
    if (isHeeding) this.#alarms.set(deadlineAfter(LAST_WORDS), () => this.#signalAll('SIGTERM'))
  }

  /** Those that have not ended by now do so at once. */
  #giveUpAll(): void {
    for (const seat of [...this.#seats]) seat.giveUp()
  }

  /** There is nothing left to do for those that wait for a template to come up, which may take for ever. */
  #callOffLaunches(): void {
    for (const seat of [...this.#seats]) seat.callOffLaunch()
  }

  #signalAll(signal: NodeJS.Signals): void {
    for (const seat of this.#seats) seat.signal(signal)
  }

  /** Those that take tasks, or will. */
  get #working(): number {
    let working = 0
    for (const seat of this.#seats) if (!seat.words.leaving) working += 1
    return working
  }

  get #starting(): number {
    let starting = 0
    for (const seat of this.#seats) if (!seat.wasReady) starting += 1
    return starting
  }

  /** Tasks that workers will take which are coming up or have nothing to do, whether they were woken or not. */
  get #spare(): number {
    let spare = 0
    for (const { words, wasReady } of this.#seats) {
      if (!wasReady) spare += 1
      else if (!words.leaving) spare += words.places - words.running
    }
    return spare
  }

  get #isShort(): boolean {
    return this.#working < this.#wanted
  }

  /** Starts the workers that are missing, but no more than `atOnce` that are not up yet. */
  #fill(atOnce: number): void {
    const { settings, onStart } = this.#options
    const tasks = (): number => this.#dispatcher.ring.reference
    for (let starting = this.#starting; this.#isShort && starting < atOnce; starting += 1) {
      this.#seats.add(new Seat({ settings, tasks, onStart, onEnd: (seat, end) => this.#ended(seat, end) }))
    }
  }

  /** In a while, whether the first are up or not: initializers may take long, and tasks may wait for one another. */
  #fillLater(): void {
    if (this.#isPatient || !this.#isShort) return
    this.#isPatient = true
    this.#alarms.set(deadlineAfter(PATIENCE), () => {
      this.#isPatient = false
      this.#replace(Infinity)
    })
  }

  #ended(seat: Seat, end: ChildEnd): void {
    this.#dispatcher.drain(seat)
    this.#seats.delete(seat)
    this.#ending += 1 // Whoever hears of a task's end may look whether the pool has come to its own, while it has not.
    this.#dispatcher.recover(seat, () => diedError(seat, end))
    this.#ending -= 1
    this.#noticeReady(seat)
    if (end.error !== undefined) this.#notGranted(end.error)
    // Ctrl-C before a worker has come as far as to ignore it is no failure of its start.
    else if (!seat.wasReady && this.#wanted > 0 && end.signal !== 'SIGINT') this.#failedStarts += 1
    if (this.#wanted > 0 && this.#failedStarts >= FAILED_STARTS) this.#break(seat.startError ?? diedError(seat, end))
    else this.#replace(Infinity)
    this.#options.onEnd(seat, end)
    seat.free()
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
    if (this.#isReplacing) return
    this.#isReplacing = true
    this.#alarms.set(deadlineAfter(A_MOMENT), () => {
      this.#isReplacing = false
      this.#replace(startsAtOnce())
    })
  }

  #replace(atOnce: number): void {
    if (performance.now() < this.#retryAt) return
    try {
      this.#fill(atOnce)
    } catch (error) {
      this.#notGranted(error)
    }
  }

  /** The system has no room for another worker now: the others go on, and it is asked again. If there are none, nobody is left to do the tasks. */
  #notGranted(error: unknown): void {
    if (this.#wanted === 0) return
    // The template was killed; there will be another.
    const isTemplateGone = (error as NodeJS.ErrnoException).code === 'ERR_FORKSERVER'
    if (isTemplateGone && this.#seats.size === 0) this.#failedStarts += 1
    if (this.#seats.size === 0 && (!isTemplateGone || this.#failedStarts >= FAILED_STARTS)) {
      this.#break(error)
      return
    }
    this.#retryAt = deadlineAfter(RETRY_AFTER)
    this.#alarms.set(this.#retryAt, () => this.#replace(startsAtOnce()))
  }

  #break(cause: unknown): void {
    this.terminate()
    this.#options.onBroken(new BrokenPoolError('The workers of this pool do not come up; the pool has given up', { cause }))
  }

  /** Those that were idle at each look for so long, and have done nothing in between, are given back. */
  #watchIdle(): void {
    const { idleTimeout, minProcesses } = this.#options
    if (this.#isDismissed || idleTimeout === Infinity) return
    for (const seat of this.#seats) {
      if (this.#idleFor(seat) < idleTimeout || this.#wanted <= minProcesses) continue
      this.#wanted -= 1
      seat.words.retire()
      seat.wake()
    }
    this.#alarms.set(deadlineAfter(Math.max(1, idleTimeout / 2)), () => this.#watchIdle())
  }

  /** ms, as far as was seen; negative: it has a task. */
  #idleFor(seat: Seat): number {
    const { done, words } = seat
    const now = performance.now()
    const seen = this.#idle.get(seat)
    if (!words.leaving && words.idle && words.running === 0) {
      if (seen?.done === done) return now - seen.since
      this.#idle.set(seat, { since: now, done })
      return 0
    }
    this.#idle.delete(seat)
    return -1
  }
}

/** Where no worker is started for the time being: who makes the pool wants to know, and not who first uses it. */
function checkInitializer({ initializer, initArgs }: WorkerSettings): void {
  if (initializer !== null) dropForOne(encodeForOne([initializer, initArgs], 'initializer'))
}

/** True: one of its tasks has its signal, and was told. */
function callOffListening(seat: Seat): boolean {
  let isListening = false
  for (let place = 0; place < seat.words.places; place += 1) {
    const id = seat.words.held(place)
    if (id === null || !seat.words.listens(place, id)) continue
    seat.words.cancel(place, id, CANCEL_TERMINATED)
    isListening = true
  }
  if (isListening) seat.wake()
  return isListening
}

/** How many workers may be coming up side by side. */
function startsAtOnce(): number {
  return Math.max(1, Math.floor(cpuCount() / 2))
}

function diedError(seat: Seat, end: ChildEnd): WorkerDiedError {
  const stderrTail = seat.words.outputTail
  const died = { pid: seat.pid, exitCode: end.exitCode, signal: end.signal, stderrTail }
  const hint = end.signal === 'SIGABRT' ? '; Node ends so when its heap is full (see --max-old-space-size)' : ''
  return new WorkerDiedError(`${seat.name} (process ${seat.pid}) ended with ${describeEnd(end)} before its task did${hint}`, died)
}
