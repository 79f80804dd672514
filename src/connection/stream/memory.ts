// Where messages are put while they come in. What is valid until the next message comes is read into the scratch memory of this thread. Bytes
// that stay are read into a slab, of which each message keeps its part, as `Buffer.allocUnsafe()` does it: memory of its own costs a message of
// 1 KiB half as much as both system calls do.

/** Values are decoded from here, and whatever does not go beside its message fits. */
const SCRATCH_BYTES = 320 * 1024

const SLAB_BYTES = 64 * 1024
/** Longer messages have memory of their own. */
const MOST_IN_SLAB = 16 * 1024

let scratch: Uint8Array | null = null
/** What is in it is being read, and the reader may run a program's code, which may receive something. */
let isScratchLent = false

let slab: Uint8Array = new Uint8Array(0)
/** Its first bytes are messages that have been received. */
let used = 0

/** Not zeroed: it is written before it is read. */
export function memoryOf(length: number): Uint8Array {
  return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer)
}

/** The scratch memory. While it is lent, another. */
export function scratchMemory(): Uint8Array {
  if (scratch === null || isScratchLent) {
    scratch = memoryOf(SCRATCH_BYTES)
    isScratchLent = false
  }
  return scratch
}

/** Who reads it has it until it is returned; a message that comes meanwhile goes elsewhere. */
export function lendScratch(): void {
  isScratchLent = true
}

export function returnScratch(): void {
  isScratchLent = false
}

/** Where in `slabMemory()` the next message goes; there is room for MOST_IN_SLAB bytes. */
export function placeInSlab(): number {
  // A program that transfers the buffer of a message takes the slab away.
  if (slab.length - used < MOST_IN_SLAB) {
    slab = memoryOf(SLAB_BYTES)
    used = 0
    process.getBuiltinModule('node:worker_threads').markAsUntransferable(slab.buffer as ArrayBuffer)
  }
  return used
}

export function slabMemory(): Uint8Array {
  return slab
}

export const ROOM_IN_SLAB = MOST_IN_SLAB

/** The next bytes of the slab are a message that has been received, and the receiver's. */
export function takeFromSlab(length: number): Uint8Array {
  const bytes = new Uint8Array(slab.buffer, used, length)
  // So that a view of its numbers can be made.
  used += (length + 7) & ~7
  return bytes
}
