// One `stream`: a task whose function is iterated in its worker. It runs ahead of the reader by at most `maxPending` items: the worker
// counts what it sends, and what the reader takes is counted in the worker's seat.
import type { CallSite } from '../../base/call-site.ts'
import type { Definition } from '../definitions.ts'
import type { PoolCore, Submitted } from '../pool-core.ts'
import { ANNOUNCED, TASK_GENERATOR } from '../protocol.ts'
import type { TaskPlace } from '../tasks/task.ts'
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
  /** Where it runs, as far as it was heard. */
  #at: (TaskPlace & { readonly seat: Seat }) | null = null
  #taken = 0
  #isOver = false

  /** @throws NotSerializableError; the reason of a signal that is aborted already */
  constructor(core: PoolCore, { definition, args, callSite, maxPending, task }: GeneratorSettings, inlet: StreamInlet<R>) {
    this.#core = core
    this.#inlet = inlet
    const owner = {
      started: (seat: Seat, _moment: number, { id, place }: TaskPlace) => {
        this.#at = { seat, id, place }
        this.#taken = 0
        seat.words.openCredit(place, id)
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
    if (this.#isOver || this.#at === null || this.#at.seat.isGone) return
    const { seat, place, id } = this.#at
    this.#taken += 1
    seat.words.setCredit(place, id, this.#taken)
    seat.wake()
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
