// One place in a pool: a worker process with its result ring, from its start to its end.
import { launcherOf } from '../process/methods/launchers.ts'
import { ResultRing, type ResultReceiver } from '../channel/result-ring.ts'
import { TREE_MESSAGES } from '../channel/tree-messages.ts'
import { arena } from '../memory/arena.ts'
import { childArgument } from '../process/inside/child-argument.ts'
import { nextName } from '../process/inside/current.ts'
import { Child, type ChildEnd } from '../process/life/child.ts'
import type { StartMethod } from '../process/start-method.ts'
import { ring } from '../sync/waiting/doorbell.ts'
import type { Reference } from '../memory/segments.ts'
import type { WorkerArgument } from './protocol.ts'
import { SeatWords } from './seat-words.ts'

const RESULT_RING_BYTES = 64 * 1024

export interface SeatOptions {
  /** The ring with the tasks; asked for when the worker has been started. */
  readonly tasks: () => Reference
  readonly method: StartMethod
  readonly env?: Record<string, string | undefined> | undefined
  readonly execArgv?: readonly string[] | undefined
  /** The worker has ended; its last results can still be drained. */
  readonly onEnd: (seat: Seat, end: ChildEnd) => void
}

export class Seat {
  readonly name: string
  readonly #results: ResultRing
  readonly #words: SeatWords
  readonly #child: Child
  readonly #method: StartMethod
  #told = false

  /** Starts a worker. @throws the system's error when no process can be started */
  constructor({ tasks, method, env, execArgv, onEnd }: SeatOptions) {
    this.name = nextName('PoolWorker')
    this.#method = method
    this.#child = Child.start({
      method,
      launch: launcherOf(method),
      program: 'programs/worker-main',
      name: this.name,
      daemon: true,
      ...{ env, execArgv },
      onEnd: end => this.#told && onEnd(this, end),
    })
    // While the worker comes up.
    try {
      this.#results = ResultRing.create(RESULT_RING_BYTES, TREE_MESSAGES)
      this.#words = SeatWords.create()
      this.#tell(tasks())
    } catch (error) {
      this.signal('SIGKILL') // What it would have been told is freed with it, or with this process: no worker has seen it.
      throw error
    }
    this.#told = true
  }

  #tell(tasks: Reference): void {
    const argument: WorkerArgument = {
      ...childArgument({ name: this.name, daemon: true, mayHaveChildren: true, startMethod: this.#method }),
      tasks,
      results: this.#results.reference,
      seat: this.#words.reference,
      poolThread: arena().me,
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
    return this.#words.ready
  }

  /** The task that the worker had in hand when it died. */
  get held(): number | null {
    return this.#words.held
  }

  /** Reads the results that are there. */
  drain(receive: ResultReceiver): void {
    if (this.#results.drain(this.#child.id, receive)) ring(this.#child.slot)
  }

  /** Wakes the worker if it has nothing to do. True: it had nothing to do. */
  wakeIfIdle(): boolean {
    if (!this.#words.claimIdle()) return false
    ring(this.#child.slot)
    return true
  }

  /** Wakes the worker whatever it does. */
  wake(): void {
    ring(this.#child.slot)
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.signal(signal)
  }

  /** After the worker's end: its blocks go back. */
  free(): void {
    arena().free(this.#results.reference)
    arena().free(this.#words.reference)
  }
}
