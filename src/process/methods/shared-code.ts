// What V8 has made of the library in this process, for the children that load it anew: see `boot/load-library.ts`, which reads it.
import { givenCode } from '../../base/compiled-code.ts'
import { arena } from '../../memory/arena.ts'
import { CODE_WORD, WORD_BYTES } from '../../memory/layout.ts'
import { exchange, load } from '../../memory/words.ts'

let isShared = false

/**
 * Puts it into the arena, once a tree: to be called when a first such child has been started and comes up. Waiting: it takes V8 some 2 ms.
 * Who dies before the block is published leaves it unused until the tree ends.
 */
export function shareCode(): void {
  if (isShared || givenCode === null) return
  isShared = true
  const here = arena()
  if (load(here.root, CODE_WORD) !== 0) return
  const code = givenCode.make()
  const reference = here.allocate(WORD_BYTES + code.length)
  const block = here.view(reference, WORD_BYTES + code.length)
  new DataView(block.buffer, block.byteOffset).setInt32(0, code.length, true)
  block.set(code, WORD_BYTES)
  here.shareBlock(reference)
  if (!exchange(here.root, CODE_WORD, 0, reference | 0)) here.freeShared(reference)
}

/** Whether V8 had not to compile the library for this process. */
export function isCodeFromParent(): boolean {
  return givenCode?.isFromParent ?? false
}
