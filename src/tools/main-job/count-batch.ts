// The far side of the main job: reads its files itself and hands back as little as it can, because what the parent
// has to take in and merge is work that no second core does.
import { readFileSync } from 'node:fs'
import { countWords, DIGEST_LENGTH, digestBytes, type WordCounts } from './word-count.ts'

export interface BatchResult {
  readonly pid: number
  readonly busy: number
  /** The files' digests, one after the other. */
  readonly digests: Uint8Array
  /** The distinct words, parted by spaces, and how often each occurs. One long string travels faster than many short ones. */
  readonly words: string
  readonly counts: Uint32Array
}

export function countBatch(paths: readonly string[]): BatchResult {
  const start = performance.now()
  const table: WordCounts = new Map()
  const digests = new Uint8Array(paths.length * DIGEST_LENGTH)
  for (const [at, path] of paths.entries()) {
    const content = readFileSync(path)
    digests.set(digestBytes(content), at * DIGEST_LENGTH)
    countWords(content.toString(), table)
  }
  const words = [...table.keys()].join(' ')
  return { pid: process.pid, digests, words, counts: Uint32Array.from(table.values()), busy: performance.now() - start }
}

/** The smallest task: that it was done shows that the pool has started. */
export function ready(): number {
  return process.pid
}
