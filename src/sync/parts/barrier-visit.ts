// One wait at a barrier, from its place in the list to its leaving.
import { BrokenBarrierError, MultiprocessingError } from '../../base/errors.ts'
import { arena } from '../../memory/arena.ts'
import { slotOf } from '../../memory/identity.ts'
import type { Reference } from '../../memory/segments.ts'
import { rescue, wakeAll } from '../waiting/listed.ts'
import { ring } from '../waiting/doorbell.ts'
import { type Arrival, arrive, breakBarrier, enterBarrier, leaveBarrier, notArrived, outcomeOf, pass } from '../state/barrier-state.ts'
import type { SharedBlock } from '../state/shared-block.ts'
import { checkOver } from './holding.ts'
import type { Awaited } from '../waiting/waits.ts'

export class BarrierVisit implements Awaited {
  readonly reference: Reference
  readonly generation: number
  /** Who comes last lets the first go. */
  readonly isInOrder = false
  readonly mayOvertake = true
  readonly #handle: SharedBlock
  /** A view of its own: the handle may be closed before this has left. */
  readonly #block: SharedBlock
  readonly #action: (() => void) | undefined
  readonly #place: number
  #arrival: Arrival | null = null
  #turn: number

  /** @throws ClosedError */
  constructor(block: SharedBlock, action: (() => void) | undefined) {
    block.check()
    this.reference = block.reference
    this.generation = block.generation
    this.#handle = block
    this.#block = block.view()
    this.#action = action
    this.#place = enterBarrier(block, arena().me)
    this.#turn = this.#place
    if (this.#place === -1) throw new MultiprocessingError('Too many wait at this barrier', { code: 'ERR_TOO_MANY_WAITS' })
  }

  /** True: all have come. The last one runs the action. @throws BrokenBarrierError, ClosedError, what the action throws */
  attempt(): boolean {
    this.check()
    this.#arrival ??= this.#arrive()
    if (this.#arrival === null) return false
    const outcome = outcomeOf(this.#block, this.#arrival.generation)
    if (outcome === 'broken') throw new BrokenBarrierError()
    return outcome === 'passed'
  }

  get index(): number {
    return (this.#arrival as Arrival).index
  }

  /** It waits no longer, which breaks the barrier for the others, unless all had come by now. @throws `error` */
  giveUp(error: unknown): number {
    if (this.#arrival === null || !this.#block.isOpen) throw error
    if (breakBarrier(this.#block, this.#arrival.generation)) wakeAll(this.#block)
    if (outcomeOf(this.#block, this.#arrival.generation) !== 'passed') throw error
    return this.#arrival.index
  }

  end(): void {
    if (!this.#block.isOpen) return
    leaveBarrier(this.#block, this.#place, arena().me)
    for (const name of notArrived(this.#block)) ring(slotOf(name))
  }

  check(): void {
    this.#handle.check()
  }

  // It is rung by the name in its place.
  enter(): void {}
  leave(): void {}

  rescue(): void {
    // From behind its own place on: so each is looked at by those before it.
    if (this.#block.isOpen) rescue(this.#block, this.#turn)
    this.#turn += 1
  }

  #arrive(): Arrival | null {
    for (;;) {
      const arrival = arrive(this.#block, this.#place)
      if (arrival === 'broken') throw new BrokenBarrierError()
      if (arrival === 'again') {
        wakeAll(this.#block)
        continue
      }
      if (arrival?.acts) this.#act(arrival)
      return arrival
    }
  }

  #act(arrival: Arrival): void {
    // From here on it has arrived, whatever the action does.
    this.#arrival = arrival
    let passed = false
    try {
      checkOver(this.#action?.(), 'action')
      passed = pass(this.#block, arrival.generation)
    } finally {
      if (!passed) breakBarrier(this.#block, arrival.generation)
      wakeAll(this.#block)
    }
  }
}
