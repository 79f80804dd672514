// One place in a pool: a worker process with its result ring, from its start to its end.
import { type ResultReceiver, ResultRing } from '../../channel/result-ring.ts'
import { dropForOne, encodeForOne } from '../../channel/stored-value.ts'
import { TREE_MESSAGES } from '../../channel/tree-messages.ts'
import { arena } from '../../memory/arena.ts'
import type { Reference } from '../../memory/segments.ts'
import { childArgument } from '../../process/inside/child-argument.ts'
import { nextName } from '../../process/inside/current.ts'
import { Child, type ChildEnd } from '../../process/life/child.ts'
import { launcherOf } from '../../process/methods/launchers.ts'
import type { StartMethod } from '../../process/start-method.ts'
import { ring } from '../../sync/waiting/doorbell.ts'
import type { AnyFunction } from '../../wire/function-reference.ts'
import type { WorkerArgument } from '../protocol.ts'
import { wallClock } from '../watching/reports.ts'
import { SeatWords } from './seat-words.ts'

const RESULT_RING_BYTES = 64 * 1024

/** What every worker of a pool is told. */
export interface WorkerSettings {
  readonly method: StartMethod
  readonly env?: Record<string, string | undefined> | undefined
  readonly execArgv?: readonly string[] | undefined
  readonly concurrency: number
  readonly initializer: AnyFunction | null
  readonly initArgs: readonly unknown[]
  readonly maxTasks: number
  readonly maxMemory: number
}

export interface SeatOptions {
  readonly settings: WorkerSettings
  /** The ring with the tasks; asked for when the worker has been started. */
  readonly tasks: () => Reference
  /** The worker runs; the seat may not be complete yet. */
  readonly onStart: (seat: Seat) => void
  /** The worker has ended; its last results can still be drained. */
  readonly onEnd: (seat: Seat, end: ChildEnd) => void
}

export class Seat {
  readonly name: string
  readonly words: SeatWords
  /** When it was asked for, on the wall clock. */
  readonly started: number = wallClock()
  /** Tasks that it has ended. */
  done = 0
  /** Why it did not come up, as far as it could say. */
  startError: unknown
  readonly #results: ResultRing
  readonly #child: Child
  readonly #isThread: boolean
  readonly #initializer: Uint8Array | null
  #told = false
  #isGone = false

  /** Starts a worker. @throws the system's error when no process can be started; NotSerializableError for an initializer that cannot be sent */
  constructor({ settings, tasks, onStart, onEnd }: SeatOptions) {
    const { method, env, execArgv } = settings
    this.#isThread = method === 'thread'
    this.name = nextName('PoolWorker')
    const { initializer, initArgs } = settings
    this.#initializer = initializer === null ? null : encodeForOne([initializer, initArgs], 'initializer')
    this.#child = Child.start({
      method,
      launch: launcherOf(method),
      program: 'programs/worker-main',
      name: this.name,
      daemon: true,
      ...{ env, execArgv },
      onStart: () => onStart(this),
      onEnd: end => this.#told && onEnd(this, end),
    })
    // While the worker comes up.
    try {
      this.#results = ResultRing.create(RESULT_RING_BYTES, TREE_MESSAGES)
      this.words = SeatWords.create(settings.concurrency)
      this.#tell(settings, tasks())
    } catch (error) {
      this.signal('SIGKILL') // What it would have been told is freed with it, or with this process: no worker has seen it.
      throw error
    }
    this.#told = true
  }

  #tell({ method, concurrency, maxTasks, maxMemory }: WorkerSettings, tasks: Reference): void {
    const argument: WorkerArgument = {
      ...childArgument({ name: this.name, daemon: true, mayHaveChildren: true, startMethod: method }),
      tasks,
      results: this.#results.reference,
      seat: this.words.reference,
      poolThread: arena().me,
      initializer: this.#initializer,
      ...{ concurrency, maxTasks, maxMemory },
    }
    this.#child.tell(argument)
  }

  /** -1: it never came to life. */
  get pid(): number {
    return this.#child.pid ?? -1
  }

  get id(): number {
    return this.#child.id
  }

  /** Whether the worker ever came up. */
  get wasReady(): boolean {
    return this.words.ready
  }

  /** The tasks that the worker had in hand when it died. */
  get held(): number[] {
    const held: number[] = []
    for (let place = 0; place < this.words.places; place += 1) {
      const id = this.words.held(place)
      if (id !== null) held.push(id)
    }
    return held
  }

  /** Reads the results that are there. */
  drain(receive: ResultReceiver): void {
    if (this.#results.drain(this.#child.id, receive)) ring(this.#child.slot)
  }

  /** Wakes the worker if it has nothing to do. True: it had, and will look for a task. */
  wakeIfIdle(): boolean {
    if (this.words.leaving || !this.words.claimIdle()) return false
    ring(this.#child.slot)
    return true
  }

  /** Wakes the worker whatever it does. */
  wake(): void {
    ring(this.#child.slot)
  }

  /** For a thread that blocks: goes on with what is left to the event loop otherwise. Of the end of a process `lookForEnds` tells. */
  lookWhileBlocked(): void {
    if (this.#child.isPending) this.#child.lookAtLaunch()
    else if (this.#isThread) this.#child.lookWhileBlocked()
  }

  /** What a launch waits for that is left to the event loop; -1: nothing. */
  get launchDescriptor(): number {
    return this.#child.launchDescriptor
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.signal(signal)
  }

  /** Ends a worker that waits for a template to come up. False: it is past that. */
  callOffLaunch(): boolean {
    return this.#child.callOff()
  }

  giveUp(): void {
    if (!this.callOffLaunch()) this.signal('SIGKILL')
  }

  /** Its words are somebody else's by now. */
  get isGone(): boolean {
    return this.#isGone
  }

  /** After the worker's end: its blocks go back. */
  free(): void {
    this.#isGone = true
    if (this.#initializer !== null) dropForOne(this.#initializer)
    arena().free(this.#results.reference)
    arena().free(this.words.reference)
  }
}
