// A shape is a list of keys. A message writes the keys of a shape once, in one block, and names it by number from then on; both sides
// keep the shapes of earlier messages, so that neither builds strings nor blocks for keys it knows.
//
// Which shape an object has cannot be asked; it is guessed. The shape that followed the last one before very probably follows it
// again, and comparing keys that are the same strings costs next to nothing. Where the guess is wrong the writer follows a tree of
// keys and the reader looks the block up by a hash of its bytes.
import type { Input } from './input.ts'
import { Output } from './output.ts'
import { HEADER_BYTES, MOST_SHAPE_KEYS } from './tags.ts'

const MOST_NODES = 8192
const LONGEST_BLOCK = 2048

/** The shape of objects that are being written. */
export class WriterShape {
  readonly keys: readonly string[]
  readonly count: number
  /** Four bytes of length, one of count, then the keys. */
  readonly block: Uint8Array
  /** The message in which it was written last, and its number there. */
  message: object | null = null
  number = 0
  next: WriterShape | null = null

  constructor(keys: readonly string[], block: Uint8Array) {
    this.keys = keys
    this.count = keys.length
    this.block = block
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
    output.uint32(0)
    output.byte(keys.length)
    for (const key of keys) output.string(key)
    const length = output.position - HEADER_BYTES
    if (length - 4 > LONGEST_BLOCK) return null
    output.view.setUint32(HEADER_BYTES, length - 4, true)
    return new WriterShape(keys, Uint8Array.from(output.plainMessage()))
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

/** The shape of objects that are being read. */
export class ReaderShape {
  readonly keys: readonly string[]
  readonly count: number
  readonly block: Uint8Array
  /** The same bytes, for comparing four at once. */
  readonly view: DataView
  /** No key is one that Object.prototype has, so that assigning makes a property of the object's own. */
  isPlain = false
  /** It is in the table. Only such a shape knows another, or is known to one: else a message could leave a chain without end behind. */
  isKept = false
  next: ReaderShape | null = null

  constructor(keys: readonly string[], block: Uint8Array) {
    this.keys = keys
    this.count = keys.length
    this.block = block
    this.view = new DataView(block.buffer, block.byteOffset, block.byteLength)
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

/** The shapes of the message that is being read. */
export class ReaderShapes {
  readonly #shapes: ReaderShape[] = []
  #last = firstRead

  /** The shape with this number. */
  at(number: number): ReaderShape | undefined {
    const shape = this.#shapes[number]
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
    // A prototype can get a setter, or be frozen, at any time before this message.
    shape.isPlain = hasPlainKeys(shape)
    if (shape.isKept && this.#last.isKept) this.#last.next = shape
    this.#last = shape
    this.#shapes.push(shape)
    return shape
  }

  clear(): void {
    this.#last = firstRead
    if (this.#shapes.length > 0) this.#shapes.length = 0
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

function hasPlainKeys({ keys, count }: ReaderShape): boolean {
  for (let index = 0; index < count; index += 1) if ((keys[index] as string) in Object.prototype) return false
  return true
}

/** FNV-1a of G. Fowler, L. C. Noll and K.-P. Vo. */
function hash(view: DataView, position: number, length: number): number {
  let value = 0x811c9dc5
  for (let index = 0; index < length; index += 1) value = Math.imul(value ^ view.getUint8(position + index), 0x01000193)
  return (value ^ (value >>> 15)) & (PLACES - 1)
}
