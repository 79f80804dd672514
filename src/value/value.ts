// Python's Value and RawValue: one value in shared memory, with a lock and without.
import type { Lock } from '../sync/lock.ts'
import { inspect as INSPECT } from '../sync/parts/inspection.ts'
import type { Closable } from '../sync/parts/shared-object.ts'
import type { RLock } from '../sync/rlock.ts'
import { Cell, type CellType } from './cell.ts'
import { type BlockLock, closeOwn, type LockOption, lockFor } from './lock-option.ts'
import type { ScalarType, ScalarValue } from './scalar-types.ts'
import { type BlockName, ValueBlock } from './value-block.ts'
import type { Struct, StructFields, StructValue } from './struct/layout.ts'

/**
 * One value in shared memory, without a lock.
 *
 * Crash safety: it belongs to the tree of processes; a process that dies leaves the value as it last wrote it.
 */
export interface RawValue<T> extends Closable {
  /**
   * A struct's is a live view: `point.value.x = 1` writes to shared memory.
   * @throws RangeError for what does not fit, TypeError for another type, ClosedError
   */
  value: T
}

/** One value in shared memory, and the lock that guards it. Reading and writing does not take the lock: `value.lock.run(() => …)` does. */
export interface Value<T> extends RawValue<T> {
  /** @throws TypeError if it was made with `lock: false` */
  readonly lock: Lock | RLock
  /**
   * Adds in one atomic step, without the lock, and returns the value before.
   * @throws RangeError when the sum does not fit; TypeError for a struct or a flag; ClosedError. Nothing changes then.
   */
  add(n: T & (number | bigint)): T
}

export interface RawValueConstructor {
  /** Zero unless there is an initial value. @throws TypeError for what is no type, RangeError for an initial value that does not fit */
  new <S extends ScalarType>(type: S, initial?: ScalarValue<S>): RawValue<ScalarValue<S>>
  new <F extends StructFields>(type: Struct<F>, initial?: Partial<StructValue<F>>): RawValue<StructValue<F>>
}

export interface ValueConstructor {
  /** Zero unless there is an initial value. @throws TypeError for what is no type or lock, RangeError for an initial value that does not fit */
  new <S extends ScalarType>(type: S, initial?: ScalarValue<S>, options?: LockOption): Value<ScalarValue<S>>
  new <F extends StructFields>(type: Struct<F>, initial?: Partial<StructValue<F>>, options?: LockOption): Value<StructValue<F>>
}

/** What stands for a value in a message. */
export interface ValueParts {
  readonly type: CellType
  readonly block: BlockName
  readonly lock: BlockLock | null
}

let partsOfRaw: (value: object) => ValueParts
let partsOfLocked: (value: object) => ValueParts

class RawValueObject {
  readonly #cell: Cell

  /** From a message there is a cell already. */
  constructor(type: unknown, initial?: unknown) {
    this.#cell = type instanceof Cell ? type : Cell.create(type, initial)
  }

  get value(): unknown {
    return this.#cell.read()
  }

  set value(value: unknown) {
    this.#cell.write(value)
  }

  get closed(): boolean {
    return !this.#cell.isOpen
  }

  close(): void {
    this.#cell.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  [INSPECT](_depth: number, options: object, inspect: Inspect): string {
    return `RawValue ${this.#cell.picture(shown => inspect(shown, options))}`
  }

  static {
    partsOfRaw = value => ({ type: (value as RawValueObject).#cell.type, block: (value as RawValueObject).#cell.name(), lock: null })
  }
}

class ValueObject {
  readonly #cell: Cell
  readonly #lock: BlockLock | null

  /** From a message there are a cell and a lock already. */
  constructor(type: unknown, initial?: unknown, options?: unknown) {
    const isMade = type instanceof Cell
    this.#lock = isMade ? (options as BlockLock | null) : lockFor(options)
    try {
      this.#cell = isMade ? type : Cell.create(type, initial)
    } catch (error) {
      closeOwn(this.#lock)
      throw error
    }
  }

  get value(): unknown {
    return this.#cell.read()
  }

  set value(value: unknown) {
    this.#cell.write(value)
  }

  add(n: unknown): number | bigint {
    return this.#cell.add(n)
  }

  get lock(): Lock | RLock {
    this.#cell.name()
    if (this.#lock === null) throw new TypeError('Expected a value with a lock, got one that was made with `lock: false`')
    return this.#lock.lock
  }

  get closed(): boolean {
    return !this.#cell.isOpen
  }

  close(): void {
    if (this.#cell.close()) closeOwn(this.#lock)
  }

  [Symbol.dispose](): void {
    this.close()
  }

  [INSPECT](_depth: number, options: object, inspect: Inspect): string {
    return `Value ${this.#cell.picture(shown => inspect(shown, options))}`
  }

  static {
    partsOfLocked = value => {
      const { type } = (value as ValueObject).#cell
      return { type, block: (value as ValueObject).#cell.name(), lock: (value as ValueObject).#lock }
    }
  }
}

type Inspect = (value: unknown, options: object) => string

/**
 * Makes one value in shared memory, without a lock. The types are `i8` to `u64`, `f32`, `f64` and `bool`, Python's codes, and structs.
 * @example const done = new RawValue('bool'); const Point = defineStruct({ x: 'f64', y: 'f64' }); const point = new RawValue(Point, { x: 1 })
 */
export const RawValue: RawValueConstructor = RawValueObject as never
/**
 * Makes one value in shared memory and a lock that guards it: an RLock of its own, unless `lock` says otherwise.
 * @example const hits = new Value('u32'); await pool.map(() => { hits.add(1) }, items); await hits.lock.run(() => { hits.value *= 2 })
 */
export const Value: ValueConstructor = ValueObject as never
for (const [cls, name] of [
  [RawValueObject, 'RawValue'],
  [ValueObject, 'Value'],
] as const) {
  Object.defineProperty(cls, 'name', { value: name, configurable: true })
}

/** Null: it is none, or has none. @throws ClosedError */
export function lockOfValue(value: unknown): Lock | RLock | null {
  return value instanceof ValueObject ? (partsOfLocked(value).lock?.lock ?? null) : null
}

/** @throws ClosedError */
export function partsOfValue(value: object): ValueParts {
  return value instanceof RawValueObject ? partsOfRaw(value) : partsOfLocked(value)
}

/** A RawValue or a Value on the same block. It may have been freed in the meantime: then it is closed. */
export function rawValueFrom({ type, block }: ValueParts): object {
  return new RawValueObject(new Cell(type, new ValueBlock(block)))
}

export function valueFrom({ type, block, lock }: ValueParts): object {
  return new ValueObject(new Cell(type, new ValueBlock(block)), undefined, lock)
}
