import { ClosedError } from '../../base/errors.ts'
import { checkInteger, expected, readOptions } from '../../base/validate.ts'
import { inspect } from '../../sync/parts/inspection.ts'
import type { Closable } from '../../sync/parts/shared-object.ts'
import { encodeItem, isSameItem, loadItem, type ShareableItem, slotFor, storeItem } from './list-items.ts'
import { formatAt, type ListView, listSize, readLayout, writeLayout } from './list-layout.ts'
import { SharedMemory } from './shared-memory.ts'

export interface ShareableListOptions {
  /** Of the memory that is made for it. */
  name?: string
}

const MOST_SHOWN = 100
/** What the constructor takes instead of items when the list is there already; nobody else has it. */
class Present {
  readonly memory: SharedMemory
  constructor(memory: SharedMemory) {
    this.memory = memory
  }
}

/**
 * A list of numbers, strings, booleans, bytes and nulls in shared memory, as Python's: each side makes, attaches to, reads and writes it. It
 * keeps its length and the room of each item: a string or bytes may be replaced by what is not longer than 8·⌊bytes / 8 + 1⌋ bytes were at the
 * beginning. Can be sent to any process of the tree.
 *
 * Strings are UTF-8 and keep what they end with. Python shows an item without the NULs at its end, and cuts what it writes over one that ended
 * with NULs to that one's length.
 *
 * Ordering: an item is not written in one step, so who reads it meanwhile may see half of it, as in Python. A lock says who may.
 * @example const list = new ShareableList(['a', 1, 2.5, null]); list.set(1, 10n)
 */
export class ShareableList implements Iterable<ShareableItem>, Closable {
  readonly #shm: SharedMemory
  readonly #list: ListView

  /**
   * New memory with these items; it is unlinked at the tree's end unless somebody does before.
   * @throws TypeError for what a list cannot hold, RangeError for an integer of more than 64 bits; what `SharedMemory.create` throws
   */
  constructor(items: Iterable<ShareableItem> = [], options?: ShareableListOptions) {
    this.#shm = items instanceof Present ? items.memory : makeList(items, options)
    this.#list = readLayout(this.#shm.bytes, this.#shm.name)
  }

  /**
   * The list in the memory of this name.
   * @throws MultiprocessingError `ERR_BAD_LAYOUT` when it holds no list; what `SharedMemory.attach` throws
   */
  static attach(name: string): ShareableList {
    return attachTo(SharedMemory.attach(name))
  }

  /** The memory it is in: its name, and `unlink()`. */
  get shm(): SharedMemory {
    return this.#shm
  }

  get length(): number {
    return this.#open().length
  }

  /** The formats of all items, in the language of Python's struct module. */
  get format(): string {
    const list = this.#open()
    return Array.from({ length: list.length }, (_, index) => formatAt(list, index)).join('')
  }

  /** -1 is the last. An integer beyond what a number holds exactly is a bigint. @throws RangeError outside */
  get(index: number): ShareableItem {
    const list = this.#open()
    return loadItem(list, placeOf(index, list.length))
  }

  /** @throws RangeError outside, and for what does not fit; TypeError for what a list cannot hold */
  set(index: number, value: ShareableItem): void {
    const list = this.#open()
    storeItem(list, placeOf(index, list.length), encodeItem(value, 'value'))
  }

  /** How many items are this value. */
  count(value: ShareableItem): number {
    let count = 0
    for (const item of this) if (isSameItem(item, value)) count += 1
    return count
  }

  /** Where this value is first; -1: nowhere. */
  indexOf(value: ShareableItem): number {
    let index = 0
    for (const item of this) {
      if (isSameItem(item, value)) return index
      index += 1
    }
    return -1
  }

  *[Symbol.iterator](): IterableIterator<ShareableItem> {
    for (let index = 0; index < this.length; index += 1) yield this.get(index)
  }

  get closed(): boolean {
    return this.#shm.closed
  }

  /** Ends this process's use of it; others keep it, and `shm.unlink()` frees its name. May be called twice. */
  close(): void {
    this.#shm.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  [inspect](_depth: number, options: object, show: (value: unknown, options: object) => string): string {
    if (this.closed) return `ShareableList { '${this.#shm.name}', closed }`
    const items: ShareableItem[] = []
    for (let index = 0; index < Math.min(this.length, MOST_SHOWN); index += 1) items.push(this.get(index))
    const more = this.length - items.length
    return `ShareableList { '${this.#shm.name}', ${show(items, options)}${more > 0 ? `, ${more} more` : ''} }`
  }

  #open(): ListView {
    if (this.#shm.closed) throw new ClosedError(`The list ${this.#shm.name} is closed in this process`)
    return this.#list
  }
}

/** The list in memory that is attached to. What holds no list is closed again. */
export function attachTo(memory: SharedMemory): ShareableList {
  try {
    return new ShareableList(new Present(memory) as unknown as Iterable<ShareableItem>)
  } catch (error) {
    memory.close()
    throw error
  }
}

function makeList(items: Iterable<ShareableItem>, options: ShareableListOptions | undefined): SharedMemory {
  const { name } = readOptions<ShareableListOptions>(options, ['name'])
  if (typeof items?.[Symbol.iterator] !== 'function') throw new TypeError(expected('items', 'iterable', items))
  const encoded = Array.from(items, (item, index) => encodeItem(item, `items[${index}]`))
  const slots = encoded.map(slotFor)
  const memory = SharedMemory.create({ size: listSize(slots), ...(name === undefined ? {} : { name }) })
  writeLayout(memory.bytes, slots)
  const list = readLayout(memory.bytes, memory.name)
  for (const [index, item] of encoded.entries()) storeItem(list, index, item)
  return memory
}

function placeOf(index: number, length: number): number {
  if (length === 0) throw new RangeError(expected('index', 'within the list, which is empty', index))
  checkInteger(index, 'index', -length, length - 1)
  return index < 0 ? index + length : index
}
