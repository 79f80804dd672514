// Where the fields of a struct are: C's alignment. Each field begins at a multiple of its alignment, and the whole is padded to a multiple
// of the largest one, so that structs in an array are aligned as well.
import { RecentMap } from '../../base/recent-map.ts'
import { checkInteger, expected } from '../../base/validate.ts'
import { isScalarType, type Scalar, type ScalarArrays, type ScalarType, type ScalarValue, scalarOf } from '../scalar-types.ts'

/** ctypes.Structure. A field is a scalar type, another struct, or [scalar type, length]. */
export interface StructFields {
  // biome-ignore lint/suspicious/noExplicitAny: a struct of any fields.
  readonly [field: string]: ScalarType | Struct<any> | readonly [type: ScalarType, length: number]
}
export type FieldValue<D> = D extends ScalarType
  ? ScalarValue<D>
  : D extends Struct<infer F>
    ? StructValue<F>
    : D extends readonly [infer S extends ScalarType, number]
      ? ScalarArrays[S]
      : never
export type StructValue<F extends StructFields> = { -readonly [K in keyof F]: FieldValue<F[K]> }

/** What `defineStruct` gives. Two with the same fields are as good as one. */
export class Struct<F extends StructFields = StructFields> {
  /** In their order in memory. */
  readonly fields: F
  /** With padding. */
  readonly byteLength: number

  constructor(fields: F, byteLength: number) {
    this.fields = fields
    this.byteLength = byteLength
    Object.freeze(this)
  }
}

export interface Field {
  readonly name: string
  readonly offset: number
  readonly byteLength: number
  /** One of the two; with a length, an array of scalars. */
  readonly scalar: Scalar | null
  readonly layout: Layout | null
  readonly length: number | null
}

export interface Layout {
  readonly struct: Struct
  readonly byteLength: number
  readonly alignment: number
  readonly fields: readonly Field[]
  readonly byName: ReadonlyMap<string, Field>
  /** Equal for structs with equal fields. */
  readonly key: string
}

/** An object has these in the order of numbers, wherever they stand in the definition. */
const INDEX = /^(0|[1-9]\d*)$/
/** What is a name of every object's: it would not be read, or hide what it is for. */
const TAKEN = new Set(['__proto__', 'constructor', 'prototype'])

const layouts = new WeakMap<object, Layout>()

/**
 * The fields of a record in shared memory, in their order, as C would lay them out: `defineStruct({ x: 'f64', y: 'f64' })`.
 * A field is a scalar type, another struct, or `[type, length]`, an array of scalars.
 * @throws TypeError for what is no field; RangeError for a length that is none
 * @example const Point = defineStruct({ x: 'f64', y: 'f64', tags: ['u8', 4] }); const point = new Value(Point, { x: 1 })
 */
export function defineStruct<const F extends StructFields>(fields: F): Struct<F> {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) throw new TypeError(expected('fields', 'an object', fields))
  const placed: Field[] = []
  const kept: Record<string, unknown> = {}
  let [end, alignment] = [0, 1]
  for (const [name, type] of Object.entries(fields)) {
    checkName(name)
    const { align, ...field } = readField(type, name)
    const offset = roundUp(end, align)
    end = offset + field.byteLength
    if (end > MOST_BYTES) throw new RangeError(expected('fields', `at most ${MOST_BYTES} bytes`, end))
    alignment = Math.max(alignment, align)
    placed.push({ name, offset, ...field })
    kept[name] = Array.isArray(type) ? Object.freeze([...type]) : type
  }
  if (placed.length === 0) throw new TypeError(expected('fields', 'an object with at least one field', fields))
  const struct = new Struct(Object.freeze(kept) as F, roundUp(end, alignment))
  layouts.set(struct, layoutOf(struct as unknown as Struct, placed, alignment))
  return struct
}

/** Offsets are 32 bits wide. */
const MOST_BYTES = 2 ** 31

function checkName(name: string): void {
  if (TAKEN.has(name))
    throw new TypeError(`Expected the names of \`fields\` to be no property of every object, got ${JSON.stringify(name)}`)
  if (!INDEX.test(name)) return
  throw new TypeError(`Expected the names of \`fields\` not to be numbers, which objects put into an order of their own, got "${name}"`)
}

function readField(type: unknown, name: string): Omit<Field, 'name' | 'offset'> & { align: number } {
  if (isScalarType(type)) return scalarField(scalarOf(type, name), null)
  if (Array.isArray(type) && type.length === 2) return scalarField(scalarOf(type[0], `${name}[0]`), checkInteger(type[1], `${name}[1]`, 1))
  const layout = typeof type === 'object' && type !== null ? layouts.get(type) : undefined
  if (layout === undefined) throw new TypeError(expected(name, 'a scalar type, a struct, or [scalar type, length]', type))
  return { byteLength: layout.byteLength, align: layout.alignment, scalar: null, layout, length: null }
}

function scalarField(scalar: Scalar, length: number | null): Omit<Field, 'name' | 'offset'> & { align: number } {
  return { byteLength: scalar.byteLength * (length ?? 1), align: scalar.byteLength, scalar, layout: null, length }
}

function layoutOf(struct: Struct, fields: readonly Field[], alignment: number): Layout {
  const byName = new Map(fields.map(field => [field.name, field]))
  const key = JSON.stringify(fields.map(({ name, scalar, layout, length }) => [name, scalar?.name ?? layout?.key, length]))
  return { struct, byteLength: struct.byteLength, alignment, fields, byName, key }
}

function roundUp(offset: number, alignment: number): number {
  return Math.ceil(offset / alignment) * alignment
}

/** Structs that travelled, by what they are: one that comes again is the same, and so are the accessors of its views. */
const travelled = new RecentMap<string, Struct>(1000)

/** The struct as it is defined here, from the fields of one that was defined elsewhere. */
export function rebuildStruct(fields: StructFields): Struct {
  const made = defineStruct(fields) as Struct
  const { key } = layouts.get(made) as Layout
  const known = travelled.get(key)
  if (known === undefined) travelled.set(key, made)
  return known ?? made
}

/** The fields from which `rebuildStruct` makes it in another process. If it comes back from there, it is this struct. */
export function fieldsToSend(struct: Struct): StructFields {
  travelled.set((layouts.get(struct) as Layout).key, struct)
  return struct.fields
}

/** Null: it is no struct. */
export function structLayout(type: unknown): Layout | null {
  return typeof type === 'object' && type !== null ? (layouts.get(type) ?? null) : null
}
