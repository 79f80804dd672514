// A shape is a list of keys. A message writes the keys of a shape once, in one block, and names it by number from then on; both sides
// keep the shapes of earlier messages, so that neither builds strings nor blocks for keys it knows.
//
// Which shape an object has cannot be asked; it is guessed. The shape that followed the last one before very probably follows it
// again, and comparing keys that are the same strings costs next to nothing. Where the guess is wrong the writer follows a tree of
// keys and the reader looks the block up by a hash of its bytes.
import type { Input } from './input.ts'
import { Block, Output } from './output.ts'
import { MOST_SHAPE_KEYS, TAG_NEW_SHAPE } from './tags.ts'

const MOST_NODES = 8192
const LONGEST_BLOCK = 2048

/** The shape of objects that are being written. */
export class WriterShape {
  readonly keys: readonly string[]
  readonly count: number
  /** `TAG_NEW_SHAPE`, four bytes of length, one of count, then the keys. */
  readonly block: Block
  /** The message in which it was written last, and its number there. */
  message = -1
  number = 0
  next: WriterShape | null = null

  constructor(keys: readonly string[], block: Uint8Array) {
    this.keys = keys
    this.count = keys.length
    this.block = new Block(block)
  }

  /** Whether the object has these keys, and some at all: without a list of them. What Object.prototype shows comes, too, as one too many. */
  isOf(object: object): boolean {
    const { keys, count } = this
    let index = 0
    for (const key in object) {
      if (index === count || key !== keys[index]) return false
      index += 1
    }
    return index === count && count > 0
  }
}

interface Node {
  shape: WriterShape | null
  readonly children: Map<string, Node>
}

/** All shapes of the objects that this thread wrote. */
export class WriterShapes {
  #root: Node = { shape: null, children: new Map() }
  #nodes = 0
  readonly #blockOutput = new Output()

  /** The shape with these keys; null: it would be too large to be one. */
  find(keys: readonly string[]): WriterShape | null {
    if (keys.length > MOST_SHAPE_KEYS || keys.some(isLong)) return null
    let node = this.#root
    for (let index = 0; index < keys.length; index += 1) {
      const key = keys[index] as string
      let child = node.children.get(key)
      if (child === undefined) {
        child = { shape: null, children: new Map() }
        node.children.set(key, child)
        this.#nodes += 1
      }
      node = child
    }
    node.shape ??= this.#make(keys)
    const { shape } = node
    if (this.#nodes > MOST_NODES) this.#forget()
    return shape
  }

  #make(keys: readonly string[]): WriterShape | null {
    const output = this.#blockOutput
    output.start()
    output.tagged(TAG_NEW_SHAPE, 0)
    const start = output.position
    output.byte(keys.length)
    for (const key of keys) output.string(key)
    const length = output.position - start
    if (length > LONGEST_BLOCK) return null
    output.view.setUint32(start - 4, length, true)
    return new WriterShape(keys, output.plainMessage())
  }

  #forget(): void {
    this.#root = { shape: null, children: new Map() }
    this.#nodes = 0
  }
}

/** Not worth remembering. */
function isLong(key: string): boolean {
  return key.length > LONGEST_BLOCK
}

const SITES = 4
let shapeCount = 0

/** The shape of objects that are being read. */
export class ReaderShape {
  readonly keys: readonly string[]
  readonly count: number
  readonly block: Uint8Array
  /** The same bytes, for comparing four at once. */
  readonly view: DataView
  /** An object with these keys. What is assigned to a copy of it goes into properties of its own, whatever Object.prototype has. */
  readonly #template: Record<string, unknown>
  readonly #site: number
  /** It is in the table. Only such a shape knows another, or is known to one: else a message could leave a chain without end behind. */
  isKept = false
  next: ReaderShape | null = null

  constructor(keys: readonly string[], block: Uint8Array) {
    this.keys = keys
    this.count = keys.length
    this.block = block
    this.view = new DataView(block.buffer, block.byteOffset, block.byteLength)
    this.#template = Object.fromEntries(keys.map(key => [key, undefined]))
    this.#site = shapeCount++ % SITES
  }

  /** A new object that has the keys already. V8 copies objects fast where it has met four kinds of them at most: so there are four such places. */
  object(): Record<string, unknown> {
    switch (this.#site) {
      case 0:
        return { ...this.#template }
      case 1:
        return { ...this.#template }
      case 2:
        return { ...this.#template }
      default:
        return { ...this.#template }
    }
  }

  /** Whether the block is the one at this place. */
  equals(view: DataView, position: number, length: number): boolean {
    if (length !== this.block.length) return false
    const mine = this.view
    let index = 0
    for (; index + 4 <= length; index += 4) if (mine.getInt32(index, true) !== view.getInt32(position + index, true)) return false
    for (; index < length; index += 1) if (mine.getUint8(index) !== view.getUint8(position + index)) return false
    return true
  }
}

/** A place for each hash: what comes later takes it, so that no sender can make the table grow. */
const PLACES = 1024
const places: (ReaderShape | undefined)[] = new Array(PLACES).fill(undefined)
const firstRead = new ReaderShape([], new Uint8Array(1))
firstRead.isKept = true

/** Up to so many places of a list are kept for the next message: V8 takes 50 ns to empty a list and as many to begin it anew. */
const KEPT_PLACES = 8

/** The shapes of the message that is being read. */
export class ReaderShapes {
  readonly #shapes: ReaderShape[] = []
  #count = 0
  #last = firstRead

  /** The shape with this number. */
  at(number: number): ReaderShape | undefined {
    const shape = number < this.#count ? this.#shapes[number] : undefined
    if (shape !== undefined) this.#last = shape
    return shape
  }

  /** The one whose key block comes next: it has the next number. */
  read(input: Input): ReaderShape {
    const length = input.count(1)
    const { position, view } = input
    const guess = this.#last.next
    const shape = guess?.equals(view, position, length) ? guess : (kept(view, position, length) ?? readKeys(input, length))
    input.position = position + length
    if (shape.isKept && this.#last.isKept) this.#last.next = shape
    this.#last = shape
    this.#shapes[this.#count++] = shape
    return shape
  }

  clear(): void {
    this.#last = firstRead
    const shapes = this.#shapes
    if (shapes.length > KEPT_PLACES) shapes.length = 0
    else for (let number = this.#count - 1; number >= 0; number -= 1) shapes[number] = firstRead
    this.#count = 0
  }
}

function kept(view: DataView, position: number, length: number): ReaderShape | undefined {
  const shape = places[hash(view, position, length)]
  return shape?.equals(view, position, length) ? shape : undefined
}

function readKeys(input: Input, length: number): ReaderShape {
  const start = input.position
  const outerEnd = input.end
  input.end = start + length
  const count = input.byte()
  if (count > MOST_SHAPE_KEYS) input.bad(`a shape has ${count} keys`)
  const keys: string[] = []
  for (let index = 0; index < count; index += 1) keys.push(input.string())
  if (input.position !== input.end) input.bad('a shape has more bytes than keys')
  if (new Set(keys).size !== count) input.bad('a shape has a key twice')
  input.end = outerEnd
  const shape = new ReaderShape(keys, Uint8Array.from(input.bytes.subarray(start, start + length)))
  if (length <= LONGEST_BLOCK) keep(shape)
  return shape
}

function keep(shape: ReaderShape): void {
  const place = hash(shape.view, 0, shape.block.length)
  const before = places[place]
  if (before !== undefined) {
    before.isKept = false
    before.next = null
  }
  places[place] = shape
  shape.isKept = true
}

/** FNV-1a of G. Fowler, L. C. Noll and K.-P. Vo. */
function hash(view: DataView, position: number, length: number): number {
  let value = 0x811c9dc5
  for (let index = 0; index < length; index += 1) value = Math.imul(value ^ view.getUint8(position + index), 0x01000193)
  return (value ^ (value >>> 15)) & (PLACES - 1)
}
