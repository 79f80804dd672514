// What a worker sends home.
import { InterruptedError } from '../../base/errors.ts'
import { type ResultHead, ResultRing } from '../../channel/result-ring.ts'
import { encodeForTree, TREE_MESSAGES, treeMessagesTo } from '../../channel/tree-messages.ts'
import { slotOf } from '../../memory/identity.ts'
import { doorbell, ring } from '../../sync/waiting/doorbell.ts'
import { besideEventLoop } from '../../sync/waiting/waits.ts'
import { describeThrown } from '../../wire/remote-error.ts'
import type { Capability } from '../../wire/values/capability.ts'
import {
  NO_TASK,
  RESULT_ITEM,
  RESULT_ITEM_THROWN,
  RESULT_NO_START,
  RESULT_STARTED,
  RESULT_THROWN,
  RESULT_VALUE,
  type WorkerArgument,
} from '../protocol.ts'
import { TIME_ORIGIN } from '../watching/reports.ts'
import type { TaskResult } from './running-task.ts'

const NOTHING = new Uint8Array(0)

export class Results {
  readonly #ring: ResultRing
  readonly #parentSlot: number
  /** Results go to the pool's thread and to nobody else. */
  readonly #home: Capability

  constructor({ results, poolThread }: Pick<WorkerArgument, 'results' | 'poolThread'>) {
    this.#ring = new ResultRing(results, TREE_MESSAGES)
    this.#parentSlot = slotOf(poolThread)
    this.#home = treeMessagesTo(poolThread)
  }

  /** Sends a result, or an item; the pool is rung for items only. `started`, `now`: ms since this process began. */
  send(id: number, result: TaskResult, started: number, now: number): void {
    const times = { moment: TIME_ORIGIN + started, time: now - started }
    try {
      this.#put({ id, kind: result.kind, ...times }, result.payload)
    } catch (error) {
      // No memory for this result; for the news of that there is room in the ring itself.
      this.#put({ id, kind: failed(result.kind), ...times }, error)
    }
    // Nobody knows how long the next one takes. While the pool is reading, a ring costs next to nothing.
    if (result.kind !== RESULT_VALUE && result.kind !== RESULT_THROWN) this.ring()
  }

  /** A task has begun in this place. */
  sayStarted(id: number, started: number, place: number): void {
    this.#putBytes({ id, kind: RESULT_STARTED, moment: TIME_ORIGIN + started, time: place }, NOTHING)
    this.ring()
  }

  /** The initializer has thrown. */
  sayNoStart(error: unknown): void {
    this.#put({ id: NO_TASK, kind: RESULT_NO_START, moment: 0, time: 0 }, error)
    this.ring()
  }

  ring(): void {
    ring(this.#parentSlot)
  }

  #put(head: ResultHead, payload: unknown): void {
    const { kind, bytes } = this.#encode(head.kind, payload)
    this.#putBytes(kind === head.kind ? head : { ...head, kind }, bytes)
  }

  #encode(kind: number, payload: unknown): { kind: number; bytes: Uint8Array } {
    if (kind !== RESULT_VALUE && kind !== RESULT_ITEM) return { kind, bytes: this.#describe(payload) }
    try {
      return { kind, bytes: encodeForTree(payload, 'result', this.#home) }
    } catch (error) {
      return { kind: failed(kind), bytes: this.#describe(error) }
    }
  }

  #describe(error: unknown): Uint8Array {
    return encodeForTree(describeThrown(error, this.#home), 'error', this.#home)
  }

  #putBytes(head: ResultHead, bytes: Uint8Array): void {
    if (this.#ring.put(head, bytes)) return
    this.ring()
    // The parent reads as fast as its event loop turns; until then this worker can do nothing useful with one more result.
    besideEventLoop(() => {
      while (!this.#waitForRoom(() => this.#ring.put(head, bytes)));
    })
  }

  /** False: a signal came in between (Ctrl-C, which is none of a worker's business, first of all), and nothing is sent yet. */
  #waitForRoom(put: () => boolean): boolean {
    try {
      return doorbell().block(put, Infinity)
    } catch (error) {
      if (error instanceof InterruptedError) return false
      throw error
    }
  }
}

function failed(kind: number): number {
  return kind === RESULT_VALUE || kind === RESULT_THROWN ? RESULT_THROWN : RESULT_ITEM_THROWN
}
