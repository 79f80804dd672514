// The places of a worker for tasks. With one, the task that runs is the one in it; with more, each is known by its chain of calls.
import type { AsyncLocalStorage } from 'node:async_hooks'
import type { SeatWords } from '../workforce/seat-words.ts'
import { Place } from './place.ts'
import { setRunningTask } from './task-signal.ts'

export class Places {
  readonly #free: Place[] = []
  /** With tasks that returned promises. */
  readonly #kept = new Set<Place>()
  readonly #chains: AsyncLocalStorage<Place> | null
  /** The only one, while there is a task in it. */
  #current: Place | undefined

  constructor(seat: SeatWords) {
    for (let number = seat.places - 1; number >= 0; number -= 1) this.#free.push(new Place(seat, number))
    // Loaded only where it is needed: it makes every await dearer.
    this.#chains = seat.places > 1 ? new (process.getBuiltinModule('node:async_hooks').AsyncLocalStorage)<Place>() : null
    setRunningTask(() => (this.#chains === null ? this.#current : this.#chains.getStore()))
  }

  /** One that has no task; it is taken by `keep`. */
  free(): Place | undefined {
    return this.#free.at(-1)
  }

  run<T>(place: Place, body: () => T): T {
    if (this.#chains !== null) return this.#chains.run(place, body)
    this.#current = place
    return body()
  }

  /** The task in it goes on. */
  keep(place: Place): void {
    this.#free.pop()
    this.#kept.add(place)
  }

  /** The task in it has ended. False: this worker is being stopped for it. */
  end(place: Place): boolean {
    this.#current = undefined
    if (this.#kept.delete(place)) this.#free.push(place)
    return place.letGo()
  }

  get running(): number {
    return this.#kept.size
  }

  /** Somebody waits for one of the tasks in hand. */
  get isNeeded(): boolean {
    for (const place of this.#kept) if (!place.isGivenUp) return true
    return false
  }

  /** The pool may have said something to tasks in hand. */
  look(): void {
    for (const place of [...this.#kept]) place.look()
  }
}
