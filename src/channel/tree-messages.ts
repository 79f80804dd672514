// Messages between the processes of one tree: whatever there is may be in them, and large binary data is beside them.
import type { OwnerId } from '../memory/identity.ts'
import { decodeMessage } from '../wire/messages.ts'
import { type BlockStore, treeCapability } from '../wire/tree-capability.ts'
import type { Capability } from '../wire/values/capability.ts'
import { attachmentsOf } from '../wire/values/decoder.ts'
import { encode } from '../wire/values/encoder.ts'
import { arena } from '../memory/arena.ts'
import { storeBytes, takeBytes } from './attachments.ts'
import { attachHandle, isHandle, takeHandle } from './descriptors.ts'
import type { MessageReader } from './payload.ts'
import './shared-locks.ts'
import './shared-names.ts'
import { SHARED_BUFFERS } from './shared-values.ts'

/** For the capability of a channel: what came with a message is this thread's when the message is decoded. */
export const ARENA_BLOCKS: BlockStore = {
  storeBytes,
  takeBytes: attachment => (isHandle(attachment) ? takeHandle(attachment) : takeBytes(attachment, arena().me)),
  attachHandle,
}

/** For messages to one thread; 0: to whichever takes them. */
export function treeMessagesTo(receiver: OwnerId): Capability {
  return treeCapability({ receiver, blocks: ARENA_BLOCKS, shared: SHARED_BUFFERS })
}

/** For messages to whichever thread takes them, beside which large data goes its own way. */
export function treeMessagesBeside(blocks: BlockStore): Capability {
  return treeCapability({ receiver: 0, blocks, shared: SHARED_BUFFERS })
}

/** For messages that any thread of the tree may take. */
const TO_ANYBODY = treeMessagesTo(0)

export const TREE_MESSAGES: MessageReader = {
  decode: (bytes, offset, length) => decodeMessage(bytes, offset, length, TO_ANYBODY),
  attachmentsOf,
}

/**
 * The bytes of a message, valid until the next call. What is beside it belongs to it: it is sent, or dropped with `dropMessage`.
 * @throws NotSerializableError
 */
export function encodeForTree(value: unknown, root: string, capability = TO_ANYBODY): Uint8Array {
  return encode(value, root, { capability })
}
