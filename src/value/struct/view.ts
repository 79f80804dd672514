// Live views of structs: objects whose properties are the fields in shared memory. Accessors are made once for each field of a
// struct; a view is no more than the memory that it lies in and where it begins there.
import { inspect as INSPECT } from '../../sync/parts/inspection.ts'
import { readScalar, writeScalar } from '../scalars.ts'
import type { BlockHold } from '../value-block.ts'
import { arrayAt, assignField, assignFields, layoutOfView, noteViews, type StructMemory } from './assign.ts'
import type { Field, Layout } from './layout.ts'

/** What the views of all structs are; those of one struct have a prototype of their own, with accessors for its fields. */
export class StructView {
  readonly #memory: StructMemory
  readonly #hold: BlockHold
  readonly #base: number
  #arrays: (Uint8Array | undefined)[] | null = null

  constructor(memory: StructMemory, base: number) {
    this.#memory = memory
    this.#hold = memory.hold
    this.#base = base
  }

  /** `place`: of the field among those of its struct. */
  static accessorOf(field: Field, place: number): PropertyDescriptor {
    const { scalar, layout, length } = field
    if (layout !== null) return StructView.#nestedAccessor(field, layout)
    if (scalar !== null && length === null) return StructView.#scalarAccessor(field, scalar.kind)
    return StructView.#arrayAccessor(field, place)
  }

  static #scalarAccessor({ name, offset }: Field, kind: number): PropertyDescriptor {
    return {
      get(this: StructView) {
        this.#hold.check()
        return readScalar(this.#hold.views, kind, this.#base + offset)
      },
      set(this: StructView, value: unknown) {
        this.#hold.check()
        writeScalar(this.#hold.views, kind, this.#base + offset, value, name)
      },
    }
  }

  static #nestedAccessor(field: Field, layout: Layout): PropertyDescriptor {
    return {
      get(this: StructView) {
        this.#hold.check()
        return viewAt(layout, this.#memory, this.#base + field.offset)
      },
      set(this: StructView, value: unknown) {
        this.#hold.check()
        assignFields(this.#memory, this.#base + field.offset, layout, value, field.name)
      },
    }
  }

  static #arrayAccessor(field: Field, place: number): PropertyDescriptor {
    return {
      get(this: StructView) {
        this.#hold.check()
        this.#arrays ??= []
        this.#arrays[place] ??= arrayAt(this.#memory, this.#base, field)
        return this.#arrays[place]
      },
      set(this: StructView, value: unknown) {
        this.#hold.check()
        assignField(this.#memory, this.#base, field, value)
      },
    }
  }

  /** Where a view is. */
  static placeOf(view: StructView): { memory: StructMemory; base: number } {
    return { memory: view.#memory, base: view.#base }
  }

  [INSPECT](): unknown {
    return this.#hold.isOpen ? this.toJSON() : '{ closed }'
  }

  /** The fields as a plain object. */
  toJSON(): Record<string, unknown> {
    const layout = layoutOfView(this) as Layout
    return Object.fromEntries(layout.fields.map(({ name }) => [name, (this as unknown as Record<string, unknown>)[name]]))
  }
}

const classes = new WeakMap<Layout, typeof StructView>()

function classOf(layout: Layout): typeof StructView {
  const known = classes.get(layout)
  if (known !== undefined) return known
  const made = class extends StructView {}
  // Views are of one class, whatever their struct.
  Reflect.deleteProperty(made.prototype, 'constructor')
  for (const [place, field] of layout.fields.entries()) {
    Object.defineProperty(made.prototype, field.name, { ...StructView.accessorOf(field, place), enumerable: true })
  }
  noteViews(made.prototype, layout)
  classes.set(layout, made)
  return made
}

/** A view of the struct that begins at this byte. */
export function viewAt(layout: Layout, memory: StructMemory, base: number): StructView {
  return new (classOf(layout))(memory, base)
}
