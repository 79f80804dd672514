// The same job twice: in this process, and on a pool. Both read every file, both hash it, both count its words.
import { readFileSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { Pool, reference } from '../../index.ts'
import type { BatchResult, countBatch, ready } from './count-batch.ts'
import { type Batch, type SourceFile, toBatches } from './source-files.ts'
import { addCount, countWords, DIGEST_LENGTH, digestBytes, type JobResult, summarize, type WordCounts } from './word-count.ts'

export type OnBytes = (bytes: number) => void

export interface TimedResult extends JobResult {
  readonly seconds: number
}

/** What one process of the pool did. */
export interface Share {
  readonly pid: number
  files: number
  bytes: number
  busySeconds: number
}

export interface PoolResult extends TimedResult {
  readonly jobs: number
  /** From the pool's construction to the first result of the smallest task; part of `seconds`. */
  readonly startSeconds: number
  readonly shares: readonly Share[]
}

// So that a progress bar is drawn meanwhile, the event loop gets a turn after this much work.
const BYTES_PER_TURN = 1_000_000

export async function runSequentially(files: readonly SourceFile[], onBytes: OnBytes): Promise<TimedResult> {
  const start = performance.now()
  const counts: WordCounts = new Map()
  const digests = new Uint8Array(files.length * DIGEST_LENGTH)
  let sinceTurn = 0
  for (const [index, { path }] of files.entries()) {
    const content = readFileSync(path)
    digests.set(digestBytes(content), index * DIGEST_LENGTH)
    countWords(content.toString(), counts)
    onBytes(content.length)
    sinceTurn += content.length
    if (sinceTurn < BYTES_PER_TURN) continue
    sinceTurn = 0
    await setImmediate()
  }
  return { ...summarize(counts, digests), seconds: secondsSince(start) }
}

// A batch below this takes about as long to hand over and merge as to count.
const SMALLEST_BATCH = 3_000_000

export async function runOnPool(files: readonly SourceFile[], jobs: number, taskUrl: URL, onBytes: OnBytes): Promise<PoolResult> {
  const start = performance.now()
  const pool = new Pool({ processes: jobs })
  try {
    const started = pool.apply(reference<typeof ready>(taskUrl, 'ready')).then(() => secondsSince(start))
    const merge = new Merge(files.length)
    const batches = toBatches(files, jobs, SMALLEST_BATCH).map(async batch => {
      merge.add(batch, await pool.apply(reference<typeof countBatch>(taskUrl, 'countBatch'), [batch.paths]))
      onBytes(batch.bytes)
    })
    const startSeconds = await started
    await Promise.all(batches)
    const summary = summarize(merge.counts, merge.digests)
    return { ...summary, jobs, seconds: secondsSince(start), startSeconds, shares: [...merge.shares.values()] }
  } finally {
    pool.terminate()
    await pool.join()
  }
}

/** The batches' results put together, as they come. */
class Merge {
  readonly counts: WordCounts = new Map()
  readonly digests: Uint8Array
  readonly shares = new Map<number, Share>()

  constructor(files: number) {
    this.digests = new Uint8Array(files * DIGEST_LENGTH)
  }

  add(batch: Batch, { pid, busy, digests, words, counts }: BatchResult): void {
    this.digests.set(digests, batch.first * DIGEST_LENGTH)
    const list = words.split(' ')
    // By the counts' length: splitting no words gives one empty word.
    for (let at = 0; at < counts.length; at += 1) addCount(this.counts, list[at] as string, counts[at] as number)
    const share = this.shares.get(pid) ?? { pid, files: 0, bytes: 0, busySeconds: 0 }
    share.files += batch.paths.length
    share.bytes += batch.bytes
    share.busySeconds += busy / 1000
    this.shares.set(pid, share)
  }
}

function secondsSince(start: number): number {
  return (performance.now() - start) / 1000
}
