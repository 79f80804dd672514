// Values to bytes. What all messages are made of is here: scalars, arrays, plain objects, and the frame around them; everything
// else is in rich-writers.ts and instance-writer.ts.
//
//   [header: flags, where the trailer is]  value  [trailer: modules, attachments]
//
// The header is there only if a value repeats, or modules or attachments are needed: most messages are just the value. Objects are
// numbered in the order in which their writing begins, and one that comes again is its number.
import { NotSerializableError } from '../../base/errors.ts'
import type { AnyFunction } from '../function-reference.ts'
import type { Attachment, Capability, PathStep, ValueWriter } from './capability.ts'
import { Identity } from './identity.ts'
import { Output } from './output.ts'
import { formatPath } from './refusals.ts'
import { countIndices, writeMatch, writeOther } from './rich-writers.ts'
import { type WriterShape, WriterShapes } from './shapes.ts'
import {
  DEEPEST,
  FLAG_REFERENCES,
  isStackOverflow,
  MORE_WEIGHT,
  TAG_ARRAY,
  TAG_DICTIONARY,
  TAG_FALSE,
  TAG_FLOAT64_ARRAY,
  TAG_FUNCTION,
  TAG_HOLES,
  TAG_INT32_ARRAY,
  TAG_NULL,
  TAG_NULL_PROTOTYPE,
  TAG_SEEN,
  TAG_SHAPE,
  TAG_SHAPE_WIDE,
  TAG_SPARSE_ARRAY,
  TAG_SYMBOL_FOR,
  TAG_TRUE,
  TAG_UNDEFINED,
  TAG_WELL_KNOWN_SYMBOL,
} from './tags.ts'
import { attachmentsOf, modulesOf, writeTrailer } from './trailer.ts'

/** Up to here tags cost less than asking whether all items are numbers. */
const FEW_NUMBERS = 8
/** After so many objects of shapes that no other object has, those that follow are written as dictionaries. */
const MOST_NEW_SHAPES = 100

const ObjectPrototype = Object.prototype
const shapes = new WriterShapes()
const firstShape = shapes.find([]) as WriterShape

export interface EncodeOptions {
  /** What may travel beside data; null: nothing. */
  readonly capability?: Capability | null
}

let idle: Encoder | null = null
let messageCount = 0

/**
 * The value as bytes. They are valid until the next call: copy them on.
 *
 * `root` is how error messages call the value: `args`, `items`, `result`.
 * @throws NotSerializableError for what cannot travel, with the path to it
 */
export function encode(value: unknown, root: string, options?: EncodeOptions): Uint8Array {
  // A getter or a hook of the value that is being encoded may encode something itself: it gets an encoder of its own.
  const encoder = idle ?? new Encoder()
  idle = null
  try {
    return encoder.message(value, root, options?.capability ?? null)
  } catch (error) {
    if (isStackOverflow(error)) encoder.refuse('it is nested too deep for what is left of the stack')
    throw error
  } finally {
    encoder.release()
    idle = encoder
  }
}

class Encoder implements ValueWriter {
  capability: Capability | null = null
  readonly output = new Output()
  readonly identity = new Identity()
  #root = ''
  #depth = -1
  /** What the levels above need of the stack beyond what those of plain data do. */
  #weight = 0
  /** `path[depth]` leads to the value that is being written at that depth. */
  readonly #path: PathStep[] = []
  #shape = firstShape
  #shapeCount = 0
  #newShapes = 0
  #repeats = false
  /** A number that no other message has: a shape that was written in this one has it. */
  #message = messageCount++
  readonly modules: string[] = []
  readonly attachments: Attachment[] = []
  /** Numbers of the instances whose reduce hook gave what is being written. */
  readonly #reducing: number[] = []

  message(value: unknown, root: string, capability: Capability | null): Uint8Array {
    this.capability = capability
    this.#root = root
    this.#depth = -1
    this.#weight = 0
    const { output } = this
    output.start()
    this.value(value, '')
    if (!this.#repeats && this.modules.length === 0 && this.attachments.length === 0) return output.plainMessage()
    const message = writeTrailer(output, this.#repeats ? FLAG_REFERENCES : 0, this.modules, this.attachments)
    // They are the message's from here on.
    if (this.attachments.length > 0) this.attachments.length = 0
    return message
  }

  /** Makes ready for the next message, also after an error. */
  release(): void {
    this.identity.clear()
    if (this.#shapeCount > 0) this.#message = messageCount++
    this.#shapeCount = 0
    this.#newShapes = 0
    this.#shape = firstShape
    if (this.#repeats || this.capability !== null || this.#reducing.length > 0) this.#releaseRest()
  }

  /** Setting the length of an array that is empty costs V8 50 ns. */
  #releaseRest(): void {
    // Attachments are left only after an error; taking one back and dropping it frees it.
    for (const attachment of this.attachments) this.capability?.takeBytes(attachment)
    if (this.attachments.length > 0) this.attachments.length = 0
    if (this.modules.length > 0) this.modules.length = 0
    if (this.#reducing.length > 0) this.#reducing.length = 0
    this.#repeats = false
    this.capability = null
  }

  value(value: unknown, step: PathStep): void {
    const { output } = this
    switch (typeof value) {
      case 'number':
        return output.number(value)
      case 'string':
        return output.string(value)
      case 'boolean':
        return output.byte(value ? TAG_TRUE : TAG_FALSE)
      case 'undefined':
        return output.byte(TAG_UNDEFINED)
      case 'bigint':
        return output.bigint(value)
      case 'object':
        if (value === null) return output.byte(TAG_NULL)
        break
    }
    this.#depth += 1
    this.#path[this.#depth] = step
    if (typeof value === 'object') this.#object(value as object)
    else this.#functionOrSymbol(value)
    this.#depth -= 1
  }

  #object(value: object): void {
    const number = this.identity.find(value)
    if (number >= 0) return this.#seen(number)
    if (this.#depth + this.#weight > DEEPEST) this.#refuseDeep()
    if (Array.isArray(value)) {
      if (Object.getPrototypeOf(value) === Array.prototype) return this.array(value)
      return this.#other(value)
    }
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype === ObjectPrototype) {
      const guess = this.#shape.next
      if (guess?.isOf(value)) return this.#shaped(value as Record<string, unknown>, guess)
      const keys = Object.keys(value)
      // `Math` looks like an empty object.
      return keys.length === 0 && this.known(value) ? undefined : this.properties(value, keys)
    }
    if (prototype === null) return this.#dictionary(TAG_NULL_PROTOTYPE, value as Record<string, unknown>, Object.keys(value))
    return this.#other(value)
  }

  /** Writes what every process has under a name of its own; false: it is nothing like that. */
  known(value: object): boolean {
    const { capability } = this
    if (capability?.isKnown?.(value) !== true) return false
    this.output.byte(TAG_FUNCTION)
    capability.writeFunction(this, value as AnyFunction)
    return true
  }

  #other(value: object): void {
    this.#weight += MORE_WEIGHT
    writeOther(this, value)
    this.#weight -= MORE_WEIGHT
  }

  #refuseDeep(): never {
    const fewer = Math.ceil(DEEPEST / (1 + MORE_WEIGHT))
    return this.refuse(`a value nested more than ${DEEPEST} levels deep, or ${fewer} of Maps, instances or functions, cannot travel`)
  }

  #seen(number: number): void {
    if (this.#reducing.includes(number)) {
      this.refuse('an instance whose class has a reduce hook cannot be a part of its own data')
    }
    this.#repeats = true
    this.output.tagged(TAG_SEEN, number)
  }

  #functionOrSymbol(value: unknown): void {
    if (typeof value === 'symbol') return this.#symbol(value)
    const fn = value as AnyFunction
    const number = this.identity.find(fn)
    if (number >= 0) return this.#seen(number)
    if (this.#depth + this.#weight > DEEPEST) this.#refuseDeep()
    const { capability } = this
    if (capability === null) this.refuse('a function cannot travel on this channel: code only travels inside one tree of processes')
    this.output.byte(TAG_FUNCTION)
    this.#weight += MORE_WEIGHT
    capability.writeFunction(this, fn)
    this.#weight -= MORE_WEIGHT
  }

  #symbol(symbol: symbol): void {
    const key = Symbol.keyFor(symbol)
    if (key !== undefined) {
      this.output.byte(TAG_SYMBOL_FOR)
      return this.output.string(key)
    }
    const name = Object.getOwnPropertyNames(Symbol).find(each => (Symbol as unknown as Record<string, unknown>)[each] === symbol)
    if (name === undefined) this.refuse(`${String(symbol)} is known in this process only; Symbol.for('…') makes one that travels`)
    this.output.byte(TAG_WELL_KNOWN_SYMBOL)
    this.output.string(name)
  }

  /** An array that may be what RegExp.prototype.exec gave. */
  array(items: readonly unknown[]): void {
    // No other named properties of arrays are looked for: the cheapest way to ask costs half of what a hundred numbers do.
    if (!('groups' in items && Object.hasOwn(items, 'groups'))) return this.items(items)
    this.#weight += MORE_WEIGHT
    writeMatch(this, items)
    this.#weight -= MORE_WEIGHT
  }

  /** An array without asking what else it is. */
  items(items: readonly unknown[]): void {
    const { length } = items
    if (length > FEW_NUMBERS && typeof items[0] === 'number' && this.#numbers(items, length)) return
    const { output } = this
    const start = output.position
    output.tagged(TAG_ARRAY, length)
    for (let index = 0; index < length; index += 1) {
      const item = items[index]
      if (item === undefined && !(index in items)) {
        output.bytes[start] = TAG_SPARSE_ARRAY
        return this.#rest(items, index, length)
      }
      this.value(item, index)
    }
  }

  /** All numbers: one loop and no tags. Starts with 32-bit integers, starts again as doubles at the first that is none. */
  #numbers(items: readonly unknown[], length: number): boolean {
    const { output } = this
    output.reserve(length * 8 + 16)
    const start = output.position + 5
    const { int32, float64 } = output
    const firstInteger = (start + (-start & 3)) / 4
    let index = 0
    for (; index < length; index += 1) {
      const item = items[index] as number
      if (typeof item !== 'number' || (item | 0) !== item || (item === 0 && 1 / item < 0)) break
      int32[firstInteger + index] = item
    }
    if (index === length) return this.#closeNumbers(TAG_INT32_ARRAY, length, firstInteger * 4, 4)
    const first = (start + (-start & 7)) / 8
    for (index = 0; index < length; index += 1) {
      const item = items[index]
      if (typeof item !== 'number') return false
      float64[first + index] = item
    }
    return this.#closeNumbers(TAG_FLOAT64_ARRAY, length, first * 8, 8)
  }

  #closeNumbers(tag: number, length: number, first: number, size: number): true {
    const { output } = this
    output.tagged(tag, length)
    output.padTo(first)
    output.position = first + length * size
    return true
  }

  /** What follows the first hole, up to the length that was written. Asks for the keys: between two items there may be a billion holes. */
  #rest(items: readonly unknown[], from: number, length: number): void {
    const { output } = this
    const keys = Object.keys(items)
    const places = keys
      .slice(0, countIndices(keys))
      .map(Number)
      .filter(place => place >= from && place < length)
    output.tagged(TAG_HOLES, places.length)
    for (const place of places) {
      output.uint32(place)
      this.value(items[place], place)
    }
  }

  /** An object's own properties, as one of a shape or, with many keys, as a dictionary. */
  properties(value: object, keys: readonly string[]): void {
    const shape = this.#findShape(keys)
    if (shape === null) return this.#dictionary(TAG_DICTIONARY, value as Record<string, unknown>, keys)
    this.#shaped(value as Record<string, unknown>, shape)
  }

  /** In `for … in` V8 reads properties of all kinds of objects by their places, which is several times as fast as by their keys. */
  #shaped(value: Record<string, unknown>, shape: WriterShape): void {
    const { keys, count } = shape
    this.#shape = shape
    this.#shapeTag(shape)
    let index = 0
    for (const key in value) {
      if (index === count || key !== keys[index]) break
      this.value(value[key], key)
      index += 1
    }
    // A getter has taken keys away meanwhile.
    for (; index < count; index += 1) this.value(value[keys[index] as string], keys[index] as string)
  }

  #findShape(keys: readonly string[]): WriterShape | null {
    if (this.#newShapes > MOST_NEW_SHAPES) return null
    const shape = shapes.find(keys)
    if (shape !== null) this.#shape.next = shape
    return shape
  }

  #shapeTag(shape: WriterShape): void {
    const { output } = this
    if (shape.message !== this.#message) {
      shape.message = this.#message
      shape.number = this.#shapeCount++
      this.#newShapes += 1
      return output.block(shape.block)
    }
    this.#newShapes = 0
    if (shape.number > 0xff) return output.tagged(TAG_SHAPE_WIDE, shape.number)
    output.byte(TAG_SHAPE)
    output.byte(shape.number)
  }

  #dictionary(tag: number, value: Record<string, unknown>, keys: readonly string[]): void {
    this.output.tagged(tag, keys.length)
    for (const key of keys) {
      this.output.string(key)
      this.value(value[key], key)
    }
  }

  byte(value: number): void {
    this.output.byte(value)
  }

  uint32(value: number): void {
    this.output.uint32(value)
  }

  string(text: string): void {
    this.output.string(text)
  }

  module(key: string): number {
    const number = this.modules.indexOf(key)
    return number === -1 ? this.modules.push(key) - 1 : number
  }

  nested(message: Uint8Array): void {
    if (attachmentsOf(message).length > 0) throw new TypeError('Expected `message` to be one without attachments')
    for (const key of modulesOf(message)) this.module(key)
    this.output.uint32(message.length)
    this.output.alignedBytes(message)
  }

  /** Runs `write`, during which the value that is being written must not come again. */
  reducing(write: () => void): void {
    this.#reducing.push(this.identity.count - 1)
    write()
    this.#reducing.pop()
  }

  refuse(reason: string): never {
    throw new NotSerializableError(formatPath(this.#root, this.#path.slice(1, this.#depth + 1)), reason)
  }
}
