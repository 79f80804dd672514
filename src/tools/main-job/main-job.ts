import { existsSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { cpuCount } from '../../index.ts'
import { tolerateClosedPipes } from '../closed-pipes.ts'
import { parseCount } from '../option-values.ts'
import { noProgressBar, startProgressBar } from '../progress-bar.ts'
import { agree, formatReport, megabytes, type Report, toRecord } from './report.ts'
import { type OnBytes, runOnPool, runSequentially, type TimedResult } from './run-job.ts'
import { readSourceFiles, type SourceFile } from './source-files.ts'

export interface MainJobDefaults {
  readonly folder: string
  /** The module of which the pool's processes call the exports. */
  readonly taskUrl: URL
}

interface MainJobOptions {
  readonly folder: string
  readonly jobs: number
  readonly quick: boolean
  readonly json: boolean
}

const QUICK_BYTES = 8_000_000

/** Runs the job both ways and prints the comparison. The status is 1 when they disagree. */
export async function runMainJob(words: readonly string[], { folder, taskUrl }: MainJobDefaults): Promise<number> {
  tolerateClosedPipes()
  const command = new Command('main-job')
    .description('Count the words of every source file beneath a folder and hash each file, in one process and on a pool.')
    .option('--folder <path>', 'where the files are', folder)
    .option('-j, --jobs <n>', 'how many processes the pool has', parseCount, cpuCount())
    .option('--quick', `only the first files, about ${QUICK_BYTES / 1e6} MB`, false)
    .option('--json', 'print one JSON line', false)
    .exitOverride()
  try {
    command.parse(words, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    throw error
  }
  return compare(command.opts<MainJobOptions>(), taskUrl)
}

async function compare(options: MainJobOptions, taskUrl: URL): Promise<number> {
  const { folder, jobs, quick, json } = options
  const files = existsSync(folder) ? readSourceFiles(folder, quick ? QUICK_BYTES : Infinity) : []
  if (files.length === 0) {
    process.stderr.write(`There is no source file in ${folder}: install the packages, or name another --folder.\n`)
    return 2
  }
  const sequential = await withProgress('one process', files, options, onBytes => runSequentially(files, onBytes))
  const pool = await withProgress(`pool of ${jobs}`, files, options, onBytes => runOnPool(files, jobs, taskUrl, onBytes))
  const report: Report = { files, sequential, pool }
  process.stdout.write(json ? `${JSON.stringify(toRecord(report))}\n` : formatReport(report))
  return agree(report) ? 0 : 1
}

/** A bar on a terminal, a line elsewhere; beside JSON only what a person watches. */
async function withProgress<R extends TimedResult>(
  name: string,
  files: readonly SourceFile[],
  options: { readonly json: boolean },
  run: (onBytes: OnBytes) => Promise<R>,
): Promise<R> {
  const total = files.reduce((sum, file) => sum + file.bytes, 0)
  const bar = process.stderr.isTTY
    ? startProgressBar({ total, unit: 'MB', label: `${name.padEnd(12)} `, format: megabytes })
    : noProgressBar
  let done = 0
  try {
    const result = await run(bytes => {
      done += bytes
      bar.update(done)
    })
    if (!process.stderr.isTTY && !options.json) process.stderr.write(`${name}: ${megabytes(total)} MB in ${result.seconds.toFixed(2)} s\n`)
    return result
  } finally {
    bar.stop()
  }
}
