// Tries items together, and those that failed again, each by itself: what one of them does to its process harms no other then.
import type { ItemOutcome } from './run-items.ts'

/** What became of an item in the end. */
export interface ItemResult {
  readonly outcome: ItemOutcome
  readonly tries: number
}

export interface Tries {
  /** One outcome for each item; never rejects. */
  readonly run: (items: readonly string[]) => Promise<readonly ItemOutcome[]>
  /** How many more times an item is tried that has failed. */
  readonly retries: number
  /** Once aborted, nothing is tried again. */
  readonly signal: AbortSignal
}

/** Resolves with one result for each item, in their order; never rejects. */
export async function tryItems(items: readonly string[], tries: Tries): Promise<ItemResult[]> {
  const outcomes = await tries.run(items)
  return Promise.all(outcomes.map((outcome, at) => tryAgain(items[at] ?? '', outcome, tries)))
}

async function tryAgain(item: string, first: ItemOutcome, { run, retries, signal }: Tries): Promise<ItemResult> {
  let outcome = first
  let tries = 1
  while (!outcome.ok && outcome.why !== 'no-item' && tries <= retries && !signal.aborted) {
    outcome = (await run([item]))[0] ?? outcome
    tries += 1
  }
  return { outcome, tries }
}
