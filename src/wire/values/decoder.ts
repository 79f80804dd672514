// Bytes to values: the other half of encoder.ts. Reads only what it is given: every length is checked against what is there, no key
// reaches a prototype, and without a capability nothing is imported and no code is built.
import { MultiprocessingError } from '../../base/errors.ts'
import type { AnyFunction } from '../function-reference.ts'
import type { Attachment, Capability, ValueReader } from './capability.ts'
import { Input } from './input.ts'
import { define, readOther, readSparse } from './rich-readers.ts'
import { type ReaderShape, ReaderShapes } from './shapes.ts'
import {
  DEEPEST,
  FLAG_REFERENCES,
  isStackOverflow,
  MORE_WEIGHT,
  SHORT_STRING,
  SMALL_INTEGER,
  TAG_ARRAY,
  TAG_BIGINT,
  TAG_BIGINT64,
  TAG_DICTIONARY,
  TAG_FALSE,
  TAG_FLOAT64,
  TAG_FLOAT64_ARRAY,
  TAG_FUNCTION,
  TAG_HEADER,
  TAG_INT32,
  TAG_INT32_ARRAY,
  TAG_NEW_SHAPE,
  TAG_NULL,
  TAG_NULL_PROTOTYPE,
  TAG_SEEN,
  TAG_SHAPE,
  TAG_SHAPE_WIDE,
  TAG_SPARSE_ARRAY,
  TAG_STRING_LATIN1,
  TAG_STRING_UTF16,
  TAG_TRUE,
  TAG_UNDEFINED,
} from './tags.ts'
import { readTrailer, type Trailer } from './trailer.ts'

export { attachmentsOf, modulesOf } from './trailer.ts'

/** Up to so many items an array is made in its full length; beyond, it grows with what is really there. */
const MOST_AT_ONCE = 4096

/** Stands in the table for what does not exist yet. */
const RESERVED = Symbol('reserved')

let idle: Decoder | null = null

/**
 * The value whose bytes are `from[offset]` to `from[offset + length - 1]`; it shares no memory with them.
 * `capability`: what the sender may send beside data; null: nothing.
 * @throws MultiprocessingError `ERR_BAD_MESSAGE` for bytes that no encoder wrote
 */
export function decode(from: Uint8Array, offset = 0, length = from.length - offset, capability: Capability | null = null): unknown {
  const decoder = take()
  try {
    return decoder.message(from, offset, length, capability, 0)
  } catch (error) {
    if (isStackOverflow(error)) decoder.bad('it is nested too deep for what is left of the stack')
    // The bytes wanted something of the language that cannot be.
    if (capability === null && !(error instanceof MultiprocessingError)) decoder.input.bad(String(error), error)
    throw error
  } finally {
    decoder.release()
    idle = decoder
  }
}

/** A hook that runs while a message is decoded may decode another one. */
function take(): Decoder {
  const decoder = idle ?? new Decoder()
  idle = null
  return decoder
}

class Decoder implements ValueReader {
  capability: Capability | null = null
  readonly input = new Input()
  #depth = 0
  readonly shapes = new ReaderShapes()
  #trailer: Trailer | null = null
  readonly #attachments: (Attachment | undefined)[] = []
  /** The objects by number; null: none is named again, so nobody counts. */
  #table: unknown[] | null = null
  /** The number of the function or instance that is being read and does not exist yet. */
  #unfilled = -1
  /** What waits for the function with this number to exist: an instance for its class. */
  #awaited = -1
  #onFilled: ((made: object) => void) | null = null

  message(from: Uint8Array, offset: number, length: number, capability: Capability | null, depth: number): unknown {
    const { input } = this
    this.capability = capability
    this.#depth = depth
    input.use(from, offset, length)
    if (length > 0 && from[offset] === TAG_HEADER) this.#header()
    const value = this.value()
    if (input.position !== input.end) this.#checkEnd()
    return value
  }

  #header(): void {
    const { input } = this
    input.skip(1)
    const { flags, trailer } = readTrailer(input)
    if ((flags & FLAG_REFERENCES) !== 0) this.#table = []
    if (trailer === null) return
    if (this.capability === null) this.bad('it wants modules or memory, which cannot be had on this channel')
    this.#trailer = trailer
    this.#attachments.push(...trailer.attachments)
    input.end = trailer.start
  }

  #checkEnd(): void {
    const rest = this.input.end - this.input.position
    if (this.#trailer === null || rest > 7) this.bad(`${rest} bytes after the value`)
  }

  /** Makes ready for the next message, also after an error. */
  release(): void {
    this.shapes.clear()
    this.input.release()
    if (this.#table !== null || this.capability !== null) this.#releaseRest()
  }

  #releaseRest(): void {
    // Attachments are left only after an error; taking one and dropping it frees it.
    for (const attachment of this.#attachments) if (attachment !== undefined) this.capability?.takeBytes(attachment)
    if (this.#attachments.length > 0) this.#attachments.length = 0
    this.#trailer = null
    this.#table = null
    this.#unfilled = -1
    this.#awaited = -1
    this.#onFilled = null
    this.capability = null
  }

  value(): unknown {
    const { input } = this
    if (input.position >= input.end) this.bad('it ends too early')
    const tag = input.bytes[input.position++] as number
    if (tag >= SMALL_INTEGER) return tag - SMALL_INTEGER
    if (tag >= SHORT_STRING) return input.shortString(tag - SHORT_STRING)
    switch (tag) {
      case TAG_UNDEFINED:
        return undefined
      case TAG_NULL:
        return null
      case TAG_TRUE:
        return true
      case TAG_FALSE:
        return false
      case TAG_INT32:
        return input.int32()
      case TAG_FLOAT64:
        return input.float()
      case TAG_STRING_LATIN1:
        return input.latin1()
      case TAG_STRING_UTF16:
        return input.utf16()
      case TAG_SHAPE:
        return this.#shaped(this.#shapeAt(input.byte()))
      default:
        return this.#larger(tag)
    }
  }

  #larger(tag: number): unknown {
    const { input } = this
    switch (tag) {
      case TAG_ARRAY:
        return this.#array()
      case TAG_NEW_SHAPE:
        return this.#shaped(this.shapes.read(input))
      case TAG_SHAPE_WIDE:
        return this.#shaped(this.#shapeAt(input.uint32()))
      case TAG_INT32_ARRAY:
        return this.begun(input.numbers(4))
      case TAG_FLOAT64_ARRAY:
        return this.begun(input.numbers(8))
      case TAG_BIGINT64:
        return input.bigint64()
      case TAG_BIGINT:
        return input.bigint()
      case TAG_SEEN:
        return this.#seen(input.uint32())
      case TAG_DICTIONARY:
        return this.#dictionary({})
      case TAG_NULL_PROTOTYPE:
        return this.#dictionary(Object.create(null) as Record<string, unknown>)
      case TAG_SPARSE_ARRAY:
        return this.#sparse()
      case TAG_FUNCTION:
        return this.#function()
      default:
        return this.#deeper(tag)
    }
  }

  #deeper(tag: number): unknown {
    this.#enter(1 + MORE_WEIGHT)
    const value = readOther(this, tag)
    this.#depth -= 1 + MORE_WEIGHT
    return value
  }

  #enter(levels: number): void {
    this.#depth += levels
    // The writer does not count the outermost value.
    if (this.#depth > DEEPEST + 1 + MORE_WEIGHT) this.bad('it is nested too deep')
  }

  #sparse(): unknown[] {
    const items = this.begun<unknown[]>([])
    this.#enter(1)
    readSparse(this, items)
    this.#depth -= 1
    return items
  }

  // ---- identity

  /** The object exists, and what it contains is read from now on. */
  begun<T extends object>(object: T): T {
    if (this.#table !== null) this.#table.push(object)
    return object
  }

  /** A place for an object that cannot exist before parts of it are read. */
  reserve(): number {
    return this.#table === null ? -1 : this.#table.push(RESERVED) - 1
  }

  /** What the object of a reserved place turned out to be: a rebuild hook may make anything of it. */
  settle(number: number, object: unknown): void {
    if (this.#table !== null) this.#table[number] = object
  }

  #seen(number: number): unknown {
    const table = this.#table ?? []
    if (number < table.length && table[number] !== RESERVED) return table[number]
    return this.bad(`it refers to object ${number}, which it has not`)
  }

  fill(object: object): void {
    if (this.#table === null || this.#unfilled === -1) return
    this.#table[this.#unfilled] = object
    if (this.#unfilled !== this.#awaited) return
    this.#awaited = -1
    this.#onFilled?.(object)
  }

  /** Reads a class. `onExists` is called as soon as it exists, which may be before its own variables are read. */
  classValue(onExists: (cls: object) => void): AnyFunction {
    const [awaited, onFilled] = [this.#awaited, this.#onFilled]
    this.#awaited = this.#table === null ? -1 : this.#table.length
    this.#onFilled = onExists
    const cls = this.value()
    this.#awaited = awaited
    this.#onFilled = onFilled
    return typeof cls === 'function' ? (cls as AnyFunction) : this.bad('a class is none')
  }

  // ---- arrays

  #array(): unknown[] {
    const length = this.input.count(1)
    const items: unknown[] = length <= MOST_AT_ONCE ? new Array(length) : []
    this.begun(items)
    this.#enter(1)
    for (let index = 0; index < length; index += 1) items[index] = this.value()
    this.#depth -= 1
    return items
  }

  /** The items of an array into one that exists: an instance of a class that extends Array. */
  itemsInto(items: unknown[]): void {
    const { input } = this
    const tag = input.byte()
    if (tag === TAG_SPARSE_ARRAY) return readSparse(this, items)
    if (tag === TAG_ARRAY) {
      const length = input.count(1)
      for (let index = 0; index < length; index += 1) define(items, index, this.value())
      return
    }
    if (tag !== TAG_INT32_ARRAY && tag !== TAG_FLOAT64_ARRAY) this.bad('an array has no items')
    for (const [index, item] of input.numbers(tag === TAG_INT32_ARRAY ? 4 : 8).entries()) define(items, index, item)
  }

  // ---- objects

  #shapeAt(number: number): ReaderShape {
    return this.shapes.at(number) ?? this.bad(`it has no shape ${number}`)
  }

  #shaped(shape: ReaderShape): object {
    const { keys, count } = shape
    const object = this.begun(shape.object())
    this.#enter(1)
    for (let index = 0; index < count; index += 1) object[keys[index] as string] = this.value()
    this.#depth -= 1
    return object
  }

  /** What the encoder's `properties` wrote, into an object that exists. */
  propertiesInto(object: object): void {
    const { input } = this
    const tag = input.byte()
    if (tag === TAG_DICTIONARY) return this.#entriesInto(object)
    const { keys, count } = this.#propertiesShape(tag)
    for (let index = 0; index < count; index += 1) define(object, keys[index] as string, this.value())
  }

  #propertiesShape(tag: number): ReaderShape {
    const { input, shapes } = this
    if (tag === TAG_NEW_SHAPE) return shapes.read(input)
    const number = tag === TAG_SHAPE ? input.byte() : tag === TAG_SHAPE_WIDE ? input.uint32() : -1
    return this.#shapeAt(number)
  }

  #dictionary(object: object): object {
    this.begun(object)
    this.#enter(1)
    this.#entriesInto(object)
    this.#depth -= 1
    return object
  }

  #entriesInto(object: object): void {
    const count = this.input.count(2)
    for (let index = 0; index < count; index += 1) define(object, this.input.string(), this.value())
  }

  // ---- functions, modules, messages

  #function(): AnyFunction {
    const { capability } = this
    if (capability === null) return this.bad('it contains a function, and code cannot come on this channel')
    const number = this.reserve()
    const outer = this.#unfilled
    this.#unfilled = number
    this.#enter(1 + MORE_WEIGHT)
    const fn = capability.readFunction(this)
    this.#depth -= 1 + MORE_WEIGHT
    this.#unfilled = outer
    this.settle(number, fn)
    return fn
  }

  /** The memory of an attachment, which only one value may have. */
  attachment(number: number): { buffer: ArrayBuffer; byteLength: number } {
    const attachment = this.#attachments[number]
    if (attachment === undefined || this.capability === null) return this.bad(`it has no attachment ${number}`)
    this.#attachments[number] = undefined
    return { buffer: this.capability.takeBytes(attachment), byteLength: attachment.byteLength }
  }

  byte(): number {
    return this.input.byte()
  }

  uint32(): number {
    return this.input.uint32()
  }

  string(): string {
    return this.input.string()
  }

  module(number: number): object {
    const key = this.#trailer?.modules[number]
    if (key === undefined) return this.bad(`it has no module ${number}`)
    return this.capability?.loadedModule(key) ?? this.bad(`the module ${key} is not loaded`)
  }

  nested(): unknown {
    const { input } = this
    const length = input.uint32()
    input.align(8)
    const start = input.position
    input.skip(length)
    this.#enter(1)
    const decoder = take()
    try {
      return decoder.message(input.bytes, start, length, this.capability, this.#depth)
    } finally {
      decoder.release()
      idle = decoder
      this.#depth -= 1
    }
  }

  bad(reason: string): never {
    return this.input.bad(reason)
  }
}
