import { createHash } from 'node:crypto'

/** How often each word occurs, in lower case. */
export type WordCounts = Map<string, number>

export function addCount(counts: WordCounts, word: string, count: number): void {
  counts.set(word, (counts.get(word) ?? 0) + count)
}

// Source text hides its words in identifiers: `getHTMLElement` is get, html and element.
const WORD = /\p{Lu}?\p{Ll}+|\p{Lu}+(?!\p{Ll})|\p{Lo}+/gu

export function countWords(text: string, counts: WordCounts): void {
  // One match at a time: an array of all of them would outlive the collector's first look, and copying it costs more than counting.
  for (const [word] of text.matchAll(WORD)) addCount(counts, word.toLowerCase(), 1)
}

/** The SHA-256 of a file's bytes. */
export function digestBytes(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest()
}

export const DIGEST_LENGTH = 32

/** What both ways of doing the job have to agree on. */
export interface JobResult {
  readonly words: number
  readonly distinctWords: number
  readonly topWords: readonly WordCount[]
  /** The SHA-256 of all files' digests, in the files' order. */
  readonly digest: string
}

export function summarize(counts: WordCounts, digests: Uint8Array): JobResult {
  return {
    words: [...counts.values()].reduce((sum, count) => sum + count, 0),
    distinctWords: counts.size,
    topWords: mostFrequent(counts, 10),
    digest: Buffer.from(digestBytes(digests)).toString('hex'),
  }
}

type WordCount = readonly [word: string, count: number]

/** One pass that keeps the best so far: sorting a hundred thousand words for ten of them would be a good part of the whole job. */
function mostFrequent(counts: WordCounts, wanted: number): WordCount[] {
  const best: WordCount[] = []
  for (const [word, count] of counts) {
    const last = best.length < wanted ? undefined : best[wanted - 1]
    if (last !== undefined && count < last[1]) continue
    best.push([word, count])
    best.sort(byCount)
    best.length = Math.min(best.length, wanted)
  }
  return best
}

/** The most frequent first; the alphabet decides between equals, so that the order does not depend on who counted first. */
function byCount([oneWord, one]: WordCount, [otherWord, other]: WordCount): number {
  return other - one || (oneWord < otherWord ? -1 : 1)
}
