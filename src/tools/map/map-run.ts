import { BrokenPoolError, type Pool, reference, TimeoutError, WorkerDiedError } from '../../index.ts'
import { noProgressBar, type ProgressBar, startProgressBar } from '../progress-bar.ts'
import { FailureList } from './failure-list.ts'
import { type Chunk, readLines, toChunks, withoutBlanks } from './items.ts'
import { LineOutput } from './line-output.ts'
import { runChunks } from './run-chunks.ts'
import type { ItemOutcome, runItems } from './run-items.ts'
import type { Stop } from './stop.ts'
import { Tally } from './tally.ts'
import type { Target } from './target.ts'
import { type ItemResult, tryItems } from './try-items.ts'

// Chunks under way for each process. The second is there when the first is done; in order, some also wait for slower ones before them.
const WINDOW_AS_THEY_COME = 2
const WINDOW_IN_ORDER = 8

export interface MapOptions {
  readonly jobs?: number
  readonly chunkSize: number
  readonly ordered: boolean
  readonly progress?: boolean
  readonly json: boolean
  /** ms for each item and try. */
  readonly timeout?: number
  readonly retries: number
  /** Bytes. */
  readonly maxMemory?: number
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
  readonly tally = new Tally()
  readonly #given: MapRunOptions
  readonly #output: LineOutput
  readonly #runItems
  #bar: ProgressBar = noProgressBar

  constructor(given: MapRunOptions) {
    this.#given = given
    this.#output = new LineOutput(process.stdout, given.stop)
    this.#runItems = reference<typeof runItems>(given.taskUrl, 'runItems')
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

  #runChunk({ items }: Chunk): Promise<ItemResult[]> {
    const { options, stop } = this.#given
    return tryItems(items, { run: some => this.#tryOnce(some), retries: options.retries, signal: stop.signal })
  }

  async #tryOnce(items: readonly string[]): Promise<readonly ItemOutcome[]> {
    const { pool, target, options, stop } = this.#given
    // One clock for all of them: an item that ends in its time never fails because of its neighbours.
    const limits = options.timeout === undefined ? {} : { timeout: options.timeout * items.length }
    try {
      return await pool.apply(this.#runItems, [{ ...target, items, format: options.json ? 'json' : 'text' }], limits)
    } catch (error) {
      // Without processes there is no point in trying the other items.
      if (error instanceof BrokenPoolError) stop.request({ kind: 'error', error })
      const why = error instanceof TimeoutError ? 'time' : 'process'
      return items.map(() => ({ ok: false, error: describeLoss(error, items), why }))
    }
  }

  async #deliver(chunk: Chunk, results: readonly ItemResult[]): Promise<void> {
    // What comes after the stop failed because of it.
    if (this.#given.stop.signal.aborted) return
    let lines = ''
    for (const [at, result] of results.entries()) {
      const { outcome, tries } = result
      this.tally.add(result)
      if (outcome.ok) lines += `${outcome.line}\n`
      else this.failures.add(chunk, at, { error: outcome.error, tries })
    }
    this.#bar.update(this.tally.total, this.tally.note)
    if (lines === '') return
    if (process.stdout.isTTY) this.#bar.clear()
    await this.#output.write(lines)
  }
}

/** Why a whole chunk came back without outcomes. */
function describeLoss(error: unknown, items: readonly string[]): string {
  if (!(error instanceof WorkerDiedError || error instanceof TimeoutError))
    return error instanceof Error ? (error.stack ?? error.message) : String(error)
  const advice = items.length > 1 ? `\nIt held ${items.length} items; with --chunk-size 1, only the one at fault fails.` : ''
  return `${error.name}: ${error.message}${advice}`
}
