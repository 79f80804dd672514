// How a task is called off. One that no worker has is dropped. One that runs is told through its worker's seat; if it has asked for its
// signal, it has a while to heed it. If it has not, or does not, its worker is stopped: at once, if it can have nothing else in hand;
// otherwise it takes no more tasks, ends when the others have ended, and is stopped at once only if its event loop does not turn.
//
// Between a worker's taking a task and its being named in the seat nobody can be told. It is tried again, and when a task says that it
// begins (ANNOUNCED).
import { deadlineAfter } from '../../base/deadline.ts'
import type { Seat } from '../workforce/seat.ts'
import type { Alarms } from './alarms.ts'
import type { Dispatcher } from './dispatcher.ts'
import type { Task } from './task.ts'

/** ms in which a task that has its signal may end by itself. */
const HEED = 1000
/** ms in which a worker with other tasks says that its event loop turns. */
const ANSWER = 500
/** ms until a worker that has just taken a task has named it. */
const NAMED = 2
/** Between SIGTERM and SIGKILL. */
export const GRACE = 500

export class Stopping {
  readonly #dispatcher: Dispatcher
  readonly #alarms: Alarms
  readonly #onRetire: () => void

  constructor(dispatcher: Dispatcher, alarms: Alarms, onRetire: () => void) {
    this.#dispatcher = dispatcher
    this.#alarms = alarms
    this.#onRetire = onRetire
  }

  /** Drops the task or stops it; its owner hears nothing more. `error`: what it is said to have failed with. */
  callOff(id: number, reason: number, error?: unknown): void {
    if (this.#dispatcher.withdraw(id, error)) return
    this.#dispatcher.abandon(id, reason, error)
    this.#tell(id, reason)
  }

  /** A worker says that it has begun with a task that has been called off meanwhile. */
  begun({ id, calledOff }: Task): void {
    this.#tell(id, calledOff)
  }

  /** Stops a worker: soon, and then for certain. */
  stop(seat: Seat): void {
    seat.signal('SIGTERM')
    this.#alarms.set(deadlineAfter(GRACE), () => seat.signal('SIGKILL')) // Nothing, if it has ended.
  }

  #tell(id: number, reason: number): void {
    const at = this.#dispatcher.placeOf(id)
    if (at === null) {
      if (this.#dispatcher.has(id)) this.#alarms.set(deadlineAfter(NAMED), () => this.#tell(id, reason))
      return
    }
    const { seat, place } = at
    seat.words.cancel(place, id, reason)
    seat.wake()
    if (!seat.words.listens(place, id)) this.#stopTask(seat, id)
    else this.#alarms.set(deadlineAfter(HEED), () => this.#stopTask(seat, id))
  }

  #stopTask(seat: Seat, id: number): void {
    const place = seat.isGone ? null : seat.words.placeOf(id)
    if (place === null) return // It has ended.
    if (seat.words.places === 1) {
      if (seat.words.doom(place, id)) this.stop(seat)
      return
    }
    seat.words.giveUp(place, id)
    const retired = seat.words.retire()
    seat.wake()
    this.#onRetire()
    this.#alarms.set(deadlineAfter(ANSWER), () => {
      if (!seat.isGone && !seat.words.hasAnswered(retired)) this.stop(seat)
    })
  }
}
