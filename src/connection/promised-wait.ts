// A call of `wait()` on the event loop: wherever one of its objects may become ready it has something that calls it, until it is over.
import { atFork } from '../base/at-fork.ts'
import { atDeadline, deadlineAfter } from '../base/deadline.ts'
import type { ReadWaitOptions } from '../base/wait-options.ts'
import { native } from '../native/load.ts'
import { onAbort } from '../sync/waiting/aborts.ts'
import { attemptWhenRung } from '../sync/waiting/any-of.ts'
import { doorbell } from '../sync/waiting/doorbell.ts'
import type { Readiness } from '../sync/waiting/waitable.ts'
import type { Waitable, WaitedObjects } from './waited-objects.ts'

/** `pollWatch`'s word for what can be read. */
const TO_READ = 1

/** How many forks made this process: what its parent waited for, it does not. */
let generation = 0
atFork({
  inChild() {
    generation += 1
  },
})

/** Settles with those that are ready, once there are some, or with none when the time is up. Holds the event loop open. */
export function untilReady<W extends Waitable>(waited: WaitedObjects<W>, { timeout, signal }: ReadWaitOptions): Promise<W[]> {
  return new Promise((resolve, reject) => {
    const wait = new PromisedWait(waited, resolve, reject)
    try {
      wait.begin()
      wait.undoAtEnd(onAbort(signal, () => wait.fail(signal?.reason)))
      wait.undoAtEnd(atDeadline(deadlineAfter(timeout), () => wait.timeIsUp()))
      wait.look()
    } catch (error) {
      wait.fail(error)
    }
  })
}

class PromisedWait<W extends Waitable> {
  readonly #waited: WaitedObjects<W>
  readonly #resolve: (ready: W[]) => void
  readonly #reject: (error: unknown) => void
  readonly #undo: (() => void)[] = []
  readonly #generation = generation
  #isOver = false

  constructor(waited: WaitedObjects<W>, resolve: (ready: W[]) => void, reject: (error: unknown) => void) {
    this.#waited = waited
    this.#resolve = resolve
    this.#reject = reject
  }

  begin(): void {
    doorbell().hold()
    this.undoAtEnd(() => doorbell().letGo())
    for (const readiness of this.#waited.all) this.#hear(readiness)
    for (const descriptor of new Set(this.#waited.descriptors)) this.#watch(descriptor)
  }

  undoAtEnd(undo: () => void): void {
    if (this.#isOver) undo()
    else this.#undo.push(undo)
  }

  /** True: it is over, and was perhaps before. */
  look(): boolean {
    if (this.#isPast()) return true
    try {
      const ready = this.#waited.ready()
      // Looking may have told of an end, and so have ended this.
      if (ready.length > 0) this.#end(() => this.#resolve(ready))
    } catch (error) {
      this.fail(error)
    }
    return this.#isOver
  }

  timeIsUp(): void {
    if (!this.look()) this.#end(() => this.#resolve([]))
  }

  fail(error: unknown): void {
    if (!this.#isPast()) this.#end(() => this.#reject(error))
  }

  #hear({ awaited, isReady, onChange }: Readiness): void {
    const attempt = (): boolean => this.#isPast() || (isReady() && this.look())
    if (awaited !== undefined) this.undoAtEnd(attemptWhenRung(awaited, attempt, error => this.fail(error)))
    if (onChange !== undefined) this.undoAtEnd(onChange(() => this.look()))
  }

  #watch(descriptor: number): void {
    const watch = native().pollWatch(descriptor, () => this.look())
    this.undoAtEnd(() => watch.close())
    watch.wait(TO_READ)
  }

  #isPast(): boolean {
    return this.#isOver || this.#generation !== generation
  }

  #end(settle: () => void): void {
    if (this.#isOver) return
    this.#isOver = true
    for (const undo of this.#undo) undo()
    settle()
  }
}
