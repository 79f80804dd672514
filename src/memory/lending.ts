// Blocks as buffers for users: external memory over exactly a block's bytes, never over what is beside them.
import { native } from '../native/load.ts'
import { arena, arenaDescriptor } from './arena.ts'
import { GRANULE_BYTES } from './layout.ts'
import { granuleOf, type Reference, segmentOf } from './segments.ts'

/** No loan: who hears of memory that came back knows no block of this key. */
const NO_KEY = 0

/**
 * A buffer over the first `byteLength` bytes of a block, at least 1. It does not keep the block: nobody may free it meanwhile. The callback
 * of `native().onReturned` gets `key` when the buffer's memory is nobody's any more.
 */
export function lendBlock(reference: Reference, byteLength: number, key: number): ArrayBuffer {
  const { segments } = arena()
  const offset = granuleOf(reference) * GRANULE_BYTES
  // A range has a mapping of its own: it is seldom in the same place twice. Segments stay mapped.
  const buffer =
    offset === 0
      ? native().lendMapped(arenaDescriptor(), reference * GRANULE_BYTES, byteLength, key)
      : native().lendWithin(segments.bytes(segmentOf(reference)), offset, byteLength, key)
  return movable(buffer)
}

/**
 * A buffer over memory of a file of its own, which goes with the buffer and the file's last descriptor. `offset` is a multiple of the page size.
 * Nobody is told of its end.
 */
export function lendFile(fd: number, offset: number, byteLength: number): ArrayBuffer {
  return movable(native().lendMapped(fd, offset, byteLength, NO_KEY))
}

/**
 * Node marks buffers over memory that an addon gave it, and `postMessage` refuses to transfer them. (On 20 it copies them instead.)
 * `transfer()` moves the memory to a buffer without the mark, which is like any other.
 */
function movable(buffer: ArrayBuffer): ArrayBuffer {
  const { transfer } = ArrayBuffer.prototype as { transfer?: () => ArrayBuffer }
  return transfer === undefined ? buffer : transfer.call(buffer)
}
