// What one call of `wait()` waits for.
import { checkInteger, expected } from '../base/validate.ts'
import { Descriptors } from '../sync/waiting/descriptors.ts'
import { isWaitable, type Readiness, type WaitableObject, waitable } from '../sync/waiting/waitable.ts'
import type { Awaited } from '../sync/waiting/waits.ts'

/** What `wait()` takes: connections, queues, events, semaphores, sentinels of processes, and descriptors as numbers. */
export type Waitable = WaitableObject | number

const MOST_DESCRIPTORS = 0x7fffffff

export class WaitedObjects<W extends Waitable> {
  readonly #given: readonly W[]
  /** Each once. */
  readonly #readiness = new Map<W, Readiness>()
  readonly #descriptors: Descriptors

  /** To be followed by `end`. @throws TypeError, RangeError, ClosedError */
  constructor(objects: Iterable<W>) {
    this.#given = checkIterable(objects)
    try {
      for (const [index, object] of this.#given.entries()) {
        if (!this.#readiness.has(object)) this.#readiness.set(object, readinessOf(object, index))
      }
    } catch (error) {
      this.end()
      throw error
    }
    this.#descriptors = new Descriptors(this.descriptors)
  }

  get all(): Iterable<Readiness> {
    return this.#readiness.values()
  }

  get awaited(): Awaited[] {
    return [...this.all].map(({ awaited }) => awaited).filter(awaited => awaited !== undefined)
  }

  get descriptors(): number[] {
    return [...this.all].map(({ descriptor }) => descriptor).filter(descriptor => descriptor !== undefined)
  }

  /** As poll takes them. */
  get entries(): Int32Array {
    return this.#descriptors.entries
  }

  /** Those that are ready, in the order given. @throws ClosedError, or the system's error for a descriptor that is not open */
  ready(): W[] {
    return this.#look(readiness => readiness.isReady())
  }

  readyWhileBlocked(): W[] {
    return this.#look(readiness => readiness.isReadyWhileBlocked?.() ?? readiness.isReady())
  }

  /** Lets go of what the waiting needed. */
  end(): void {
    for (const readiness of this.all) readiness.end?.()
  }

  #look(isReady: (readiness: Readiness) => boolean): W[] {
    const ready = new Set<W>()
    for (const [object, readiness] of this.#readiness) if (isReady(readiness)) ready.add(object)
    // Afterwards: an object that has been closed says so itself, before its descriptor is missed, or another's.
    const polled = this.#descriptors.ready()
    for (const [object, { descriptor }] of this.#readiness) if (descriptor !== undefined && polled.has(descriptor)) ready.add(object)
    return ready.size === 0 ? [] : this.#given.filter(object => ready.has(object))
  }
}

function checkIterable<W>(objects: unknown): readonly W[] {
  const iterator = (objects as Iterable<W> | null | undefined)?.[Symbol.iterator]
  // A queue or a connection can be iterated, though not by this.
  const hint = isWaitable(objects) ? ', as in wait([it])' : ''
  if (typeof iterator !== 'function') throw new TypeError(expected('objects', `an iterable of what can be waited for${hint}`, objects))
  return [...(objects as Iterable<W>)]
}

function readinessOf(object: unknown, index: number): Readiness {
  const name = `objects[${index}]`
  if (isWaitable(object)) return object[waitable]()
  if (typeof object === 'number') return { descriptor: checkInteger(object, name, 0, MOST_DESCRIPTORS), isReady: () => false }
  throw new TypeError(expected(name, 'a connection, queue, event, semaphore, sentinel or descriptor', object))
}
