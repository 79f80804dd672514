// Where things are in a ShareableList, byte for byte as in CPython's Lib/multiprocessing/shared_memory.py. All numbers are 64 bits, little
// endian; n is the number of items.
//
//   n │ offset of each item, and of the end │ the items' slots │ n formats of 8 bytes │ n codes of 1 byte
//     │ (n + 1) × 8, from the first slot on │ multiples of 8   │ of struct, padded    │ str 1, bytes 2, None 3, others 0
//
// The number of items and their slots never change; formats, codes and what is in the slots do. Python looks at all formats for each access;
// here it is read off the offsets where an item is.
import { MultiprocessingError } from '../../base/errors.ts'

const WORD = 8

/** A list in memory: what never changes, read once. */
export interface ListView {
  readonly view: DataView
  readonly bytes: Uint8Array
  readonly length: number
  /** Where the first slot is, where the formats are and where the codes are. */
  readonly slots: number
  readonly formats: number
  readonly codes: number
}

export interface Slot {
  readonly start: number
  readonly byteLength: number
}

/** How many bytes a list with these slots has. */
export function listSize(slots: readonly number[]): number {
  const count = slots.length
  return (count + 2) * WORD + slots.reduce((sum, bytes) => sum + bytes, 0) + count * (WORD + 1)
}

/** Writes the number of items and the offsets of their slots. */
export function writeLayout(bytes: Uint8Array, slots: readonly number[]): void {
  const view = viewOf(bytes)
  view.setBigInt64(0, BigInt(slots.length), true)
  let offset = 0
  for (const [index, byteLength] of [...slots, 0].entries()) {
    view.setBigInt64((1 + index) * WORD, BigInt(offset), true)
    offset += byteLength
  }
}

/** @throws MultiprocessingError `ERR_BAD_LAYOUT` for memory that holds no list */
export function readLayout(bytes: Uint8Array, name: string): ListView {
  const view = viewOf(bytes)
  const length = bytes.byteLength < 2 * WORD ? -1 : wordAt(view, 0)
  const slots = (length + 2) * WORD
  if (!(length >= 0 && slots <= bytes.byteLength)) throw noList(name)
  const formats = slots + wordAt(view, slots - WORD)
  const codes = formats + length * WORD
  if (!(formats >= slots && codes + length <= bytes.byteLength)) throw noList(name)
  return { view, bytes, length, slots, formats, codes }
}

/** @throws MultiprocessingError `ERR_BAD_LAYOUT` when it is not within the list: somebody has written over the offsets */
export function slotAt({ view, slots, formats }: ListView, index: number): Slot {
  const start = slots + wordAt(view, (1 + index) * WORD)
  const end = slots + wordAt(view, (2 + index) * WORD)
  if (start >= slots && end - start >= WORD && end <= formats) return { start, byteLength: end - start }
  throw new MultiprocessingError(`Item ${index} of the list is not within it: something else was written to its memory`, {
    code: 'ERR_BAD_LAYOUT',
  })
}

export function formatAt({ bytes, formats }: ListView, index: number): string {
  let format = ''
  for (let at = formats + index * WORD; at < formats + (index + 1) * WORD && bytes[at] !== 0; at += 1) {
    format += String.fromCharCode(bytes[at] as number)
  }
  return format
}

export function setFormat({ bytes, formats }: ListView, index: number, format: string): void {
  for (let at = 0; at < WORD; at += 1) bytes[formats + index * WORD + at] = at < format.length ? format.charCodeAt(at) : 0
}

export function codeAt({ bytes, codes }: ListView, index: number): number {
  return bytes[codes + index] as number
}

export function setCode({ bytes, codes }: ListView, index: number, code: number): void {
  bytes[codes + index] = code
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** What is not exact lies beyond any memory. */
function wordAt(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getInt32(at + 4, true) * 2 ** 32
}

function noList(name: string): MultiprocessingError {
  return new MultiprocessingError(`The shared memory ${name} holds no ShareableList`, { code: 'ERR_BAD_LAYOUT' })
}
