// Everything that is neither data of JSON nor a function, on its way out: what the language and Node.js build in, errors, instances
// of classes. Each built-in kind is a base: it has a tag, and an instance of a class that extends it is the class and the same bytes.
import * as types from 'node:util/types'
import type { AnyFunction } from '../function-reference.ts'
import { type Registration, rebuild, reduce, registrationOf } from '../classes.ts'
import { nameOfIntrinsic } from '../modules/well-known.ts'
import { type Attachment, HANDLE_BYTES, type ValueWriter } from './capability.ts'
import { EntryStep, IS_ITEM, IS_KEY, isNative, nativeRefusal, refusalOfClass, refusalOfKind } from './refusals.ts'
import type { Output } from './output.ts'
import {
  BYTES_ATTACHED,
  BYTES_INLINE,
  BYTES_SHARED,
  CLASS_HOOK,
  CLASS_NAMED,
  CLASS_SENT,
  KIND_ARRAY_BUFFER,
  KIND_BUFFER,
  KIND_DATA_VIEW,
  KNOWN_ERRORS,
  LANGUAGE_ERRORS,
  MATCH_KEYS,
  TAG_ARRAY,
  TAG_BOXED,
  TAG_DATE,
  TAG_DOM_EXCEPTION,
  TAG_ERROR,
  TAG_INSTANCE,
  TAG_MAP,
  TAG_MATCH_ARRAY,
  TAG_PLAIN_BASE,
  TAG_REDUCED,
  TAG_REGEXP,
  TAG_SET,
  TAG_TYPED_ARRAY,
  TAG_URL,
  TAG_URL_SEARCH_PARAMS,
  TYPED_ARRAYS,
} from './tags.ts'

/** So many bytes and more are put into a block beside the message, if there can be one. */
const LARGE_BYTES = 64 * 1024

/** The encoder as this file sees it. */
export interface RichWriter extends ValueWriter {
  readonly output: Output
  readonly attachments: Attachment[]
  /** An array that may be what RegExp.prototype.exec gave. */
  array(items: readonly unknown[]): void
  /** An array, whatever else it is. */
  items(items: readonly unknown[]): void
  /** The properties with these keys, as a plain object. */
  properties(value: object, keys: readonly string[]): void
  /** Writes what every process has under a name of its own; false: it is nothing like that. */
  known(value: object): boolean
  /** Runs `write`, during which the value that is being written must not come again. */
  reducing(write: () => void): void
}

/** What a value is underneath, whatever class it is of. */
interface Base {
  readonly tag: number
  /** Told by its insides: a prototype can be anybody's. */
  isIt(value: object): boolean
  /** A byte that goes in front of the class: which error, which typed array. */
  detail(value: object): number
  write(writer: RichWriter, value: never): void
}

const none = (): number => 0

// What the language says of a value, and not what a class that extends its class makes of the same name.
const { getTime: timeOf } = Date.prototype
const sourceOf = getterOf<string>(RegExp.prototype, 'source')
const flagsOf = getterOf<string>(RegExp.prototype, 'flags')

function getterOf<T>(prototype: object, name: string): (this: unknown) => T {
  return Object.getOwnPropertyDescriptor(prototype, name)?.get as (this: unknown) => T
}

const BASES: readonly Base[] = [
  { tag: TAG_ARRAY, isIt: Array.isArray, detail: none, write: (writer, value: readonly unknown[]) => writer.items(value) },
  { tag: TAG_MAP, isIt: types.isMap, detail: none, write: writeMap },
  { tag: TAG_SET, isIt: types.isSet, detail: none, write: writeSet },
  { tag: TAG_DATE, isIt: types.isDate, detail: none, write: (writer, value: Date) => writer.output.float(timeOf.call(value)) },
  { tag: TAG_REGEXP, isIt: types.isRegExp, detail: none, write: writeRegExp },
  {
    tag: TAG_ERROR,
    isIt: value => (types.isNativeError(value) || value instanceof Error) && !(value instanceof DOMException),
    detail: errorNumber,
    write: writeError,
  },
  { tag: TAG_TYPED_ARRAY, isIt: value => ArrayBuffer.isView(value) || types.isArrayBuffer(value), detail: bytesKind, write: writeBytes },
  { tag: TAG_BOXED, isIt: types.isBoxedPrimitive, detail: none, write: writeBoxed },
  { tag: TAG_URL, isIt: value => value instanceof URL, detail: none, write: (writer, value: URL) => writer.string(value.href) },
  {
    tag: TAG_URL_SEARCH_PARAMS,
    isIt: value => value instanceof URLSearchParams,
    detail: none,
    write: (writer, value: URLSearchParams) => writer.string(value.toString()),
  },
  { tag: TAG_DOM_EXCEPTION, isIt: value => value instanceof DOMException, detail: none, write: writeDomException },
]

const PLAIN: Base = { tag: TAG_PLAIN_BASE, isIt: () => true, detail: none, write: () => undefined }

let builtIn: Set<object> | null = null

/** Classes whose direct instances are their base and nothing more. Listed late: Node loads some of them when they are first named. */
function isBuiltIn(cls: object): boolean {
  builtIn ??= new Set<object>([
    ...[Array, Map, Set, Date, RegExp, ArrayBuffer, DataView, Buffer, URL, URLSearchParams, DOMException],
    ...[Number, String, Boolean, BigInt, Symbol],
    ...TYPED_ARRAYS.filter(each => each !== undefined),
    ...KNOWN_ERRORS,
  ])
  return builtIn.has(cls)
}

/** Any object that is neither a plain one nor an array. */
export function writeOther(writer: RichWriter, value: object): void {
  // What bundlers make of a CommonJS module that exports a class: an object that inherits from what the class does.
  if (inheritsFromClass(value)) return writer.properties(value, Object.keys(value))
  const cls = classOf(value)
  if (cls !== null && isBuiltIn(cls)) return writeBuiltIn(writer, value, cls)
  const registration = cls === null ? null : registrationOf(cls)
  const own: unknown = (value as Record<symbol, unknown>)[reduce]
  if (registration?.reduce != null || typeof own === 'function') return writeReduced(writer, value, cls, registration)
  const refusal = refusalOfKind(value)
  if ((refusal !== null || cls === null || isNative(cls)) && writer.known(value)) return
  if (refusal !== null) writer.refuse(refusal)
  if (cls === null) writer.refuse('an object whose prototype belongs to no class cannot travel: send a plain object, or one of a class')
  // Bundlers make objects with the prototype of a function of CommonJS modules that export one.
  if (isNative(cls) && cls !== Function) return writeOfOtherRealm(writer, value, cls)
  writeInstance(writer, value, cls, registration)
}

function inheritsFromClass(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return typeof prototype === 'function' && prototype !== Function.prototype
}

/** The class whose prototype the value has; null: there is none. */
function classOf(value: object): AnyFunction | null {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === null) return null
  const cls: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value
  return typeof cls === 'function' && cls.prototype === prototype ? (cls as AnyFunction) : null
}

function baseOf(value: object): Base {
  return BASES.find(base => base.isIt(value)) ?? PLAIN
}

function writeBuiltIn(writer: RichWriter, value: object, cls: AnyFunction): void {
  if (types.isProxy(value)) writer.refuse(refusalOfKind(value) as string)
  const base = baseOf(value)
  if (base === PLAIN) writer.refuse(`an object with the prototype of ${cls.name}, which it is not, cannot travel`)
  writer.byte(base.tag)
  const detail = base.detail(value)
  if (base.tag === TAG_ERROR || base.tag === TAG_TYPED_ARRAY) writer.byte(detail)
  base.write(writer, value as never)
}

/** A built-in class of another realm, as node:vm makes them, is taken for this one's. */
function writeOfOtherRealm(writer: RichWriter, value: object, cls: AnyFunction): void {
  if (cls.name === 'Object') return writer.properties(value, Object.keys(value))
  const base = baseOf(value)
  const mine: unknown = (globalThis as Record<string, unknown>)[cls.name]
  if (base === PLAIN || typeof mine !== 'function' || mine === cls) writer.refuse(nativeRefusal(cls.name, "the language's"))
  if (base.tag === TAG_ARRAY) return writer.array(value as unknown[])
  writeBuiltIn(writer, value, mine as AnyFunction)
}

// ---- instances of classes

function writeInstance(writer: RichWriter, value: object, cls: AnyFunction, registration: Registration | null): void {
  const base = baseOf(value)
  // Errors of Node's own are their properties, like all errors; whether the class can be found is the capability's to say.
  const refusal = base.tag === TAG_ERROR ? null : refusalOfClass(cls)
  if (refusal !== null) writer.refuse(refusal)
  writer.capability?.checkInstance?.(writer, cls)
  const detail = base.detail(value)
  writer.byte(TAG_INSTANCE)
  writer.byte(base.tag)
  writer.byte(detail)
  writeClass(writer, cls, registration, null)
  base.write(writer, value as never)
  if (base.tag !== TAG_ERROR) writer.properties(value, ownKeys(value, base))
}

/** The keys that the base does not write itself. */
function ownKeys(value: object, { tag }: Base): readonly string[] {
  const keys = Object.keys(value)
  return tag === TAG_ARRAY || tag === TAG_TYPED_ARRAY || tag === TAG_BOXED ? keys.slice(countIndices(keys)) : keys
}

/** How many of an object's keys are indices: they come first, in ascending order. */
export function countIndices(keys: readonly string[]): number {
  let indices = 0
  while (indices < keys.length && String(Number(keys[indices]) >>> 0) === keys[indices]) indices += 1
  return indices
}

/** How the names of the library's own classes begin (channel/teach.ts). */
const LIBRARY = '%polyprocess.'

/** What the receiver finds the class by: its name if it has one, and the class itself where code may travel. */
function writeClass(writer: RichWriter, cls: AnyFunction, registration: Registration | null, hook: object | null): void {
  const name = registration?.name ?? null
  const canSend = writer.capability !== null
  if (name === null && !canSend) {
    if (nameOfIntrinsic(cls)?.startsWith(LIBRARY) === true) writer.refuse(`this ${cls.name} cannot leave its tree of processes`)
    writer.refuse(
      `an instance of ${cls.name || 'a class without a name'} cannot travel on this channel: code only travels inside one tree of processes. ` +
        `registerClass(${cls.name || 'the class'}, { name }) on both sides makes the class known`,
    )
  }
  writer.byte((name === null ? 0 : CLASS_NAMED) | (canSend ? CLASS_SENT : 0) | (canSend && hook !== null ? CLASS_HOOK : 0))
  if (name !== null) writer.string(name)
  if (!canSend) return
  writer.value(cls, { label: `class ${cls.name}` })
  if (hook !== null) writer.value(hook, { label: `rebuild of ${cls.name}` })
}

function writeReduced(writer: RichWriter, value: object, own: AnyFunction | null, registration: Registration | null): void {
  const cls = own ?? inheritedClassOf(value)
  if (cls === null) writer.refuse('an object with a reduce hook but without a class cannot travel')
  const ownRebuild: unknown = (cls as unknown as Record<symbol, unknown>)[rebuild]
  if (registration?.rebuild == null && typeof ownRebuild !== 'function') {
    writer.refuse(`an instance of ${cls.name} cannot travel: the class has a reduce hook but no rebuild hook`)
  }
  writer.reducing(() => {
    writer.byte(TAG_REDUCED)
    writeClass(writer, cls, registration, registration?.rebuild ?? null)
    const data = registration?.reduce != null ? registration.reduce(value) : (value as { [reduce](): unknown })[reduce]()
    writer.value(data, { label: 'what its reduce hook gave' })
  })
}

/** Of an object whose prototype was made for it and others like it, between them and their class. */
function inheritedClassOf(value: object): AnyFunction | null {
  const cls: unknown = value.constructor
  return typeof cls === 'function' && cls !== Object ? (cls as AnyFunction) : null
}

// ---- built-in kinds

/** What `exec` gives, and the list of indices in it: an array with a few named properties. */
export function writeMatch(writer: RichWriter, match: readonly unknown[]): void {
  writer.byte(TAG_MATCH_ARRAY)
  writer.items(match)
  const keys = MATCH_KEYS.filter(key => Object.hasOwn(match, key))
  writer.byte(keys.length)
  for (const key of keys) {
    writer.byte(MATCH_KEYS.indexOf(key))
    writer.value((match as unknown as Record<string, unknown>)[key], key)
  }
}

function writeMap(writer: RichWriter, map: Map<unknown, unknown>): void {
  // The entries at this moment: a getter among them might add others.
  const entries = mapEntries(map)
  writer.uint32(entries.length)
  let index = 0
  for (const [key, value] of entries) {
    writer.value(key, isPart(key) ? new EntryStep(index, IS_KEY) : '')
    writer.value(value, isPart(value) ? new EntryStep(index, key) : '')
    index += 1
  }
}

function isPart(value: unknown): boolean {
  return (typeof value === 'object' && value !== null) || typeof value === 'function' || typeof value === 'symbol'
}

/** Not by way of the methods: a class that extends Map has its own. */
function mapEntries(map: Map<unknown, unknown>): [unknown, unknown][] {
  const entries: [unknown, unknown][] = []
  Map.prototype.forEach.call(map, (value, key) => {
    entries.push([key, value])
  })
  return entries
}

function writeSet(writer: RichWriter, set: Set<unknown>): void {
  const items: unknown[] = []
  Set.prototype.forEach.call(set, item => {
    items.push(item)
  })
  writer.uint32(items.length)
  for (let index = 0; index < items.length; index += 1)
    writer.value(items[index], isPart(items[index]) ? new EntryStep(index, IS_ITEM) : '')
}

function writeRegExp(writer: RichWriter, pattern: RegExp): void {
  writer.string(sourceOf.call(pattern))
  writer.string(flagsOf.call(pattern))
  writer.value(pattern.lastIndex, 'lastIndex')
}

function writeBoxed(writer: RichWriter, boxed: object): void {
  // Symbol.prototype.valueOf and its like read the insides and nothing else.
  const kinds = [Number, String, Boolean, BigInt, Symbol] as const
  const tests = [types.isNumberObject, types.isStringObject, types.isBooleanObject, types.isBigIntObject, types.isSymbolObject]
  const kind = kinds[tests.findIndex(test => test(boxed))] as (typeof kinds)[number]
  writer.value((kind.prototype.valueOf as () => unknown).call(boxed), { label: 'primitive' })
}

function writeDomException(writer: RichWriter, error: DOMException): void {
  writer.string(error.message)
  writer.string(error.name)
  writer.string(String(error.stack))
  writer.value(error.cause, 'cause')
}

/** Which class of the list it is, or the nearest one of the language that it extends, in whatever realm. */
function errorNumber(value: object): number {
  const cls = classOf(value)
  const known = cls === null ? -1 : KNOWN_ERRORS.indexOf(cls as never)
  if (known !== -1) return known
  for (let each: object | null = value; each !== null; each = Object.getPrototypeOf(each)) {
    const ancestor = classOf(each)
    const place = ancestor === null ? -1 : LANGUAGE_ERRORS.findIndex(({ name }) => name === ancestor.name)
    if (place !== -1 && isNative(ancestor as AnyFunction)) return place
  }
  return 0
}

/** Every own property, most of which cannot be enumerated: message, stack, cause, errors. */
function writeError(writer: RichWriter, error: Error): void {
  const keys = Object.getOwnPropertyNames(error)
  writer.uint32(keys.length)
  for (const key of keys) {
    writer.string(key)
    writer.byte(Object.prototype.propertyIsEnumerable.call(error, key) ? 1 : 0)
    writer.value((error as unknown as Record<string, unknown>)[key], key)
  }
}

// ---- bytes

function bytesKind(value: object): number {
  if (types.isArrayBuffer(value)) return KIND_ARRAY_BUFFER
  if (types.isDataView(value)) return KIND_DATA_VIEW
  if (Object.getPrototypeOf(value) === Buffer.prototype) return KIND_BUFFER
  const name = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)?.get?.call(value)
  return TYPED_ARRAYS.findIndex(each => each?.name === name)
}

function writeBytes(writer: RichWriter, value: ArrayBuffer | ArrayBufferView): void {
  const { output, capability } = writer
  if (capability?.nameShared !== undefined) {
    const buffer = ArrayBuffer.isView(value) ? value.buffer : value
    const name = capability.nameShared(buffer)
    if (name !== null) return writeShared(writer, value, name)
  }
  const bytes = bytesOf(writer, value)
  const attachment = attach(writer, bytes)
  if (attachment !== null) {
    output.byte(BYTES_ATTACHED)
    return output.uint32(writer.attachments.push(attachment) - 1)
  }
  output.byte(BYTES_INLINE)
  output.float(bytes.length)
  output.alignedBytes(bytes)
}

function attach(writer: RichWriter, bytes: Uint8Array): Attachment | null {
  const { capability } = writer
  if (capability === null) return null
  if (bytes.length >= LARGE_BYTES) return capability.storeBytes(bytes)
  return bytes.length === HANDLE_BYTES ? (capability.attachHandle?.(writer, bytes.buffer) ?? null) : null
}

function writeShared(writer: RichWriter, value: ArrayBuffer | ArrayBufferView, name: unknown): void {
  writer.byte(BYTES_SHARED)
  writer.value(name, { label: 'shared memory' })
  writer.output.float(ArrayBuffer.isView(value) ? value.byteOffset : 0)
  writer.output.float(value.byteLength)
}

function bytesOf(writer: RichWriter, value: ArrayBuffer | ArrayBufferView): Uint8Array {
  const buffer = ArrayBuffer.isView(value) ? value.buffer : value
  if (types.isSharedArrayBuffer(buffer)) {
    writer.refuse('a view of a SharedArrayBuffer cannot leave its process: send a copy of its bytes, view.slice()')
  }
  try {
    return buffer === value ? new Uint8Array(buffer) : viewOf(value as ArrayBufferView<ArrayBuffer>)
  } catch {
    // Nothing else can be wrong with it, and Node 20 has no other way to ask.
    return writer.refuse('its memory was transferred and is somewhere else now')
  }
}

function viewOf(value: ArrayBufferView<ArrayBuffer>): Uint8Array {
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
}
