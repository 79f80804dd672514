// Messages between the two ends of a pipe, in processes of one tree. What is large does not go through the socket, which would copy it twice
// and move it in pieces of 200 KiB: it is written to a memory file, whose descriptor goes with the message's first byte; the receiver maps
// it, and nothing is copied. Connections in the message go in the same way: as descriptors beside it.
//
//   the file   page by page: each large binary value, then, if it is long itself, the message
//   header     which of the descriptors is the file, at which page the message is, and how long it is there; all bits set: none, or in the frame
//
// A file of its own, and not a block of the arena as beside messages in rings: what is on its way in a socket has no owner in the arena.
// Its sender may have ended, by a signal even, and Python's data would still arrive; its receiver may close the socket unread, in a process
// that knows nothing of blocks. The kernel keeps descriptors exactly as long as the message: they go with the socket's buffer.
import { MultiprocessingError } from '../base/errors.ts'
import { descriptorToSend, handleOfReceived } from '../channel/descriptors.ts'
import { treeMessagesBeside } from '../channel/tree-messages.ts'
import { lendFile } from '../memory/lending.ts'
import { native } from '../native/load.ts'
import { decodeMessage } from '../wire/messages.ts'
import { type Attachment, HANDLE_BYTES, type ValueWriter } from '../wire/values/capability.ts'
import { encode } from '../wire/values/encoder.ts'
import type { Encoded, Messages } from './messages.ts'
import { Outside, PAGE_BYTES } from './outside.ts'
import type { Beside, IncomingFrame } from './stream/incoming.ts'

/** Fewer bytes are sooner copied through the socket. */
const WORTH_A_FILE = 256 * 1024
/** A message of so many bytes, without its large binary values, goes into the file, too. */
const LONG_MESSAGE = 256 * 1024
const NONE = 0xffffffff

/** Of the message that is being encoded. */
let outside: Outside | null = null

const OUTGOING = treeMessagesBeside({
  storeBytes(bytes) {
    if (bytes.byteLength < WORTH_A_FILE) return null
    outside ??= new Outside()
    return outside.add(bytes)
  },
  // Asked for after an error only: everything outside is closed then.
  takeBytes: () => new ArrayBuffer(0),
  attachHandle,
})

function attachHandle(buffer: ArrayBufferLike, writer: ValueWriter): Attachment | null {
  const fd = descriptorToSend(buffer)
  if (fd === undefined) return null
  outside ??= new Outside()
  return outside.addDescriptor(fd) ?? writer.refuse('a message over a connection can have at most 31 connections in it')
}

/** Functions, classes and shared objects travel, too. */
export const TREE_DATA: Messages = { encode: encodeForTree, decode: decodeFromTree }

function encodeForTree(value: unknown): Encoded {
  // A getter of the value may send something itself while the value is encoded.
  const before = outside
  outside = null
  try {
    return withOutside(encode(value, 'item', { capability: OUTGOING }))
  } catch (error) {
    closeOutside()
    throw error
  } finally {
    outside = before
  }
}

function closeOutside(): void {
  outside?.close()
}

function withOutside(bytes: Uint8Array): Encoded {
  const isLong = bytes.length >= LONG_MESSAGE
  if (isLong) outside ??= new Outside()
  if (outside === null) return { bytes, beside: null }
  const place = isLong ? outside.add(bytes) : null
  const { fds, file } = outside
  if (fds.length === 0) return { bytes, beside: null }
  const index = file === -1 ? NONE : fds.indexOf(file)
  if (place === null) return { bytes, beside: { fds, words: [index, NONE, 0] } }
  return { bytes: bytes.subarray(0, 0), beside: { fds, words: [index, place.reference, bytes.length] } }
}

function noBlock(): never {
  throw new MultiprocessingError('A message names memory that did not come with it', { code: 'ERR_BAD_MESSAGE' })
}

const NOTHING_OUTSIDE = treeMessagesBeside({ storeBytes: () => null, takeBytes: noBlock })

function decodeFromTree(incoming: IncomingFrame): unknown {
  const beside = incoming.takeBeside()
  if (beside === null) return decodeMessage(incoming.bytes, 0, incoming.length, NOTHING_OUTSIDE)
  const inside = new Inside(beside)
  let value: unknown
  try {
    value = inside.decode(incoming)
  } catch (error) {
    inside.close()
    throw error
  }
  if (value instanceof Promise) return value.finally(() => inside.close())
  inside.close()
  return value
}

/** What came beside a message, until the message is decoded. */
class Inside {
  readonly #fds: (number | undefined)[]
  readonly #file: number
  readonly #fileBytes: number
  readonly #words: Beside['words']
  readonly #capability = treeMessagesBeside({ storeBytes: () => null, takeBytes: attachment => this.#take(attachment) })

  constructor({ fds, words }: Beside) {
    const [index] = words
    this.#fds = [...fds]
    this.#words = words
    this.#file = index === NONE ? -1 : (fds[index] ?? -1)
    this.#fileBytes = this.#file === -1 ? 0 : native().memorySize(this.#file)
  }

  decode(incoming: IncomingFrame): unknown {
    const [, reference, byteLength] = this.#words
    if (reference === NONE) return decodeMessage(incoming.bytes, 0, incoming.length, this.#capability)
    const buffer = this.#map({ reference, generation: 0, byteLength })
    try {
      return decodeMessage(new Uint8Array(buffer), 0, byteLength, this.#capability)
    } finally {
      native().detach(buffer)
    }
  }

  close(): void {
    for (const fd of this.#fds.splice(0)) if (fd !== undefined) native().closeOwned(fd)
  }

  #take(attachment: Attachment): ArrayBuffer {
    return attachment.byteLength === HANDLE_BYTES ? this.#takeHandle(attachment.reference) : this.#map(attachment)
  }

  #takeHandle(index: number): ArrayBuffer {
    const fd = this.#fds[index]
    if (fd === undefined) throw lost()
    this.#fds[index] = undefined
    return handleOfReceived(fd)
  }

  #map({ reference, byteLength }: Attachment): ArrayBuffer {
    if (this.#file === -1) throw lost()
    if (byteLength === 0 || reference * PAGE_BYTES + byteLength > this.#fileBytes) noBlock()
    return lendFile(this.#file, reference * PAGE_BYTES, byteLength)
  }
}

function lost(): MultiprocessingError {
  return new MultiprocessingError('What came beside a message was lost, because this process had no descriptors left', { code: 'EMFILE' })
}
