import { isDeepStrictEqual } from 'node:util'
import type { PoolResult, TimedResult } from './run-job.ts'
import type { SourceFile } from './source-files.ts'
import type { JobResult } from './word-count.ts'

export interface Report {
  readonly files: readonly SourceFile[]
  readonly sequential: TimedResult
  readonly pool: PoolResult
}

/** What `--json` prints. */
export function toRecord({ files, sequential, pool }: Report) {
  return {
    files: files.length,
    bytes: bytesOf(files),
    sequentialSeconds: sequential.seconds,
    poolSeconds: pool.seconds,
    poolStartSeconds: pool.startSeconds,
    speedUp: sequential.seconds / pool.seconds,
    workers: pool.shares,
    ...resultOf(sequential),
    agree: agree({ sequential, pool }),
  }
}

/** Whether both ways came to the same words, counts and digests. */
export function agree({ sequential, pool }: Pick<Report, 'sequential' | 'pool'>): boolean {
  return isDeepStrictEqual(resultOf(sequential), resultOf(pool))
}

/** Without what differs from run to run. */
function resultOf({ words, distinctWords, topWords, digest }: JobResult): JobResult {
  return { words, distinctWords, topWords, digest }
}

function bytesOf(files: readonly SourceFile[]): number {
  return files.reduce((sum, file) => sum + file.bytes, 0)
}

/** What people read. */
export function formatReport(report: Report): string {
  const { files, sequential, pool } = report
  const bytes = bytesOf(files)
  return [
    `${count(files.length)} files, ${megabytes(bytes)} MB: the words counted and the SHA-256 of each file`,
    'All files were read once beforehand, so both ways find them in the file cache.',
    '',
    row('', 'seconds', 'MB/s'),
    row('one process', seconds(sequential.seconds), megabytes(bytes / sequential.seconds)),
    `${row(`pool of ${pool.jobs}`, seconds(pool.seconds), megabytes(bytes / pool.seconds))}  its start included: first result after ${seconds(pool.startSeconds)} s`,
    row('speed-up', `${(sequential.seconds / pool.seconds).toFixed(2)} x`),
    '',
    row('process', 'files', 'MB', 'busy s'),
    ...pool.shares.map(share => row(String(share.pid), count(share.files), megabytes(share.bytes), seconds(share.busySeconds))),
    '',
    ...formatAgreement(report),
    '',
  ].join('\n')
}

function formatAgreement({ sequential, pool }: Report): string[] {
  if (!agree({ sequential, pool })) return ['The two ways DISAGREE:', `  one process: ${describe(sequential)}`, `  pool: ${describe(pool)}`]
  const top = sequential.topWords.map(([word, times]) => `${word} ${count(times)}`)
  return [`Both ways agree: ${describe(sequential)}`, `  most frequent: ${top.join(', ')}`]
}

function describe({ words, distinctWords, digest }: JobResult): string {
  return `${count(words)} words, ${count(distinctWords)} of them distinct, digest of all digests ${digest.slice(0, 16)}`
}

function row(name: string, ...cells: readonly string[]): string {
  return `  ${name.padEnd(14)}${cells.map(cell => cell.padStart(10)).join('')}`
}

function count(number: number): string {
  return number.toLocaleString('en')
}

export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1)
}

function seconds(duration: number): string {
  return duration.toFixed(2)
}
