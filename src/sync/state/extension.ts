// More room for an object than its block has: a block of its own, named by a word of the object's. It is made when it is first needed
// and stays for as long as the object.
//
// It becomes the object's by one exchange while it still belongs to the thread that made it, and the tree's by a second one. Killed in
// between, it is the dead one's and in use: `adoptExtension` gives it to the tree before the reaper frees what the dead one had.
import { ClosedError } from '../../base/errors.ts'
import { arena } from '../../memory/arena.ts'
import { type OwnerId, THE_TREE } from '../../memory/identity.ts'
import { type Reference, segmentOf, wordOf } from '../../memory/segments.ts'
import { exchange, load, type Words } from '../../memory/words.ts'
import type { ObjectWords } from './object-layout.ts'

/** 0: there is none. */
export function extensionAt({ words, base }: ObjectWords, word: number): Reference {
  return load(words, base + word) >>> 0
}

/** @throws ClosedError when there is none where there was one: the object was freed meanwhile, and its words are another's */
export function extensionWords(reference: Reference): Words {
  if (reference === 0) throw new ClosedError()
  return arena().segments.words(segmentOf(reference))
}

/** The index of its first word in `extensionWords`. */
export function extensionStart(reference: Reference): number {
  return wordOf(reference)
}

/** All zero. Somebody else may have been first: then it is that one's. */
export function makeExtension({ words, base }: ObjectWords, word: number, byteLength: number, me: OwnerId): void {
  const { allocator } = arena()
  const reference = allocator.allocate(byteLength, me)
  arena().view(reference, byteLength).fill(0)
  if (exchange(words, base + word, 0, reference | 0)) allocator.entries.changeOwner(reference, me, THE_TREE)
  else allocator.free(reference, me, me)
}

export function adoptExtension(object: ObjectWords, word: number, isDead: (owner: OwnerId) => boolean): void {
  const { entries } = arena().allocator
  const reference = extensionAt(object, word)
  if (reference === 0) return
  const owner = entries.ownerOf(reference)
  if (owner !== THE_TREE && isDead(owner)) entries.changeOwner(reference, owner, THE_TREE)
}

/** Returns how to free it, for when the object is no more and its words are another's. */
export function freeExtension(object: ObjectWords, word: number): () => void {
  const reference = extensionAt(object, word)
  return () => {
    if (reference !== 0) arena().freeShared(reference)
  }
}
