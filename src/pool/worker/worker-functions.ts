// The functions that a worker has been asked to run: imported once, then known by the block that defines them.
import { arena } from '../../memory/arena.ts'
import type { Reference } from '../../memory/segments.ts'
import { readDefinition } from '../definitions.ts'
import { type AnyFunction, importFunction } from '../../wire/function-reference.ts'

interface KnownFunction {
  readonly generation: number
  fn: AnyFunction | null
  readonly importing: Promise<AnyFunction>
}

export class WorkerFunctions {
  readonly #known = new Map<Reference, KnownFunction>()

  /** The function, at once if it was imported before. @throws what its module throws; NotSerializableError if it has no such export */
  get(reference: Reference, generation: number): AnyFunction | Promise<AnyFunction> {
    let known = this.#known.get(reference)
    if (known === undefined || known.generation !== generation) {
      known = this.#import(reference, generation)
      this.#known.set(reference, known)
    }
    return known.fn ?? known.importing
  }

  #import(reference: Reference, generation: number): KnownFunction {
    if (arena().allocator.entries.generationOf(reference) !== generation)
      throw new Error('The definition of a function was freed before its task ran')
    const importing = importFunction(readDefinition(reference))
    const known: KnownFunction = { generation, fn: null, importing }
    importing.then(
      fn => {
        known.fn = fn
      },
      () => {}, // Who awaits `importing` hears of it.
    )
    return known
  }
}
