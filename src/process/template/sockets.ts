import { native } from '../../native/load.ts'
import { NUMBER_BYTES } from './protocol.ts'

/** Each as 32 bits, with a sign or without. */
export function writeNumbers(fd: number, ...values: readonly number[]): void {
  const bytes = new Uint8Array(Int32Array.from(values, value => value | 0).buffer)
  for (let sent = 0; sent < bytes.length; ) sent += native().writeDescriptor(fd, bytes.subarray(sent))
}

/** Null: the other side is gone. Waiting: until all of it has come. */
export function readNumber(fd: number): number | null {
  const bytes = new Uint8Array(NUMBER_BYTES)
  for (let taken = 0; taken < bytes.length; ) {
    const count = native().readDescriptor(fd, bytes.subarray(taken))
    if (count === 0) return null
    taken += count
  }
  return new Int32Array(bytes.buffer)[0] as number
}
