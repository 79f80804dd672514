// One value in shared memory, of a scalar type or a struct: what Value and RawValue stand on.
import { granuleOf, segmentOf } from '../memory/segments.ts'
import { GRANULE_BYTES } from '../memory/layout.ts'
import { addScalar, readScalar, writeScalar } from './scalars.ts'
import { fits, refuseValue, type Scalar, scalarOf } from './scalar-types.ts'
import { type BlockName, BlockHold, ValueBlock, segmentViews } from './value-block.ts'
import { bufferOf } from './shared-buffers.ts'
import { assignFields, checkFields, type StructMemory } from './struct/assign.ts'
import { type Layout, structLayout } from './struct/layout.ts'
import { type StructView, viewAt } from './struct/view.ts'

/** What a cell is of. */
export type CellType = Scalar | Layout

export function cellTypeOf(type: unknown): CellType {
  return structLayout(type) ?? scalarOf(type, 'type')
}

const STRUCT = -1
const STRUCT_FACTS = { lock: null, isOfStructs: true }

export class Cell {
  readonly type: CellType
  readonly #hold: BlockHold
  readonly #kind: number
  readonly #offset: number
  readonly #memory: StructMemory | null
  readonly #view: StructView | null

  /** The cell in a block that is there, or was. */
  constructor(type: CellType, block: ValueBlock) {
    this.type = type
    if ('struct' in type) {
      const shared = bufferOf(block, STRUCT_FACTS)
      this.#hold = new BlockHold(block, shared.views)
      this.#kind = STRUCT
      this.#offset = 0
      this.#memory = { hold: this.#hold, shared }
      this.#view = viewAt(type, this.#memory, 0)
    } else {
      this.#hold = new BlockHold(block, segmentViews(segmentOf(block.reference)))
      this.#kind = type.kind
      this.#offset = granuleOf(block.reference) * GRANULE_BYTES
      this.#memory = null
      this.#view = null
    }
  }

  /** A new cell; zero unless there is an initial value. @throws TypeError, RangeError */
  static create(type: unknown, initial: unknown): Cell {
    const cellType = cellTypeOf(type)
    // Before there is a block that somebody would have to free.
    if (initial !== undefined) checkInitial(cellType, initial)
    const cell = new Cell(cellType, ValueBlock.create(cellType.byteLength))
    if (initial !== undefined) cell.write(initial)
    return cell
  }

  read(): unknown {
    const hold = this.#hold
    hold.check()
    return this.#view ?? readScalar(hold.views, this.#kind, this.#offset)
  }

  write(value: unknown): void {
    const hold = this.#hold
    hold.check()
    if (this.#kind !== STRUCT) writeScalar(hold.views, this.#kind, this.#offset, value, 'value')
    else assignFields(this.#memory as StructMemory, 0, this.type as Layout, value, 'value')
  }

  add(n: unknown): number | bigint {
    this.#hold.check()
    if (this.#kind === STRUCT) throw new TypeError('Expected the value to be a number, got a struct: add to its fields under the lock')
    return addScalar(this.#hold.views, this.#kind, this.#offset, n)
  }

  get isOpen(): boolean {
    return this.#hold.isOpen
  }

  /** Where it is, for a message. @throws ClosedError */
  name(): BlockName {
    this.#hold.check()
    return this.#hold.block
  }

  /** True: this thread made it, so that it is free now; perhaps it was already. */
  close(): boolean {
    const { block } = this.#hold
    this.#hold.end()
    if (block.isMine && this.#memory !== null) this.#memory.shared.close()
    else block.free()
    return block.isMine
  }

  /** As `inspect` shows it. */
  picture(inspect: (value: unknown) => string): string {
    if (!this.isOpen) return '{ closed }'
    return inspect('struct' in this.type ? { struct: this.read() } : { [this.type.name]: this.read() })
  }
}

function checkInitial(type: CellType, initial: unknown): void {
  if ('struct' in type) checkFields(type, initial, 'initial')
  else if (!fits(type.kind, initial)) refuseValue(type.kind, initial, 'initial')
}
