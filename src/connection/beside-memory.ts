// Large data between the two ends of a pipe does not go through the socket, which would copy it twice and move it in pieces of 200 KiB.
// It is written to a memory file of its own, whose descriptor goes with the message's first byte; the receiver maps it, and nothing is copied.
//
//   the file   page by page: each large binary value, then, if it is long itself, the message
//   header     where the message is: page (all bits set: in the frame) and length in two words
//
// A file of its own, and not a block of the arena as beside messages in rings: what is on its way in a socket has no owner in the arena.
// Its sender may have ended, by a signal even, and Python's data would still arrive; its receiver may close the socket unread, in a process
// that knows nothing of blocks. The kernel keeps the descriptor exactly as long as the message: it goes with the socket's buffer.
import { MultiprocessingError } from '../base/errors.ts'
import { treeMessagesBeside } from '../channel/tree-messages.ts'
import { lendFile } from '../memory/lending.ts'
import { native } from '../native/load.ts'
import { decodeMessage } from '../wire/messages.ts'
import type { Attachment } from '../wire/values/capability.ts'
import { encode } from '../wire/values/encoder.ts'
import type { Encoded, Messages } from './messages.ts'
import type { BesideReceived, Incoming } from './stream/incoming.ts'

/** Fewer bytes are sooner copied through the socket. */
const WORTH_A_FILE = 64 * 1024
/** A message of so many bytes, without its large binary values, goes into the file, too. */
const LONG_MESSAGE = 256 * 1024
const PAGE_BYTES = 4096
const IN_THE_FRAME = 0xffffffff
const WORDS = 2 ** 32

/** The file of the message that is being encoded. */
class OutgoingFile {
  readonly #fd = native().memoryCreate('polyprocess-message')
  #pages = 0

  /** Returns the page at which they are. */
  add(bytes: Uint8Array): number {
    const page = this.#pages
    native().memoryWrite(this.#fd, page * PAGE_BYTES, bytes)
    this.#pages += Math.ceil(bytes.length / PAGE_BYTES)
    return page
  }

  get fd(): number {
    return this.#fd
  }

  close(): void {
    native().close(this.#fd)
  }
}

let file: OutgoingFile | null = null

const OUTGOING = treeMessagesBeside({ storeBytes, takeBytes: noBlock })

function storeBytes(bytes: Uint8Array): Attachment | null {
  if (bytes.byteLength < WORTH_A_FILE) return null
  file ??= openFile()
  return file === null ? null : { reference: file.add(bytes), generation: 0, byteLength: bytes.byteLength }
}

/** Null: there is no descriptor for it. Then everything goes through the socket. */
function openFile(): OutgoingFile | null {
  try {
    return new OutgoingFile()
  } catch {
    return null
  }
}

function noBlock(): never {
  throw new MultiprocessingError('A message names memory that did not come with it', { code: 'ERR_BAD_MESSAGE' })
}

/** For the two ends of a pipe, in processes of one tree: functions, classes and shared objects travel. */
export const TREE_DATA: Messages = { encode: encodeForTree, decode: decodeFromTree }

function encodeForTree(value: unknown): Encoded {
  // A getter of the value may send something itself while the value is encoded.
  const outer = file
  file = null
  try {
    return withFile(encode(value, 'item', { capability: OUTGOING }))
  } catch (error) {
    closeFile()
    throw error
  } finally {
    file = outer
  }
}

function closeFile(): void {
  file?.close()
}

function withFile(bytes: Uint8Array): Encoded {
  if (bytes.length >= LONG_MESSAGE) file ??= openFile()
  if (file === null) return { bytes, beside: null }
  if (bytes.length < LONG_MESSAGE) return { bytes, beside: { fd: file.fd, words: [IN_THE_FRAME, 0, 0] } }
  const page = file.add(bytes)
  const words = [page, Math.floor(bytes.length / WORDS), bytes.length % WORDS] as const
  return { bytes: bytes.subarray(0, 0), beside: { fd: file.fd, words } }
}

const WITHOUT_FILE = treeMessagesBeside({ storeBytes: () => null, takeBytes: noBlock })

function decodeFromTree(incoming: Incoming): unknown {
  const beside = incoming.takeBeside()
  if (beside === null) return decodeMessage(incoming.bytes, 0, incoming.length, WITHOUT_FILE)
  if (beside.fd === -1) {
    throw new MultiprocessingError('The data beside a message was lost, because this process has no descriptors left', { code: 'EMFILE' })
  }
  const done = (): void => native().close(beside.fd)
  let value: unknown
  try {
    value = decodeWithFile(incoming, beside)
  } catch (error) {
    done()
    throw error
  }
  if (value instanceof Promise) return value.finally(done)
  done()
  return value
}

function decodeWithFile(incoming: Incoming, { fd, words }: BesideReceived): unknown {
  const size = native().memorySize(fd)
  const capability = treeMessagesBeside({ storeBytes: () => null, takeBytes: attachment => map(fd, size, attachment) })
  const [page, high, low] = words
  if (page === IN_THE_FRAME) return decodeMessage(incoming.bytes, 0, incoming.length, capability)
  const buffer = map(fd, size, { reference: page, generation: 0, byteLength: high * WORDS + low })
  try {
    return decodeMessage(new Uint8Array(buffer), 0, buffer.byteLength, capability)
  } finally {
    native().detach(buffer)
  }
}

function map(fd: number, size: number, { reference, byteLength }: Attachment): ArrayBuffer {
  if (reference * PAGE_BYTES + byteLength > size || byteLength === 0) noBlock()
  return lendFile(fd, reference * PAGE_BYTES, byteLength)
}
