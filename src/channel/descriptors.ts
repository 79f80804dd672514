// Descriptors as parts of values. What travels in the message is a handle, eight bytes that nobody looks at, and an attachment without
// bytes: a block of the arena, under whose name the keeper of the tree (native/mp_keeper.h) has a copy of the descriptor.
//
//   sent        the block is the message's as any attachment is (attachments.ts): taken with it, dropped with it, reaped with its owner
//   received    the block is the receiver's, who has the descriptor from the keeper, once, and then frees the block
//   neither     the block is freed by whoever drops the message or reaps its owner; the keeper finds that out and closes the descriptor
//
// The keeper works in the main process of the tree, because it lives as long: who has put a connection into a queue may end at once.
import { atFork } from '../base/at-fork.ts'
import { MultiprocessingError } from '../base/errors.ts'
import { arena, arenaDescriptor, hasArena } from '../memory/arena.ts'
import { native } from '../native/load.ts'
import type { BlockStore } from '../wire/tree-capability.ts'
import { type Attachment, HANDLE_BYTES } from '../wire/values/capability.ts'
import { claimAttachment } from './attachments.ts'

/** The main process' main thread. */
const MAIN_SLOT = 1

/** Descriptors that are to be sent, by the memory of their handles. */
const toSend = new WeakMap<ArrayBufferLike, number>()
/** Descriptors that came, and whose value is not made yet. */
const received = new WeakMap<ArrayBufferLike, number>()
/** A value that could not be read to its end leaves its descriptors to the collector. */
const unclaimed = new FinalizationRegistry((fd: number) => native().closeOwned(fd))

let isKeeper = false

atFork({
  before() {
    // Children use the keeper that there is.
    if (hasArena()) openKeeper()
  },
  inChild() {
    isKeeper = false
  },
})

/** In the main process, before it has children: from here on descriptors can be sent. Elsewhere nothing happens. */
export function openKeeper(): void {
  if (isKeeper || arena().slot !== MAIN_SLOT) return
  isKeeper = true
  native().keeperOpen(arena().id, arenaDescriptor())
}

/** What stands for a descriptor in a value that is sent at once: it is looked at while the value is encoded, and not afterwards. */
export function handleOf(fd: number): Uint8Array {
  const handle = new Uint8Array(HANDLE_BYTES)
  toSend.set(handle.buffer, fd)
  return handle
}

/** The descriptor of a handle that is being sent; undefined: these are just bytes. */
export function descriptorToSend(buffer: ArrayBufferLike): number | undefined {
  return toSend.get(buffer)
}

/** Memory that stands for a descriptor which has come, until its value is made. */
export function handleOfReceived(fd: number): ArrayBuffer {
  const buffer = new ArrayBuffer(HANDLE_BYTES)
  native().ownDescriptor(fd)
  received.set(buffer, fd)
  unclaimed.register(buffer, fd, buffer)
  return buffer
}

/** The descriptor behind a handle that came, which is the caller's from here on. @throws MultiprocessingError `ERR_BAD_MESSAGE` */
export function descriptorOf(handle: unknown): number {
  const buffer = handle instanceof Uint8Array ? handle.buffer : undefined
  const fd = buffer === undefined ? undefined : received.get(buffer)
  if (buffer === undefined || fd === undefined) {
    throw new MultiprocessingError('A message names a descriptor that did not come with it', { code: 'ERR_BAD_MESSAGE' })
  }
  received.delete(buffer)
  unclaimed.unregister(buffer)
  return fd
}

/** For the capability of a channel, beside its blocks. @throws MultiprocessingError `ERR_NO_KEEPER` */
export function attachHandle(buffer: ArrayBufferLike): Attachment | null {
  const fd = toSend.get(buffer)
  if (fd === undefined) return null
  openKeeper()
  const { id, allocator, me } = arena()
  const reference = allocator.allocate(HANDLE_BYTES, me)
  const generation = allocator.entries.generationOf(reference) >>> 0
  try {
    native().keeperDeposit(id, reference, generation, allocator.entries.generationOffset(reference), fd)
  } catch (error) {
    allocator.free(reference, me, me)
    throw new MultiprocessingError('A connection cannot be sent: the main process of the tree does not take its descriptor', {
      code: 'ERR_NO_KEEPER',
      cause: error,
    })
  }
  return { reference, generation, byteLength: HANDLE_BYTES }
}

export function isHandle(attachment: Attachment): boolean {
  return attachment.byteLength === HANDLE_BYTES
}

/** Memory that stands for the descriptor of an attachment, which is this thread's from here on. @throws MultiprocessingError `ERR_SENDER_ENDED` */
export function takeHandle(attachment: Attachment): ArrayBuffer {
  const { id, me } = arena()
  if (!claimAttachment(attachment, me)) throw lost()
  try {
    return handleOfReceived(native().keeperWithdraw(id, attachment.reference, attachment.generation))
  } catch (error) {
    throw lost(error)
  } finally {
    arena().free(attachment.reference)
  }
}

function lost(cause?: unknown): MultiprocessingError {
  return new MultiprocessingError('A connection in this message is gone: the process that sent it ended before it was received', {
    code: 'ERR_SENDER_ENDED',
    ...(cause !== undefined && { cause }),
  })
}

/** For values that stay where they are until one process, which is known, reads them once: large data is in them, descriptors are beside. */
export const HANDLES_ONLY: BlockStore = { storeBytes: () => null, takeBytes: takeHandle, attachHandle }
