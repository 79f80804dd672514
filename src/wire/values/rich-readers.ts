// What rich-writers.ts wrote: built-in kinds, errors, instances. Each kind is made in two steps, so that what it contains may refer
// to it: first an empty one, of the built-in class or of one that extends it, then its contents.
import { isPromise } from 'node:util/types'
import type { AnyFunction } from '../function-reference.ts'
import { type Registration, rebuild, registrationByName } from '../classes.ts'
import type { Capability, ValueReader } from './capability.ts'
import type { Input } from './input.ts'
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
  TAG_HOLES,
  TAG_INSTANCE,
  TAG_MAP,
  TAG_MATCH_ARRAY,
  TAG_PLAIN_BASE,
  TAG_REDUCED,
  TAG_REGEXP,
  TAG_SET,
  TAG_SYMBOL_FOR,
  TAG_TYPED_ARRAY,
  TAG_URL,
  TAG_URL_SEARCH_PARAMS,
  TAG_WELL_KNOWN_SYMBOL,
  TYPED_ARRAYS,
  type TypedArrayConstructor,
} from './tags.ts'

/** The decoder as this file sees it. */
export interface RichReader extends ValueReader {
  readonly input: Input
  readonly capability: Capability | null
  /** The object exists from now on, and has the next number. */
  begun<T extends object>(object: T): T
  /** The next number for an object that does not exist yet; `settle` says which it is. */
  reserve(): number
  settle(number: number, object: unknown): void
  /** Reads a class; `onExists` is called as soon as there is one. */
  classValue(onExists: (cls: object) => void): AnyFunction
  itemsInto(items: unknown[]): void
  propertiesInto(object: object): void
  attachment(number: number): { buffer: ArrayBuffer; byteLength: number }
}

// biome-ignore lint/suspicious/noExplicitAny: constructors of the language, each with its own parameters.
type Constructor = new (...args: any[]) => object

/** The value behind any tag that the decoder does not know itself. */
export function readOther(reader: RichReader, tag: number): unknown {
  switch (tag) {
    case TAG_SYMBOL_FOR:
      return Symbol.for(reader.string())
    case TAG_WELL_KNOWN_SYMBOL:
      return wellKnownSymbol(reader, reader.string())
    case TAG_MATCH_ARRAY:
      return readMatch(reader)
    case TAG_REDUCED:
      return readReduced(reader)
    case TAG_INSTANCE:
      return readInstance(reader)
    case TAG_PLAIN_BASE:
      return reader.bad('an instance is of no class')
    default: {
      const detail = tag === TAG_ERROR || tag === TAG_TYPED_ARRAY ? reader.byte() : 0
      if (isEmptyFirst(tag)) return fillContents(reader, tag, reader.begun(makeEmpty(reader, tag, detail, null)))
      const number = reader.reserve()
      const made = makeWhole(reader, tag, detail, null)
      reader.settle(number, made)
      return made
    }
  }
}

function wellKnownSymbol(reader: RichReader, name: string): symbol {
  const symbol = Object.hasOwn(Symbol, name) ? (Symbol as unknown as Record<string, unknown>)[name] : undefined
  return typeof symbol === 'symbol' ? symbol : reader.bad(`there is no Symbol.${name}`)
}

/** An own property, whatever stands on the prototypes. */
export function define(object: object, key: string | number, value: unknown): void {
  if (key in object) Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
  else (object as Record<string | number, unknown>)[key] = value
}

/** The items of an array with holes, behind its tag. */
export function readSparse(reader: RichReader, items: unknown[]): void {
  const { input } = reader
  const length = input.uint32()
  let next = 0
  for (; input.bytes[input.position] !== TAG_HOLES; next += 1) define(items, next, reader.value())
  input.skip(1)
  const count = input.count(5)
  if (next > length) reader.bad('an array is longer than its length')
  // Only a dictionary may have more places than the message pays for: a length beyond what arrays hold as a list makes it one.
  if (length > 4 * (next + count) + 64) items.length = 0xffffffff
  items.length = length
  for (let read = 0; read < count; read += 1) {
    const place = input.uint32()
    if (place < next || place >= length) reader.bad('an item lies outside of its array')
    next = place + 1
    define(items, place, reader.value())
  }
}

function readMatch(reader: RichReader): unknown[] {
  const match = reader.begun<unknown[]>([])
  reader.itemsInto(match)
  for (let count = reader.byte(); count > 0; count -= 1) {
    const key = MATCH_KEYS[reader.byte()] ?? reader.bad('a match has a property that none has')
    define(match, key, reader.value())
  }
  return match
}

// ---- built-in kinds

/** Kinds that can be made before anything of theirs is read. */
function isEmptyFirst(tag: number): boolean {
  return tag === TAG_MAP || tag === TAG_SET || tag === TAG_ERROR || tag === TAG_ARRAY || tag === TAG_PLAIN_BASE
}

/** `cls`: the class that it is an instance of; null: the built-in one itself. */
function makeEmpty(reader: RichReader, tag: number, detail: number, cls: AnyFunction | null): object {
  switch (tag) {
    case TAG_MAP:
      return construct(reader, Map, [], cls)
    case TAG_SET:
      return construct(reader, Set, [], cls)
    case TAG_ARRAY:
      return construct(reader, Array, [], cls)
    case TAG_ERROR:
      return makeError(reader, detail, cls)
    default:
      return Object.create(prototypeOf(reader, cls as AnyFunction)) as object
  }
}

function fillContents(reader: RichReader, tag: number, object: object): object {
  switch (tag) {
    case TAG_MAP:
      fillMap(reader, object as Map<unknown, unknown>)
      break
    case TAG_SET:
      fillSet(reader, object as Set<unknown>)
      break
    case TAG_ARRAY:
      reader.itemsInto(object as unknown[])
      break
    case TAG_ERROR:
      fillError(reader, object)
      break
  }
  return object
}

/** Kinds that are made of what is read first. Nothing of that can refer to them. */
function makeWhole(reader: RichReader, tag: number, detail: number, cls: AnyFunction | null): object {
  switch (tag) {
    case TAG_DATE:
      return construct(reader, Date, [reader.input.float()], cls)
    case TAG_REGEXP:
      return makeRegExp(reader, cls)
    case TAG_TYPED_ARRAY:
      return makeTypedArray(reader, detail, cls)
    case TAG_BOXED:
      return makeBoxed(reader, cls)
    case TAG_URL:
      return construct(reader, URL, [reader.string()], cls)
    case TAG_URL_SEARCH_PARAMS:
      return construct(reader, URLSearchParams, [reader.string()], cls)
    case TAG_DOM_EXCEPTION:
      return makeDomException(reader, cls)
    default:
      return reader.bad(`${tag} is no tag`)
  }
}

function construct(reader: RichReader, base: Constructor, args: readonly unknown[], cls: AnyFunction | null): object {
  try {
    if (cls === null) return new base(...args)
    prototypeOf(reader, cls)
    return Reflect.construct(base, args, cls) as object
  } catch (error) {
    return reader.bad(`its ${base.name} cannot be made: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function prototypeOf(reader: RichReader, cls: AnyFunction): object {
  const prototype: unknown = cls.prototype
  // Function's own is a function.
  const isObject = (typeof prototype === 'object' && prototype !== null) || typeof prototype === 'function'
  return isObject ? (prototype as object) : reader.bad('a class has no prototype')
}

/** By the methods of Map itself: a class that extends it may do anything in its own. */
function fillMap(reader: RichReader, map: Map<unknown, unknown>): void {
  const count = reader.input.count(2)
  for (let index = 0; index < count; index += 1) {
    const key = reader.value()
    Map.prototype.set.call(map, key, reader.value())
  }
}

function fillSet(reader: RichReader, set: Set<unknown>): void {
  const count = reader.input.count(1)
  for (let index = 0; index < count; index += 1) Set.prototype.add.call(set, reader.value())
}

function makeRegExp(reader: RichReader, cls: AnyFunction | null): object {
  const pattern = construct(reader, RegExp, [reader.string(), reader.string()], cls) as RegExp
  const lastIndex = reader.value()
  if (lastIndex !== 0) pattern.lastIndex = lastIndex as number
  return pattern
}

function makeBoxed(reader: RichReader, cls: AnyFunction | null): object {
  const primitive = reader.value()
  const isObject = (typeof primitive === 'object' && primitive !== null) || typeof primitive === 'function'
  if (isObject || primitive === undefined || primitive === null) return reader.bad('a boxed primitive is none')
  const boxed = Object(primitive) as object
  if (cls === null) return boxed
  if (typeof primitive === 'bigint' || typeof primitive === 'symbol')
    return Object.setPrototypeOf(boxed, prototypeOf(reader, cls)) as object
  return construct(reader, boxed.constructor as Constructor, [primitive], cls)
}

// ---- errors

function makeError(reader: RichReader, place: number, cls: AnyFunction | null): object {
  const known = KNOWN_ERRORS[place]
  if (known === undefined) return reader.bad(`${place} is no kind of error`)
  const isOfLanguage = place < LANGUAGE_ERRORS.length
  const base = (isOfLanguage ? known : Error) as unknown as Constructor
  const args = (known as unknown) === AggregateError ? [[]] : []
  // The stack that counts is the one in the message; taking another costs more than all the rest.
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    const error = construct(reader, base, args, cls ?? (isOfLanguage ? null : (known as unknown as AnyFunction)))
    for (const key of Object.getOwnPropertyNames(error)) Reflect.deleteProperty(error, key)
    return error
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

function fillError(reader: RichReader, error: object): void {
  const count = reader.input.count(3)
  for (let index = 0; index < count; index += 1) {
    const key = reader.string()
    const enumerable = reader.byte() === 1
    defineAs(error, key, reader.value(), enumerable)
  }
}

function makeDomException(reader: RichReader, cls: AnyFunction | null): object {
  const error = construct(reader, DOMException as unknown as Constructor, [reader.string(), reader.string()], cls)
  defineAs(error, 'stack', reader.string(), false)
  const cause = reader.value()
  if (cause !== undefined) defineAs(error, 'cause', cause, false)
  return error
}

function defineAs(error: object, key: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(error, key, { value, writable: true, enumerable, configurable: true })
}

// ---- bytes

function makeTypedArray(reader: RichReader, kind: number, cls: AnyFunction | null): object {
  const { buffer, offset, byteLength } = readBytes(reader)
  if (kind === KIND_ARRAY_BUFFER) return arrayBuffer(reader, buffer, byteLength, cls)
  if (kind === KIND_DATA_VIEW) return construct(reader, DataView, [buffer, offset, byteLength], cls)
  if (kind === KIND_BUFFER && cls === null) return Buffer.from(buffer, offset, byteLength)
  const base: TypedArrayConstructor =
    (kind === KIND_BUFFER ? Uint8Array : TYPED_ARRAYS[kind]) ?? reader.bad(`${kind} is no kind of typed array`)
  const size = base.BYTES_PER_ELEMENT
  if (byteLength % size !== 0) return reader.bad(`${byteLength} is no length of a ${base.name}`)
  return construct(reader, base, [buffer, offset, byteLength / size], cls)
}

/** Memory of an attachment may be larger than what was sent in it. */
function arrayBuffer(reader: RichReader, buffer: ArrayBuffer, byteLength: number, cls: AnyFunction | null): object {
  const exact = buffer.byteLength === byteLength ? buffer : buffer.slice(0, byteLength)
  if (cls === null) return exact
  const made = construct(reader, ArrayBuffer, [byteLength], cls) as ArrayBuffer
  new Uint8Array(made).set(new Uint8Array(exact))
  return made
}

function readBytes(reader: RichReader): { buffer: ArrayBuffer; offset: number; byteLength: number } {
  const { input, capability } = reader
  const place = reader.byte()
  if (place === BYTES_ATTACHED) return { ...reader.attachment(reader.uint32()), offset: 0 }
  if (place === BYTES_SHARED && capability?.findShared !== undefined)
    return { buffer: capability.findShared(reader.value()), offset: input.float(), byteLength: input.float() }
  if (place !== BYTES_INLINE) return reader.bad(`${place} is no place of bytes`)
  const byteLength = input.float()
  if (!Number.isSafeInteger(byteLength) || byteLength < 0) return reader.bad(`${byteLength} is no length`)
  return { buffer: input.alignedBytes(byteLength), offset: 0, byteLength }
}

// ---- instances of classes

interface ClassPart {
  readonly cls: AnyFunction
  readonly hook: unknown
  readonly registration: Registration | null
}

function readInstance(reader: RichReader): object {
  const tag = reader.byte()
  const detail = reader.byte()
  const number = reader.reserve()
  let made: object | null = null
  const make = (cls: AnyFunction): object => {
    made = makeEmpty(reader, tag, detail, cls)
    reader.settle(number, made)
    return made
  }
  // An instance may be a part of its own class: it has to exist as soon as the class does.
  const { cls, registration } = readClass(reader, exists => {
    if (isEmptyFirst(tag)) make(exists)
  })
  if (registration !== null && hasRebuild(registration))
    return reader.bad(`an instance of ${registration.name} comes without its rebuild hook's data`)
  const object = instanceOf(reader, { tag, detail, number, made: made ?? (isEmptyFirst(tag) ? make(cls) : null) }, cls)
  if (tag !== TAG_ERROR) reader.propertiesInto(object)
  return object
}

interface Begun {
  readonly tag: number
  readonly detail: number
  readonly number: number
  readonly made: object | null
}

function instanceOf(reader: RichReader, { tag, detail, number, made }: Begun, cls: AnyFunction): object {
  if (made !== null) return fillContents(reader, tag, made)
  const whole = makeWhole(reader, tag, detail, cls)
  reader.settle(number, whole)
  return whole
}

function hasRebuild({ cls, rebuild: hook }: Registration): boolean {
  return hook !== null || typeof (cls as unknown as Record<symbol, unknown>)[rebuild] === 'function'
}

/** The class that this process registered under the name, if it did; else the one that was sent. */
function readClass(reader: RichReader, onExists: (cls: AnyFunction) => void): ClassPart {
  const flags = reader.byte()
  const name = (flags & CLASS_NAMED) === 0 ? null : reader.string()
  const registration = name === null ? null : registrationByName(name)
  const sent = (flags & CLASS_SENT) === 0 ? null : reader.classValue(exists => onExists(registration?.cls ?? (exists as AnyFunction)))
  const hook = (flags & CLASS_HOOK) === 0 ? undefined : reader.value()
  const cls = registration?.cls ?? sent
  if (cls !== null) return { cls, hook, registration }
  if (name === null) return reader.bad('an instance is of no class')
  return reader.bad(`this process knows no class named ${name}; registerClass(cls, { name: ${JSON.stringify(name)} }) makes it known`)
}

function readReduced(reader: RichReader): unknown {
  const number = reader.reserve()
  const { cls, hook, registration } = readClass(reader, () => undefined)
  const data = reader.value()
  const made = callRebuild(reader, { cls, hook, registration }, data)
  if (isPromise(made)) return reader.bad(`the rebuild hook of ${cls.name} gave a promise, and a value is read in one go`)
  reader.settle(number, made)
  return made
}

function callRebuild(reader: RichReader, { cls, hook, registration }: ClassPart, data: unknown): unknown {
  const registered = registration?.rebuild ?? hook
  const own: unknown = (cls as unknown as Record<symbol, unknown>)[rebuild]
  const chosen = typeof registered === 'function' ? registered : own
  if (typeof chosen !== 'function') return reader.bad(`the class ${cls.name} has no rebuild hook`)
  try {
    return chosen.call(cls, data) as unknown
  } catch (error) {
    // What a hook says of data that it does not like is no fault of the program that receives it.
    return reader.input.bad(`the rebuild hook of ${cls.name} threw ${String(error)}`, error)
  }
}
