// The functions that a worker has been asked to run: read once, then known by the block that defines them.
import { RecentMap } from '../../base/recent-map.ts'
import { arena } from '../../memory/arena.ts'
import type { Reference } from '../../memory/segments.ts'
import { readDefinition } from '../definitions.ts'
import type { AnyFunction } from '../../wire/function-reference.ts'

interface KnownFunction {
  readonly generation: number
  fn: AnyFunction | Promise<AnyFunction>
}

/** As many as a pool keeps definitions. */
const KEPT = 500

export class WorkerFunctions {
  readonly #known = new RecentMap<Reference, KnownFunction>(KEPT)

  /** The function; a promise if its modules have to be imported first. @throws what they throw */
  get(reference: Reference, generation: number): AnyFunction | Promise<AnyFunction> {
    const known = this.#known.get(reference)
    return known?.generation === generation ? known.fn : this.#read(reference, generation)
  }

  #read(reference: Reference, generation: number): AnyFunction | Promise<AnyFunction> {
    checkThere(reference, generation)
    const known: KnownFunction = { generation, fn: readDefinition(reference) }
    checkThere(reference, generation)
    this.#known.set(reference, known)
    if (!(known.fn instanceof Promise)) return known.fn
    known.fn.then(
      fn => {
        known.fn = fn
      },
      () => this.#known.delete(reference), // What failed may succeed the next time; who awaits it hears of it.
    )
    return known.fn
  }
}

/** Of a task that was dropped meanwhile the definition may be gone, and its block another's. */
export function checkThere(reference: Reference, generation: number): void {
  if (arena().allocator.entries.generationOf(reference) !== generation)
    throw new Error('What the task was to do is gone: it was called off before it ran')
}
