// Writing fields of a struct: all are looked at before the first one is written, so that what does not fit changes nothing.
import { expected } from '../../base/validate.ts'
import { BOOL, fits, I64, refuseValue, type Scalar, U64 } from '../scalar-types.ts'
import { writeScalar } from '../scalars.ts'
import type { BlockHold } from '../value-block.ts'
import type { SharedBuffer } from '../shared-buffers.ts'
import type { Field, Layout } from './layout.ts'

/** What structs lie in: the hold on the memory, and the buffer that users have of it. */
export interface StructMemory {
  readonly hold: BlockHold
  readonly shared: SharedBuffer
}

const viewLayouts = new WeakMap<object, Layout>()

/** Views with this prototype are of structs of this layout. */
export function noteViews(prototype: object, layout: Layout): void {
  viewLayouts.set(prototype, layout)
}

/** Null: it is no view of a struct. */
export function layoutOfView(view: object): Layout | null {
  return viewLayouts.get(Object.getPrototypeOf(view) as object) ?? null
}

/**
 * Writes the fields that `values` has, an object or a view of a struct, into the struct at `base`. `path` is how an error calls them.
 * @throws TypeError for a field that the struct has not, or a value of another type; RangeError for one that does not fit
 */
export function assignFields(memory: StructMemory, base: number, layout: Layout, values: unknown, path: string): void {
  checkFields(layout, values, path)
  writeFields(memory, base, layout, values as object, path)
}

/** The same for one field. */
export function assignField(memory: StructMemory, base: number, field: Field, value: unknown): void {
  checkField(field, value, field.name)
  writeField(memory, base, field, value, field.name)
}

/** @throws TypeError, RangeError as `assignFields` does */
export function checkFields(layout: Layout, values: unknown, path: string): void {
  if (typeof values !== 'object' || values === null) throw new TypeError(expected(path, 'an object with fields of the struct', values))
  for (const name of namesOf(values)) {
    const field = layout.byName.get(name)
    if (field === undefined) {
      throw new TypeError(
        `Unknown field \`${name}\` in \`${path}\`; expected ${[...layout.byName.keys()].map(each => `\`${each}\``).join(', ')}`,
      )
    }
    checkField(field, (values as Record<string, unknown>)[name], `${path}.${name}`)
  }
}

/** Own keys of an object; those of a view are its struct's. */
function namesOf(values: object): readonly string[] {
  const layout = layoutOfView(values)
  return layout === null ? Object.keys(values) : [...layout.byName.keys()]
}

function checkField({ scalar, layout, length }: Field, value: unknown, path: string): void {
  if (layout !== null) return checkFields(layout, value, path)
  const { kind } = scalar as Scalar
  if (length !== null) return checkItems(kind, length, value, path)
  if (!fits(kind, value)) refuseValue(kind, value, path)
}

function checkItems(kind: number, length: number, value: unknown, path: string): void {
  const isArray = Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))
  if (!isArray) throw new TypeError(expected(path, 'an array', value))
  const items = value as ArrayLike<unknown>
  if (items.length > length) throw new RangeError(expected(path, `an array of at most ${length} items`, value))
  for (let index = 0; index < items.length; index += 1) {
    if (!fitsArray(kind, items[index])) refuseValue(kind, items[index], `${path}[${index}]`)
  }
}

/** Arrays of flags have 0 and 1 where single ones have false and true. */
function fitsArray(kind: number, item: unknown): boolean {
  return fits(kind, item) || (kind === BOOL && (item === 0 || item === 1))
}

function writeFields(memory: StructMemory, base: number, layout: Layout, values: object, path: string): void {
  for (const name of namesOf(values)) {
    const field = layout.byName.get(name)
    if (field !== undefined) writeField(memory, base, field, (values as Record<string, unknown>)[name], `${path}.${name}`)
  }
}

function writeField(memory: StructMemory, base: number, field: Field, value: unknown, path: string): void {
  const { scalar, layout, length, offset } = field
  if (layout !== null) writeFields(memory, base + offset, layout, value as object, path)
  else if (length === null) writeScalar(memory.hold.views, (scalar as Scalar).kind, base + offset, value, path)
  else writeItems(arrayAt(memory, base, field), (scalar as Scalar).kind, value as ArrayLike<number>)
}

/** Fewer items than the array has are followed by zeros, as in C. */
function writeItems(array: Uint8Array, kind: number, items: ArrayLike<number>): void {
  array.set(kind === BOOL ? Array.from(items, Number) : items)
  array.fill((kind === I64 || kind === U64 ? 0n : 0) as number, items.length)
}

/** The array that a field is, over exactly its bytes. */
export function arrayAt({ shared }: StructMemory, base: number, { scalar, offset, length }: Field): Uint8Array {
  const { array } = scalar as Scalar
  return new array(shared.buffer, base + offset, length as number)
}
