// One `imap`: chunks of its input go out as tasks, and the outcomes of their items come in one by one. At most `maxPending` items are
// taken from the input and not yet from the result, so an endless input and a slow reader cost no memory.
//
// A chunk is only how items travel: should its worker die, the item it was at fails, and those behind it go out again, since nobody
// has begun with them.
import type { CallSite } from '../../base/call-site.ts'
import { TimeoutError, WorkerDiedError } from '../../base/errors.ts'
import type { ChunkSizes } from '../calls/chunk-sizes.ts'
import type { Items } from '../calls/items.ts'
import { isFailure, type Outcome } from '../calls/outcome.ts'
import type { Definition } from '../definitions.ts'
import type { PoolCore } from '../pool-core.ts'
import type { Meter } from '../progress/meter.ts'
import { SPREAD, TASK_MAP, TASK_STREAM } from '../protocol.ts'
import { mayBeRetried, type TaskSettings } from '../tasks/task-options.ts'
import { InputReader } from './input-reader.ts'
import { type ChunkUse, ItemChunk } from './item-chunk.ts'
import type { StreamInlet, StreamSource } from './result-stream.ts'

export interface ImapSettings {
  readonly definition: Definition
  readonly callSite: CallSite
  readonly sizes: ChunkSizes
  /** Undefined: so many chunks a worker as keep it busy, 16 or more. */
  readonly maxPending: number | undefined
  readonly isOrdered: boolean
  /** Each item is a list of arguments. */
  readonly isSpread: boolean
  /** Results wait for their reader, however many they are: what is bounded is only what is under way. */
  readonly isEager: boolean
  /** When the reader wants no more, what runs goes on, and only what no worker has is dropped. */
  readonly letsFinish: boolean
  readonly task: TaskSettings
  /** Null: nobody wants to see how far it is. */
  readonly meter: Meter | null
}

/** Items are read on when this part of what may be pending is free, in bits: what is sent together costs little more than one. */
const ROOM_TOGETHER = 3

export class ImapRun<R> implements StreamSource {
  readonly #core: PoolCore
  readonly #settings: ImapSettings
  readonly #inlet: StreamInlet<R>
  readonly #input: InputReader
  /** In the order of the input. */
  readonly #chunks = new Set<ItemChunk<R>>()
  /** An item that may be tried again has no outcome before its task has. */
  readonly #isWhole: boolean
  readonly #use: ChunkUse<R>
  #taken = 0
  #inputEnded = false
  #isOver = false
  readonly #inputDone: () => void

  constructor(core: PoolCore, items: Items<unknown>, settings: ImapSettings, inlet: StreamInlet<R>) {
    this.#core = core
    this.#settings = settings
    this.#inlet = inlet
    this.#isWhole = mayBeRetried(settings.task)
    this.#use = {
      callSite: settings.callSite,
      came: (chunk, outcome) => this.#came(chunk, outcome),
      succeeded: (chunk, values, time) => this.#succeeded(chunk, values, time),
      failed: (chunk, error) => this.#failed(chunk, error),
      late: () => this.#inlet.late?.(),
    }
    this.#input = new InputReader(items, core.jobs, {
      room: () => this.#limit - this.#taken,
      worthwhile: () => this.#limit >> ROOM_TOGETHER,
      chunkSize: () => Math.min(settings.sizes.next(), this.#limit),
      isWhole: settings.sizes.isFixed,
      chunk: chunk => this.#send(chunk),
      end: failure => this.#endInput(failure),
    })
    settings.definition.hold()
    this.#inputDone = core.openInput(error => this.fail(error))
    this.#input.wake()
  }

  onTaken(): void {
    if (!this.#settings.isEager) this.#makeRoom()
  }

  /** For who blocks this thread: shows how far it is. */
  tick(): void {
    this.#settings.meter?.tick()
  }

  /** @throws what the input says to that; or returns a promise for it */
  stop(): unknown {
    this.#drop(undefined, this.#settings)
    return this.#input.stop()
  }

  /** Nothing more can come: what is under way is called off, unless it is to be let finish, and the reader hears why. */
  fail(error: unknown, ending = { letsFinish: false }): void {
    if (this.#isOver) return
    this.#drop({ error }, ending)
    this.#stopInput()
  }

  /** Nothing more is read: the reader hears why, once it has had the results of what was read before. */
  endInput(error: unknown): void {
    if (this.#isOver || this.#inputEnded) return
    this.#stopInput()
    this.#endInput({ error })
  }

  /** Drops what no worker has: each of those items fails with this in its turn. */
  failWaiting(error: unknown): void {
    for (const chunk of [...this.#chunks]) {
      if (chunk.task !== null && !chunk.isComplete && this.#core.withdraw(chunk.task)) this.#failed(chunk, error)
    }
  }

  #drop(last: Outcome<R> | undefined, { letsFinish }: { readonly letsFinish: boolean }): void {
    const tasks = [...this.#chunks].map(({ task }) => task)
    this.#finish(last)
    for (const task of tasks) {
      if (task === null) continue
      if (letsFinish) this.#core.withdraw(task)
      else this.#core.callOff(task)
    }
  }

  /** What the input says to that concerns nobody any more. It may be in the middle of its `next()`. */
  #stopInput(): void {
    const stop = async (): Promise<unknown> => this.#input.stop()
    this.#core.jobs.add(() => void stop().catch(() => {}))
  }

  #makeRoom(): void {
    this.#taken -= 1
    this.#input.wake()
  }

  get #limit(): number {
    const { maxPending, sizes } = this.#settings
    return maxPending ?? this.#core.settings.processes * sizes.ahead * sizes.next()
  }

  #send(items: readonly unknown[]): void {
    if (this.#inputEnded) return
    this.#taken += items.length
    const chunk = new ItemChunk<R>(items, this.#use)
    this.#chunks.add(chunk)
    this.#submit(chunk)
  }

  #submit(chunk: ItemChunk<R>): void {
    const { definition, isSpread, task } = this.#settings
    const { items } = chunk
    const kind = (this.#isWhole ? TASK_MAP : TASK_STREAM) | (isSpread ? SPREAD : 0)
    try {
      if (this.#core.failure !== null) throw this.#core.failure
      chunk.task = this.#core.submit({ kind, definition, owner: chunk, items: items.length }, items, task, 'items')
    } catch (error) {
      this.#core.jobs.add(() => this.#failed(chunk, error))
    }
  }

  #succeeded(chunk: ItemChunk<R>, values: unknown, time: number): void {
    this.#settings.sizes.learn(chunk.items.length, time)
    if (this.#isWhole) for (const value of values as readonly R[]) this.#came(chunk, { value })
    this.#completed(chunk)
  }

  #came(chunk: ItemChunk<R>, outcome: Outcome<R>): void {
    if (this.#isOver) return
    chunk.came += 1
    this.#count(outcome)
    if (this.#settings.isEager) this.#makeRoom()
    if (!this.#settings.isOrdered || chunk === this.#first) this.#inlet.deliver(outcome)
    else chunk.keep(outcome)
  }

  #count(outcome: Outcome<R>): void {
    const { meter } = this.#settings
    if (meter === null) return
    if (isFailure(outcome)) meter.failed(1)
    else meter.done(1)
    meter.workers(this.#core.workers)
  }

  /** The task failed, and not one of its items: the item it was at has what it failed with, and so have the others if it is all the same to them. */
  #failed(chunk: ItemChunk<R>, error: unknown): void {
    if (this.#isOver || chunk.isComplete) return
    const isOfOneItem = error instanceof WorkerDiedError || error instanceof TimeoutError
    const left = chunk.items.slice(chunk.came + 1)
    if (chunk.came < chunk.items.length) this.#came(chunk, { error })
    if (isOfOneItem && left.length > 0) {
      chunk.items = left
      chunk.came = 0
      this.#submit(chunk)
      return
    }
    for (let missing = left.length; missing > 0; missing -= 1) this.#came(chunk, { error })
    this.#completed(chunk)
  }

  #completed(chunk: ItemChunk<R>): void {
    if (this.#isOver) return
    chunk.isComplete = true
    if (this.#settings.isOrdered) this.#deliverInOrder()
    else this.#chunks.delete(chunk)
    this.#finishIfDone()
  }

  get #first(): ItemChunk<R> | undefined {
    for (const chunk of this.#chunks) return chunk
    return undefined
  }

  /** What is at the front, as far as it has come. */
  #deliverInOrder(): void {
    for (const chunk of this.#chunks) {
      for (const outcome of chunk.takeOutcomes()) this.#inlet.deliver(outcome)
      if (!chunk.isComplete) return
      this.#chunks.delete(chunk)
    }
  }

  /** A failure of the input takes its turn behind the items that came before it. */
  #endInput(failure?: { readonly error: unknown }): void {
    if (this.#inputEnded) return
    this.#inputEnded = true
    if (failure !== undefined && !this.#isOver) {
      const chunk = new ItemChunk<R>([undefined], this.#use)
      this.#taken += 1
      this.#chunks.add(chunk)
      this.#came(chunk, failure)
      this.#completed(chunk)
    }
    this.#finishIfDone()
  }

  #finishIfDone(): void {
    if (this.#inputEnded) this.#inputDone()
    if (this.#inputEnded && this.#chunks.size === 0) this.#finish()
  }

  #finish(last?: Outcome<R>): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#chunks.clear()
    this.#settings.definition.letGo()
    this.#inputDone()
    this.#settings.meter?.end()
    if (last !== undefined) this.#inlet.deliver(last)
    this.#inlet.complete()
  }
}
