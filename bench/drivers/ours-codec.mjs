/**
 * Our codec as pools use it, with all that may travel inside a tree: a message goes into shared memory and is decoded there. A small
 * one lies in a ring, a large one in a block of its own, which its reader takes over and frees; large arrays are blocks beside their
 * message. All of that is clocked.
 */

import { buildLibrary } from '../support/build-library.mjs'
import { openLibrary } from '../support/open-library.mjs'

/** A quarter of a worker's ring of results: above it a message travels in a block. */
const largestInRing = 16 * 1024

/** @param {number} slots @returns {import('../harness/contracts.mjs').Codec} */
export function openCodec(slots) {
  buildLibrary()
  const { arena, encodeForTree, readMessage, storeInBlock, takeFromBlock, TREE_MESSAGES } = openLibrary()
  const { me } = arena()
  const ring = arena().view(arena().allocate(slots * largestInRing), slots * largestInRing)
  const lengths = new Array(slots).fill(0)
  const places = new Array(slots).fill(0)
  return {
    encode: (value, slot) => {
      const bytes = encodeForTree(value, 'value')
      lengths[slot] = bytes.length
      if (bytes.length <= largestInRing) ring.set(bytes, slot * largestInRing)
      else places[slot] = storeInBlock(bytes)
    },
    decode: slot => {
      const length = lengths[slot]
      if (length <= largestInRing) return readMessage(TREE_MESSAGES, ring, slot * largestInRing, length, me)
      return takeFromBlock(TREE_MESSAGES, places[slot], length, me).value
    },
  }
}
