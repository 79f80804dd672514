// Messages that came out of a store, as copies of its records, and how they become values. What is beside them is this thread's already.
import { WORD_BYTES } from '../memory/layout.ts'
import { dropAttachments } from '../channel/attachments.ts'
import { dropBlock, readMessage, takeFromBlock } from '../channel/payload.ts'
import { TREE_MESSAGES } from '../channel/tree-messages.ts'
import { arena } from '../memory/arena.ts'
import type { Words } from '../memory/words.ts'
import { attachmentsOf } from '../wire/values/decoder.ts'
import {
  BESIDE_HEAD,
  copyWords,
  FLAG_BESIDE,
  FLAG_BLOCK,
  PLAIN_HEAD,
  RECORD_BLOCK,
  RECORD_LENGTH,
  RECORD_SIZE,
  SIZE_SHIFT,
} from './store/records.ts'

/** More is not taken at a time, so that it need not be much more than one record for most. */
const LARGEST = 32768

export class Incoming {
  readonly words = new Int32Array(LARGEST / WORD_BYTES)
  readonly #bytes = new Uint8Array(this.words.buffer)
  at = 0
  end = 0
  count = 0

  /** Whether a record of this many words has room. */
  hasRoom(size: number): boolean {
    return this.end + size <= this.words.length
  }

  /** Adds a record, as a copy. There is room for it. */
  add(source: Words, from: number, size: number): void {
    copyWords(source, from, this.words, this.end, size)
    this.end += size
    this.count += 1
  }

  /** The next message's value, or a promise for it when modules have to be imported first. @throws MultiprocessingError when it cannot be decoded */
  next(): unknown {
    const { words, at } = this
    const header = words[at + RECORD_SIZE] as number
    const length = (words[at + RECORD_LENGTH] as number) >>> 0
    this.at += header >> SIZE_SHIFT
    this.count -= 1
    if (this.count === 0) this.forget()
    const { me } = arena()
    if ((header & FLAG_BLOCK) !== 0) return takeFromBlock(TREE_MESSAGES, (words[at + RECORD_BLOCK] as number) >>> 0, length, me)?.value
    const head = (header & FLAG_BESIDE) !== 0 ? BESIDE_HEAD : PLAIN_HEAD
    return readMessage(TREE_MESSAGES, this.#bytes, (at + head) * WORD_BYTES, length, me)
  }

  /** Frees what is beside all that is left. */
  drop(): void {
    const { words, end } = this
    const { me } = arena()
    for (let at = this.at; at < end; at += (words[at + RECORD_SIZE] as number) >> SIZE_SHIFT) {
      const header = words[at + RECORD_SIZE] as number
      if ((header & FLAG_BESIDE) === 0) continue
      const isBlock = (header & FLAG_BLOCK) !== 0
      const block = isBlock ? (words[at + RECORD_BLOCK] as number) >>> 0 : 0
      const length = (words[at + RECORD_LENGTH] as number) >>> 0
      const [bytes, offset] = isBlock ? [arena().view(block, length), 0] : [this.#bytes, (at + BESIDE_HEAD) * WORD_BYTES]
      dropAttachments(attachmentsOf(bytes, offset, length), me)
      if (isBlock) dropBlock(block, me)
    }
    this.forget()
  }

  forget(): void {
    this.at = 0
    this.end = 0
    this.count = 0
  }
}
