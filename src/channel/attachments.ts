// Large binary data beside a message: one copy into a block of the arena on the sender's side. On the receiver's it is copied out and
// the block is free at once, or, from WORTH_LENDING on, the block is lent: a buffer lies over it, and nothing is copied. A block has
// one owner at every moment, so that whoever dies, one reaper finds it:
//
//   sender's      from `storeBytes`, while the message is written, waits and is on its way
//   receiver's    from the one exchange in `claimAttachment`; there is no in between
//   free          when the receiver has copied it, or the buffer it is lent to is collected, or the message is dropped, or its owner
//                 is reaped
//
//   killed                                      the block is         who frees it
//   the sender, before the receiver took it     the sender's         its reaper, or the receiver is first: the exchange decides
//   the sender, after that                      the receiver's       nobody yet: the bytes stay
//   the receiver, before it took it             the sender's         the sender, who knows what was in the message (`TaskRing.recover`),
//                                                                    or the sender's reaper
//   the receiver, after it took it              the receiver's       its reaper, whether there was a buffer yet or not
//   the receiver, after it copied it            free                 nobody: the copy is no part of the arena
//   anybody, while freeing it                   marked as freed      whoever reaps that one finishes
//
// The buffer over a block that is lent. It lies over exactly the bytes that were sent, never over what is behind them in the block. It
// is a finalizer of the memory that tells of its end and not a FinalizationRegistry: `transfer()` puts the memory under another
// ArrayBuffer, and the first one is collected while the second is in use. Finalizers run in the event loop of the thread that took the
// block. When that thread ends they do not free: memory that was moved to another thread is in use there, and the block goes with the
// thread's slot. V8 counts the bytes of such buffers as external memory by itself, so the collector hurries as it does for any other.
import { atFork } from '../base/at-fork.ts'
import { MultiprocessingError } from '../base/errors.ts'
import { type Arena, arena, arenaDescriptor } from '../memory/arena.ts'
import { type OwnerId, slotOf } from '../memory/identity.ts'
import { GRANULE_BYTES } from '../memory/layout.ts'
import { SLOT_ALIVE } from '../memory/process-table.ts'
import { lendBlock } from '../memory/lending.ts'
import type { Reference } from '../memory/segments.ts'
import { native } from '../native/load.ts'
import type { Attachment } from '../wire/values/capability.ts'

/** Fewer bytes are sooner copied along with the message. */
const WORTH_A_BLOCK = 64 * 1024
/**
 * Fewer bytes are copied out of their block on arrival. That is sooner done than lending, because the block is free at once and the next
 * message finds its pages in place; a block that is lent comes back with the next collection, when they are cold or gone.
 */
const WORTH_LENDING = 2 * 1024 * 1024
/**
 * So many bytes are lent in one turn of the event loop, in which nothing comes back. A thread that receives in a loop without ever
 * turning gets copies from then on, which the collector frees without its help.
 */
const LENT_IN_A_TURN = 256 * 1024 * 1024
/** The C library gives so many bytes pages of their own, so what is said of these pages is said of nothing else. */
const SURELY_APART = 32 * 1024 * 1024
const REFERENCES = 2 ** 32
const LOAN_NUMBERS = 2 ** 20

/** What this thread has lent to buffers, by block. The key says which loan of the block it is. */
const lent = new Map<Reference, number>()
let loanNumber = 0
let lentInThisTurn = 0
let hearing = false

// In a forked child: what was lent was lent to its parent, and the turn was the parent's.
atFork({
  inChild() {
    if (lent.size > 0) lent.clear()
    lentInThisTurn = 0
  },
})

/**
 * A block of this thread's with a copy of the bytes; null: too few to be worth it. It belongs to the message from then on: it is
 * taken with it, or dropped with it.
 * @throws MultiprocessingError `ERR_OUT_OF_MEMORY`, or the system's error when it has no memory
 */
export function storeBytes(bytes: Uint8Array): Attachment | null {
  if (bytes.byteLength < WORTH_A_BLOCK) return null
  const here = arena()
  const { allocator, me } = here
  const reference = allocator.allocate(bytes.byteLength, me)
  try {
    writeTo(here, reference, bytes)
  } catch (error) {
    allocator.free(reference, me, me)
    throw error
  }
  return { reference, generation: generationOf(reference), byteLength: bytes.byteLength }
}

/**
 * Pages that are there are written to directly; where they most probably are not, the kernel makes them sooner than faults do. For 64 MB: 3 ms
 * where this process has met all of the pages before, 20 when they are there and it has not, 21 when the kernel makes them, 41 by faults.
 */
function writeTo(here: Arena, reference: Reference, bytes: Uint8Array): void {
  if (bytes.byteLength < WORTH_LENDING || here.allocator.large.lastIsBacked) here.segments.write(reference, bytes)
  else native().memoryWrite(arenaDescriptor(), reference * GRANULE_BYTES, bytes)
}

/**
 * The memory of an attachment, which is this thread's from here on. Few bytes are copied, and their block is free on return. Many are lent
 * without a copy, and their block is freed when no buffer has it any more; they are copied, too, when much was lent in this turn.
 * `sender` is the one who owns it: who stored it, or this thread once it has claimed it.
 * @throws MultiprocessingError `ERR_SENDER_ENDED` when it was freed with the one who sent it
 */
export function takeBytes(attachment: Attachment, sender: OwnerId): ArrayBuffer {
  if (!claimAttachment(attachment, sender)) {
    throw new MultiprocessingError(
      `${attachment.byteLength} bytes of this message are gone: the process that sent it ended before they were received`,
      { code: 'ERR_SENDER_ENDED' },
    )
  }
  try {
    return bufferOver(attachment)
  } catch (error) {
    // What is lent already comes back by itself.
    if (!lent.has(attachment.reference)) arena().free(attachment.reference)
    throw error
  }
}

/**
 * Makes this thread the owner of what came with a message, before anything of it is decoded: that may have to wait until modules are
 * imported, and the sender may end in the meantime, or write its next message over this one. Those that are gone stay gone.
 */
export function claimAttachments(attachments: readonly Attachment[], sender: OwnerId): void {
  for (const attachment of attachments) claimAttachment(attachment, sender)
}

/** Frees what came with a message that nobody will decode, or that could not be decoded to its end. What has been taken stays. */
export function dropAttachments(attachments: readonly Attachment[], sender: OwnerId): void {
  const { allocator, me } = arena()
  for (const { reference, generation } of attachments) {
    if (!lent.has(reference) && generationOf(reference) === generation) allocator.free(reference, sender, me)
  }
}

/** How many blocks buffers of this thread lie over. */
export function lentBlocks(): number {
  return lent.size
}

/** As it travels: without a sign. */
function generationOf(reference: Reference): number {
  return arena().allocator.entries.generationOf(reference) >>> 0
}

/** The exchange that makes this thread the owner. False: it is gone. */
export function claimAttachment({ reference, generation }: Attachment, sender: OwnerId): boolean {
  const here = arena()
  if (lent.has(reference) || generationOf(reference) !== generation) return false
  if (!here.allocator.entries.changeOwner(reference, sender, here.me)) return false
  if (generationOf(reference) === generation) return true
  giveBack(here, reference, sender)
  return false
}

/** Between the look and the exchange the sender freed the block and made another in its place, which is not the receiver's. */
function giveBack({ allocator, slots, me }: Arena, reference: Reference, sender: OwnerId): void {
  allocator.entries.changeOwner(reference, me, sender)
  // A reaping that began before may have passed the block by; one that begins after this look finds it.
  if (!slots.isCurrent(sender) || slots.stateAt(slotOf(sender)) !== SLOT_ALIVE) allocator.free(reference, sender, me)
}

function bufferOver({ reference, byteLength }: Attachment): ArrayBuffer {
  const here = arena()
  if (byteLength > here.allocator.capacityOf(reference))
    throw new MultiprocessingError('An attachment is longer than its block', { code: 'ERR_BAD_MESSAGE' })
  const isMuch = lentInThisTurn + byteLength > LENT_IN_A_TURN && lentInThisTurn > 0
  if (byteLength < WORTH_LENDING || isMuch) return copyOf(here, reference, byteLength)
  countLent(byteLength)
  return lend(reference, byteLength)
}

function lend(reference: Reference, byteLength: number): ArrayBuffer {
  hearOfReturns()
  loanNumber = (loanNumber + 1) % LOAN_NUMBERS
  const key = loanNumber * REFERENCES + reference
  lent.set(reference, key)
  try {
    return lendBlock(reference, byteLength, key)
  } catch (error) {
    lent.delete(reference)
    throw error
  }
}

function copyOf(here: Arena, reference: Reference, byteLength: number): ArrayBuffer {
  const copy = byteLength < WORTH_LENDING ? new Uint8Array(here.view(reference, byteLength)) : longCopyOf(here, reference, byteLength)
  here.free(reference)
  return copy.buffer
}

function longCopyOf(here: Arena, reference: Reference, byteLength: number): Uint8Array<ArrayBuffer> {
  const copy = Buffer.allocUnsafeSlow(byteLength)
  if (byteLength >= SURELY_APART) native().memoryEnlargePages(copy)
  here.segments.read(reference, copy)
  return copy
}

function countLent(byteLength: number): void {
  if (lentInThisTurn === 0) {
    setImmediate(() => {
      lentInThisTurn = 0
    }).unref()
  }
  lentInThisTurn += byteLength
}

function hearOfReturns(): void {
  if (hearing) return
  hearing = true
  native().onReturned(returned)
}

/** Called once for a loan. A loan that failed half way may be heard of when its block is another's, and is not in the list. */
function returned(key: number): void {
  const reference = key % REFERENCES
  if (lent.get(reference) !== key) return
  lent.delete(reference)
  arena().free(reference)
}
