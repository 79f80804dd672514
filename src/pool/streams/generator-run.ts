// One `stream`: a task whose function is iterated in its worker. It runs ahead of the reader by at most `maxPending` items: the worker
// counts what it sends, and what the reader takes is counted in the worker's seat.
import type { CallSite } from '../../base/call-site.ts'
import type { Definition } from '../definitions.ts'
import type { PoolCore, Submitted } from '../pool-core.ts'
import { ANNOUNCED, TASK_GENERATOR } from '../protocol.ts'
import type { TaskSettings } from '../tasks/task-options.ts'
import type { Seat } from '../workforce/seat.ts'
import type { StreamInlet, StreamSource } from './result-stream.ts'

export interface GeneratorSettings {
  readonly definition: Definition
  readonly args: readonly unknown[]
  readonly callSite: CallSite
  readonly maxPending: number
  readonly task: TaskSettings
}

export class GeneratorRun<R> implements StreamSource {
  readonly #core: PoolCore
  readonly #inlet: StreamInlet<R>
  readonly #task: Submitted
  /** Its place is its own until its end has arrived, or a little longer. */
  #at: { readonly seat: Seat; readonly place: number } | null = null
  #isOver = false

  /** @throws NotSerializableError; the reason of a signal that is aborted already */
  constructor(core: PoolCore, { definition, args, callSite, maxPending, task }: GeneratorSettings, inlet: StreamInlet<R>) {
    this.#core = core
    this.#inlet = inlet
    const owner = {
      started: (seat: Seat, _moment: number, place: number) => {
        this.#at = { seat, place }
      },
      item: (value: unknown) => inlet.deliver({ value: value as R }),
      itemFailed: (error: unknown) => inlet.deliver({ error }),
      succeed: () => this.#end(),
      fail: (error: unknown) => {
        inlet.deliver({ error })
        this.#end()
      },
      callSite,
    }
    const kind = TASK_GENERATOR | ANNOUNCED
    this.#task = core.submit({ kind, definition, owner, items: 1 }, [maxPending, args], task, 'args')
  }

  onTaken(): void {
    if (this.#isOver || this.#at === null) return
    this.#at.seat.words.giveCredit(this.#at.place, 1)
    this.#at.seat.wake()
  }

  stop(): void {
    if (this.#isOver) return
    this.#end()
    this.#core.callOff(this.#task)
  }

  #end(): void {
    this.#isOver = true
    this.#inlet.complete()
  }
}
