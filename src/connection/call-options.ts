// What calls of a connection are given beside how long they may wait.
import { checkInteger, expected, readOptions } from '../base/validate.ts'
import { type ReadWaitOptions, readSyncWaitOptions, readWaitOptions, type SyncWaitOptions, type WaitOptions } from '../base/wait-options.ts'

/** Any bytes: a typed array, a Buffer, a DataView, an ArrayBuffer or a SharedArrayBuffer. */
export type Bytes = ArrayBufferView | ArrayBufferLike

export interface PartOptions {
  /** Where in the bytes the message begins. */
  offset?: number
  /** How many bytes it has; default: all from `offset` on. */
  size?: number
}

export interface LimitOptions {
  /** The longest message that is received. A longer one makes this end unreadable, as in Python. */
  maxLength?: number
}

export interface PlaceOptions {
  /** Where in the target the message is put. */
  offset?: number
}

export const FOR_EVER: ReadWaitOptions = Object.freeze({ timeout: Infinity, signal: undefined })

interface Read<E> {
  readonly extra: E
  readonly wait: ReadWaitOptions
}

const NO_OPTIONS: Read<object> = Object.freeze({ extra: Object.freeze({}), wait: FOR_EVER })
const NO_SYNC_OPTIONS = Object.freeze({ extra: Object.freeze({}), timeout: Infinity })

/** @throws TypeError, RangeError */
export function readCall<E extends object>(options: (WaitOptions & E) | undefined, names: readonly (keyof E & string)[]): Read<Partial<E>> {
  if (options === undefined) return NO_OPTIONS
  if (typeof options !== 'object') readWaitOptions(options)
  const all = readOptions<WaitOptions & E>(options, ['timeout', 'signal', ...names] as (keyof (WaitOptions & E) & string)[])
  return { extra: all, wait: readWaitOptions({ timeout: all.timeout, signal: all.signal } as WaitOptions) }
}

/** The same for a blocking form. @throws TypeError, RangeError */
export function readSyncCall<E extends object>(
  options: (SyncWaitOptions & E) | undefined,
  names: readonly (keyof E & string)[],
): { readonly extra: Partial<E>; readonly timeout: number } {
  if (options === undefined) return NO_SYNC_OPTIONS
  if (typeof options !== 'object') readSyncWaitOptions(options)
  const all = readOptions<SyncWaitOptions & E>(options, ['timeout', ...names] as (keyof (SyncWaitOptions & E) & string)[])
  return { extra: all, timeout: readSyncWaitOptions({ timeout: all.timeout } as SyncWaitOptions) }
}

/** The same memory, byte by byte. @throws TypeError */
function asBytes(bytes: unknown, name: string): Uint8Array {
  if (bytes instanceof Uint8Array) return bytes
  if (ArrayBuffer.isView(bytes)) return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes instanceof ArrayBuffer || bytes instanceof SharedArrayBuffer) return new Uint8Array(bytes)
  throw new TypeError(expected(name, 'a typed array, a DataView or an ArrayBuffer', bytes))
}

/** @throws TypeError, RangeError */
export function partOf(bytes: unknown, { offset = 0, size }: PartOptions): Uint8Array {
  const all = asBytes(bytes, 'bytes')
  checkInteger(offset, 'offset', 0, all.length)
  if (size !== undefined) checkInteger(size, 'size', 0, all.length - offset)
  return offset === 0 && (size === undefined || size === all.length)
    ? all
    : all.subarray(offset, size === undefined ? undefined : offset + size)
}

/** @throws TypeError, RangeError */
export function limitOf({ maxLength }: LimitOptions): number {
  return maxLength === undefined ? Infinity : checkInteger(maxLength, 'maxLength', 0)
}

/** Where a message may be put. @throws TypeError, RangeError */
export function placeIn(target: unknown, { offset = 0 }: PlaceOptions): Uint8Array {
  const all = asBytes(target, 'target')
  checkInteger(offset, 'offset', 0, all.length)
  return offset === 0 ? all : all.subarray(offset)
}
