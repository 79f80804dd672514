import { BrokenPoolError, type Pool, reference, WorkerDiedError } from '../../index.ts'
import { noProgressBar, type ProgressBar, startProgressBar } from '../progress-bar.ts'
import { FailureList } from './failure-list.ts'
import { type Chunk, readLines, toChunks, withoutBlanks } from './items.ts'
import { LineOutput } from './line-output.ts'
import { runChunks } from './run-chunks.ts'
import type { ItemOutcome, runItems } from './run-items.ts'
import type { Stop } from './stop.ts'
import type { Target } from './target.ts'

// Chunks under way for each process. The second is there when the first is done; in order, some also wait for slower ones before them.
const WINDOW_AS_THEY_COME = 2
const WINDOW_IN_ORDER = 8

export interface MapOptions {
  readonly jobs?: number
  readonly chunkSize: number
  readonly ordered: boolean
  readonly progress?: boolean
  readonly json: boolean
}

export interface MapRunOptions {
  readonly pool: Pool
  readonly stop: Stop
  readonly target: Target
  readonly options: MapOptions
  readonly jobs: number
  readonly taskUrl: URL
}

/** One run of the command over its items, with what became of them so far. */
export class MapRun {
  readonly failures = new FailureList()
  readonly #given: MapRunOptions
  readonly #output: LineOutput
  readonly #runItems
  #bar: ProgressBar = noProgressBar
  #total = 0

  constructor(given: MapRunOptions) {
    this.#given = given
    this.#output = new LineOutput(process.stdout, given.stop)
    this.#runItems = reference<typeof runItems>(given.taskUrl, 'runItems')
  }

  /** How many items have an outcome. */
  get total(): number {
    return this.#total
  }

  /** Resolves when all items have an outcome, or the stop was requested. @throws what reading the items throws. */
  async run(items: readonly string[]): Promise<void> {
    const { stop, options, jobs } = this.#given
    this.#bar = this.#startBar(items.length === 0 ? undefined : items.length)
    try {
      await runChunks({
        chunks: toChunks(items.length === 0 ? this.#readInput() : items, options.chunkSize),
        window: jobs * (options.ordered ? WINDOW_IN_ORDER : WINDOW_AS_THEY_COME),
        order: options.ordered ? 'as-given' : 'as-they-come',
        run: chunk => this.#runChunk(chunk),
        deliver: (chunk, outcomes) => this.#deliver(chunk, outcomes),
        signal: stop.signal,
      })
      await this.#output.flush()
    } finally {
      this.#bar.stop()
    }
  }

  #readInput(): AsyncIterable<string> {
    const input = process.stdin
    this.#given.stop.signal.addEventListener('abort', () => input.destroy())
    return this.#given.options.json ? withoutBlanks(readLines(input)) : readLines(input)
  }

  #startBar(total: number | undefined): ProgressBar {
    const { progress = process.stderr.isTTY === true } = this.#given.options
    return progress ? startProgressBar({ total, unit: 'items' }) : noProgressBar
  }

  async #runChunk(chunk: Chunk): Promise<readonly ItemOutcome[]> {
    const { pool, target, options, stop } = this.#given
    try {
      return await pool.apply(this.#runItems, [{ ...target, items: chunk.items, format: options.json ? 'json' : 'text' }])
    } catch (error) {
      // Without processes there is no point in trying the other items.
      if (error instanceof BrokenPoolError) stop.request({ kind: 'error', error })
      return chunk.items.map(() => ({ ok: false, error: describeLoss(error, chunk) }))
    }
  }

  async #deliver(chunk: Chunk, outcomes: readonly ItemOutcome[]): Promise<void> {
    // What comes after the stop failed because of it.
    if (this.#given.stop.signal.aborted) return
    let lines = ''
    for (const [at, outcome] of outcomes.entries()) {
      if (outcome.ok) lines += `${outcome.line}\n`
      else this.failures.add(chunk, at, outcome.error)
    }
    this.#total += outcomes.length
    const failed = this.failures.count
    this.#bar.update(this.#total, failed === 0 ? '' : ` | ${failed} failed`)
    if (lines === '') return
    if (process.stdout.isTTY) this.#bar.clear()
    await this.#output.write(lines)
  }
}

/** Why a whole chunk came back without outcomes. */
function describeLoss(error: unknown, { items }: Chunk): string {
  if (!(error instanceof WorkerDiedError)) return error instanceof Error ? (error.stack ?? error.message) : String(error)
  const advice = items.length > 1 ? `\nIt held ${items.length} items; with --chunk-size 1, only the one at fault fails.` : ''
  return `${error.name}: ${error.message}${advice}`
}
