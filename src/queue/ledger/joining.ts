// When a `join` is over: all that was put is done with, or something was lost with the one who had taken it, which each who waits hears once.
import { MultiprocessingError } from '../../base/errors.ts'
import { load, raise } from '../../memory/words.ts'
import { countUnfinished, forgetDoubts } from './entries.ts'
import { DOUBTFUL, LOST, TOLD } from '../store/layout.ts'
import type { Ledger } from './ledger.ts'
import { type Loss, readNotes } from './notes.ts'

/** How much had been lost and told when this one began to wait. */
export function toldOf({ words, base }: Ledger): number {
  return load(words, base + TOLD)
}

/**
 * True: all is done with. `told`: what `toldOf` was when this wait began.
 * @throws MultiprocessingError `ERR_ITEMS_LOST`, `ERR_ITEMS_IN_DOUBT`
 */
export function isAllDone(ledger: Ledger, told: number): boolean {
  const { words, base } = ledger
  // In this order: what is lost counts as done a moment later.
  const unfinished = countUnfinished(ledger)
  const lost = load(words, base + LOST)
  if (lost !== told) {
    // From here on those who begin to wait do not hear of it; those who wait already do.
    raise(words, base + TOLD, lost)
    throw itemsLost((lost - told) | 0, readNotes(ledger, told, lost))
  }
  if (unfinished === 0) {
    forgetDoubts(ledger)
    return true
  }
  const doubtful = load(words, base + DOUBTFUL)
  if (unfinished > 0 && unfinished <= doubtful) throw itemsInDoubt(unfinished)
  return false
}

function itemsLost(count: number, losses: readonly Loss[]): MultiprocessingError {
  const whose = losses.map(loss => `${loss.count} with ${who(loss)}`).join(', ')
  const error = new MultiprocessingError(
    `${number(count, 'item is', 'items are')} lost with those who had them and ended before taskDone()${whose === '' ? '' : ` (${whose})`}. They count as done now: put again what must be done, and call join() again`,
    { code: 'ERR_ITEMS_LOST' },
  )
  return Object.assign(error, { lost: count })
}

function itemsInDoubt(count: number): MultiprocessingError {
  return new MultiprocessingError(
    `${number(count, 'item is', 'items are')} unfinished and perhaps lost: taskDone() was called by others than had taken items, and one who had has ended. Call join() again if there may still be reports; if not, use a new queue, and call taskDone() where get() was called`,
    { code: 'ERR_ITEMS_IN_DOUBT' },
  )
}

function who({ pid, name }: Loss): string {
  if (pid === 0) return 'those who were putting or taking them'
  const where = pid === process.pid ? `a thread of process ${pid}` : `process ${pid}`
  return name === '' ? where : `${name}, ${where}`
}

function number(count: number, one: string, more: string): string {
  return `${count} ${count === 1 ? one : more}`
}
