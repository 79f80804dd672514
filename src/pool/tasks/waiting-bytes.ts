// Copies of the messages of tasks that wait, side by side in large pieces of memory: an array for each would cost the collector several
// times what the message is. A piece goes when the last task that has its message in it is gone.
const PIECE_BYTES = 64 * 1024
/** What is longer has a piece of its own. */
const LARGEST_TOGETHER = 1024

export class WaitingBytes {
  #piece = new Uint8Array(0)
  #used = 0

  /** Where the copy begins in `lastPiece`. */
  keep(bytes: Uint8Array): number {
    const { length } = bytes
    if (this.#used + length > this.#piece.length) {
      this.#piece = new Uint8Array(Math.max(length, length > LARGEST_TOGETHER ? 0 : PIECE_BYTES))
      this.#used = 0
    }
    const at = this.#used
    for (let index = 0; index < length; index += 1) this.#piece[at + index] = bytes[index] as number
    this.#used += length
    return at
  }

  /** What the last copy is in. */
  get lastPiece(): Uint8Array {
    return this.#piece
  }
}
