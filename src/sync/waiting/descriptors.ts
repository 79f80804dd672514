// Descriptors that are asked whether they are ready, all in one call.
import { native } from '../../native/load.ts'

/** poll(2)'s word for what can be read; an end or an error it tells without being asked. */
export const POLL_IN = 1
export const WORDS_PER_ENTRY = 2
const ANSWER_SHIFT = 16

/** Whether the entry at this index was ready when `pollEntries` was asked last. */
export function isReadyEntry(entries: Int32Array, index: number): boolean {
  return (entries[index + 1] as number) >>> ANSWER_SHIFT !== 0
}

export class Descriptors {
  /** For `doorbell().block`. */
  readonly entries: Int32Array

  constructor(descriptors: readonly number[]) {
    this.entries = Int32Array.from(descriptors.flatMap(descriptor => [descriptor, POLL_IN]))
  }

  /** Those that are ready. Does not wait. @throws the system's error EBADF for one that is closed */
  ready(): Set<number> {
    const ready = new Set<number>()
    if (this.entries.length === 0 || native().pollEntries(this.entries, 0) <= 0) return ready
    for (let index = 0; index < this.entries.length; index += WORDS_PER_ENTRY) {
      if (isReadyEntry(this.entries, index)) ready.add(this.entries[index] as number)
    }
    return ready
  }
}
