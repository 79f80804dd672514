// One item of a ShareableList: its value as a format of Python's struct module, a code, and bytes in its slot.
//
//   value                      format      code  in the slot
//   integer, bigint            q           0     64 bits
//   another number             d           0     64 bits
//   boolean                    xxxxxxx?    0     the last byte of eight
//   null                       xxxxxx?x    3     zeros
//   string                     <slot>s     1     UTF-8, then zeros
//   bytes                      <slot>s     2     themselves, then zeros
//   either with NULs behind    <length>s         the same
//
// Python takes the zeros behind a string's end away, and with them those that were part of it. Here their number is kept by the format: it
// says the value's own length instead of its slot's, or has a 0 before it where the two are the same. Python reads such an item as it reads
// its own, without the zeros. It keeps the format when it writes, so what it then stores there is cut to that length without an error; only
// values that end with NULs have that, others have Python's own format.
import { MultiprocessingError } from '../../base/errors.ts'
import { expected } from '../../base/validate.ts'
import { codeAt, formatAt, type ListView, type Slot, setCode, setFormat, slotAt } from './list-layout.ts'
import { hasLoneSurrogate } from './names.ts'

/** Int or float by its value; a bigint is always int. */
export type ShareableItem = number | bigint | boolean | string | Uint8Array | null

const CODE_STRING = 1
const CODE_BYTES = 2
const CODE_NULL = 3
const WORD = 8
const LONGEST_FORMAT = 8
/** Of more bytes Python's format has no room for the number. */
const MOST_BYTES = 9_999_991

/** An item as it will be in memory. */
export type EncodedItem = { readonly code: number } & (
  | { readonly format: string; write(view: DataView, at: number): void }
  | { readonly content: Uint8Array }
)

/** @throws TypeError for what a list cannot hold, RangeError for an integer of more than 64 bits or a string that has no UTF-8 */
export function encodeItem(value: unknown, name: string): EncodedItem {
  if (value === null) return { code: CODE_NULL, format: 'xxxxxx?x', write: (view, at) => view.setBigInt64(at, 0n, true) }
  if (typeof value === 'boolean') return encodeBoolean(value)
  if (typeof value === 'number') return encodeNumber(value)
  if (typeof value === 'bigint') return encodeInteger(value, name)
  if (typeof value === 'string') return encodeString(value, name)
  if (value instanceof Uint8Array) return checkLength({ code: CODE_BYTES, content: value }, name)
  throw new TypeError(expected(name, 'a number, bigint, boolean, string, Uint8Array or null', value))
}

function encodeBoolean(value: boolean): EncodedItem {
  return { code: 0, format: 'xxxxxxx?', write: (view, at) => view.setBigUint64(at, value ? 1n << 56n : 0n, true) }
}

/** Python has no int that is -0. */
function encodeNumber(value: number): EncodedItem {
  const isInteger = Number.isSafeInteger(value) && !Object.is(value, -0)
  if (isInteger) return { code: 0, format: 'q', write: (view, at) => view.setBigInt64(at, BigInt(value), true) }
  return { code: 0, format: 'd', write: (view, at) => view.setFloat64(at, value, true) }
}

function encodeInteger(value: bigint, name: string): EncodedItem {
  if (BigInt.asIntN(64, value) !== value) throw new RangeError(expected(name, 'an integer of 64 bits', value))
  return { code: 0, format: 'q', write: (view, at) => view.setBigInt64(at, value, true) }
}

function encodeString(value: string, name: string): EncodedItem {
  if (hasLoneSurrogate(value)) throw new RangeError(expected(name, 'well-formed Unicode', value))
  return checkLength({ code: CODE_STRING, content: Buffer.from(value) }, name)
}

function checkLength(item: { readonly code: number; readonly content: Uint8Array }, name: string): EncodedItem {
  const { byteLength } = item.content
  if (byteLength > MOST_BYTES) throw new RangeError(expected(name, `at most ${MOST_BYTES} bytes long`, byteLength))
  return item
}

/** How many bytes the list keeps for it: as Python does, but for a string by its bytes and not by its characters. */
export function slotFor(item: EncodedItem): number {
  return 'content' in item ? WORD * (Math.floor(item.content.byteLength / WORD) + 1) : WORD
}

/** @throws RangeError when it is longer than the slot */
export function storeItem(list: ListView, index: number, item: EncodedItem): void {
  const slot = slotAt(list, index)
  if ('content' in item) {
    setFormat(list, index, formatOf(item.content, slot))
    list.bytes.set(item.content, slot.start)
    list.bytes.fill(0, slot.start + item.content.byteLength, slot.start + slot.byteLength)
  } else {
    setFormat(list, index, item.format)
    item.write(list.view, slot.start)
  }
  setCode(list, index, item.code)
}

function formatOf(content: Uint8Array, { byteLength }: Slot): string {
  const length = content.byteLength
  if (length > byteLength)
    throw new RangeError(`Expected \`value\` to be at most ${byteLength} bytes long, as there is room for, got ${length}`)
  if (content[length - 1] !== 0) return `${byteLength}s`
  const format = length === byteLength ? `0${length}s` : `${length}s`
  if (format.length <= LONGEST_FORMAT) return format
  throw new RangeError(`Expected \`value\`, which ends with NULs, to be less than ${byteLength} bytes long, got ${length}`)
}

/** @throws MultiprocessingError `ERR_BAD_LAYOUT` for what is no item, or a string that is not UTF-8 */
export function loadItem(list: ListView, index: number): ShareableItem {
  const slot = slotAt(list, index)
  const code = codeAt(list, index)
  if (code === CODE_NULL) return null
  const format = formatAt(list, index)
  if (code === CODE_STRING) return textOf(contentOf(list, index, slot, format), index)
  if (code === CODE_BYTES) return contentOf(list, index, slot, format)
  if (format === 'q') return integerAt(list.view, slot.start)
  if (format === 'd') return list.view.getFloat64(slot.start, true)
  if (format === 'xxxxxxx?') return list.bytes[slot.start + WORD - 1] !== 0
  throw badItem(index, `its format is ${JSON.stringify(format)}`)
}

/** A copy: what others write later does not change it. */
function contentOf({ bytes }: ListView, index: number, { start, byteLength }: Slot, format: string): Uint8Array {
  const length = /^\d+s$/.test(format) ? Number(format.slice(0, -1)) : Infinity
  if (length > byteLength) throw badItem(index, `its format is ${JSON.stringify(format)}`)
  const content = bytes.slice(start, start + length)
  const isExact = length < byteLength || format.startsWith('0')
  return isExact ? content : content.subarray(0, content.findLastIndex(byte => byte !== 0) + 1)
}

let decoder: InstanceType<typeof TextDecoder> | undefined

function textOf(content: Uint8Array, index: number): string {
  decoder ??= new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  try {
    return decoder.decode(content)
  } catch (error) {
    throw badItem(index, 'it is a string that is not UTF-8; Python cuts strings that are not ASCII', error)
  }
}

function integerAt(view: DataView, at: number): number | bigint {
  const value = view.getBigInt64(at, true)
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

function badItem(index: number, reason: string, cause?: unknown): MultiprocessingError {
  return new MultiprocessingError(`Item ${index} of the list cannot be read: ${reason}`, { code: 'ERR_BAD_LAYOUT', cause })
}

/** As values: `1` and `1n` are the same integer, an array is its bytes. */
export function isSameItem(one: ShareableItem, other: ShareableItem): boolean {
  if (one instanceof Uint8Array && other instanceof Uint8Array) return Buffer.compare(one, other) === 0
  if (typeof one === 'bigint' || typeof other === 'bigint') return isNumeric(one) && isNumeric(other) && BigInt(one) === BigInt(other)
  return one === other
}

function isNumeric(item: ShareableItem): item is number | bigint {
  return typeof item === 'bigint' || Number.isInteger(item)
}
