// Structs one behind the other in shared memory.
import { checkInteger } from '../../base/validate.ts'
import { inspect as INSPECT } from '../../sync/parts/inspection.ts'
import type { Closable } from '../../sync/parts/shared-object.ts'
import type { BlockLock } from '../lock-option.ts'
import { type BlockName, BlockHold, ValueBlock } from '../value-block.ts'
import { bufferOf } from '../shared-buffers.ts'
import { assignFields, type StructMemory } from './assign.ts'
import type { Layout } from './layout.ts'
import { type StructView, viewAt } from './view.ts'

/** An array of structs in shared memory. Made by `new SharedArray(struct, …)` and `new RawArray(struct, …)`. */
export interface StructArray<T> extends Iterable<T>, Closable {
  /** A live view; -1 is the last. @throws RangeError outside, ClosedError */
  at(index: number): T
  /** Writes the fields that are given. @throws RangeError outside, or for what does not fit: then nothing is written; TypeError; ClosedError */
  set(index: number, value: Partial<T>): void
  readonly length: number
}

/** What stands for one in a message. */
export interface StructArrayParts {
  readonly layout: Layout
  readonly block: BlockName
  readonly lock: BlockLock | null
}

/** So many structs are shown. */
const MOST_SHOWN = 100

let parts: (array: StructArrayObject) => StructArrayParts

/** The class behind the interface. */
export class StructArrayObject {
  readonly #layout: Layout
  readonly #memory: StructMemory
  readonly #length: number

  constructor({ layout, block, lock }: StructArrayParts) {
    this.#layout = layout
    const shared = bufferOf(block instanceof ValueBlock ? block : new ValueBlock(block), { lock, isOfStructs: true })
    this.#memory = { hold: new BlockHold(shared.block, shared.views), shared }
    this.#length = block.byteLength / layout.byteLength
  }

  get length(): number {
    this.#memory.hold.check()
    return this.#length
  }

  at(index: number): StructView {
    return viewAt(this.#layout, this.#memory, this.#offsetOf(index))
  }

  set(index: number, value: unknown): void {
    assignFields(this.#memory, this.#offsetOf(index), this.#layout, value, 'value')
  }

  #offsetOf(index: number): number {
    this.#memory.hold.check()
    const length = this.#length
    // In most cases.
    if (Number.isInteger(index) && index >= 0 && index < length) return index * this.#layout.byteLength
    checkInteger(index, 'index', -length, length - 1)
    return (index + length) * this.#layout.byteLength
  }

  *[Symbol.iterator](): IterableIterator<StructView> {
    for (let index = 0; index < this.length; index += 1) yield this.at(index)
  }

  get closed(): boolean {
    return !this.#memory.hold.isOpen
  }

  close(): void {
    const { hold, shared } = this.#memory
    if (!hold.isOpen) return
    hold.end()
    if (hold.block.isMine) shared.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  [INSPECT](_depth: number, options: object, inspect: (value: unknown, options: object) => string): string {
    if (this.closed) return 'StructArray { closed }'
    const shown: unknown[] = []
    for (let index = 0; index < this.#length && index < MOST_SHOWN; index += 1) shown.push(this.at(index))
    if (this.#length > MOST_SHOWN) shown.length = this.#length
    return `StructArray(${this.#length}) ${inspect(shown, options)}`
  }

  static {
    Object.defineProperty(StructArrayObject, 'name', { value: 'StructArray', configurable: true })
    parts = array => {
      array.#memory.hold.check()
      return { layout: array.#layout, block: array.#memory.hold.block, lock: array.#memory.shared.lock }
    }
  }
}

/** @throws ClosedError */
export function partsOfStructArray(array: StructArrayObject): StructArrayParts {
  return parts(array)
}
