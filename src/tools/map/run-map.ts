// `polyprocess map`: starts the pool, has it check the target, maps the items, and says how it went.
import { cpuCount, Pool, reference, WorkerDiedError } from '../../index.ts'
import { UsageError } from '../usage-error.ts'
import { type MapOptions, MapRun } from './map-run.ts'
import type { checkTarget } from './run-items.ts'
import { Stop, statusOfSignal } from './stop.ts'
import { resolveTarget, type Target } from './target.ts'

const STATUS_FAILED = 1

/** Runs the command and returns its exit status. @throws UsageError */
export async function runMap(targetText: string, items: readonly string[], options: MapOptions, taskUrl: URL): Promise<number> {
  const target = await resolveTarget(targetText)
  const stop = new Stop()
  const forgetSignals = stop.listenForSignals()
  const jobs = countJobs(items.length, options)
  const pool = startPool(jobs, options.maxMemory)
  stop.signal.addEventListener('abort', () => pool.terminate())
  const run = new MapRun({ pool, stop, target, options, jobs, taskUrl })
  try {
    await checkOnPool(pool, target, taskUrl)
    await run.run(items)
  } catch (error) {
    // Whatever the pool's end has broken off rejects; that it ended is what counts then.
    if (stop.cause === undefined && error instanceof UsageError) throw error
    stop.request({ kind: 'error', error })
  } finally {
    pool.terminate()
    await pool.join()
    forgetSignals()
  }
  return report(run, stop)
}

/** No more processes than there are chunks, where that is known. */
function countJobs(items: number, { jobs = cpuCount(), chunkSize }: MapOptions): number {
  return items === 0 ? jobs : Math.min(jobs, Math.ceil(items / chunkSize))
}

function startPool(processes: number, maxMemory: number | undefined): Pool {
  try {
    return new Pool(maxMemory === undefined ? processes : { processes, maxMemoryPerChild: maxMemory })
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`Cannot start ${processes} processes: ${error.message}. Give fewer --jobs.`)
    throw error
  }
}

/** Before the first item is read, so that a mistyped name is said at once. */
async function checkOnPool(pool: Pool, target: Target, taskUrl: URL): Promise<void> {
  let problem: string
  try {
    problem = await pool.apply(reference<typeof checkTarget>(taskUrl, 'checkTarget'), [target])
  } catch (error) {
    if (!(error instanceof WorkerDiedError)) throw error
    problem = `The process that imported ${target.url} ended: ${error.message}`
  }
  if (problem !== '') throw new UsageError(problem)
}

function report(run: MapRun, { cause }: Stop): number {
  const { tally, failures } = run
  switch (cause?.kind) {
    case undefined:
      if (tally.failed > 0 || tally.triedAgain > 0) process.stderr.write(`polyprocess map: ${tally.summarize()}\n${failures.format()}`)
      return tally.failed === 0 ? 0 : STATUS_FAILED
    case 'signal':
      process.stderr.write(`polyprocess map: stopped by ${cause.signal}: ${tally.summarizeStopped()}\n`)
      return statusOfSignal(cause.signal)
    case 'closed-output':
      // As any filter in a pipe: silent, and with the status of one that SIGPIPE has ended.
      return statusOfSignal('SIGPIPE')
    case 'error':
      process.stderr.write(`polyprocess map: ${cause.error instanceof Error ? cause.error.stack : String(cause.error)}\n`)
      return STATUS_FAILED
  }
}
