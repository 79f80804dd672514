// One place in a pool: a worker process with its result ring, from its start to its end.
import { join } from 'node:path'
import { ResultRing, type ResultReceiver } from '../channel/result-ring.ts'
import { TREE_MESSAGES } from '../channel/tree-messages.ts'
import { arena } from '../memory/arena.ts'
import { Child, type ChildEnd } from '../process/child.ts'
import { nextName } from '../process/current.ts'
import { ring } from '../sync/doorbell.ts'
import type { Reference } from '../memory/segments.ts'
import type { WorkerArgument } from './protocol.ts'
import { SeatWords } from './seat-words.ts'

const RESULT_RING_BYTES = 64 * 1024

export interface SeatOptions {
  /** The ring with the tasks; asked for when the worker has been started. */
  readonly tasks: () => Reference
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
  #told = false

  /** Starts a worker. @throws the system's error when no process can be started */
  constructor({ tasks, env, execArgv, onEnd }: SeatOptions) {
    this.name = nextName('PoolWorker')
    const entry = join(import.meta.dirname, '../pool/worker-main.js')
    this.#child = Child.spawn({ entry, env, execArgv, onEnd: end => this.#told && onEnd(this, end) })
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
      name: this.name,
      daemon: true,
      argv: process.argv,
      tasks,
      results: this.#results.reference,
      seat: this.#words.reference,
      parent: arena().me,
    }
    this.#child.tell(argument)
  }

  get pid(): number {
    return this.#child.pid
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
