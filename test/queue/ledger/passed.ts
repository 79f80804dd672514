// As if many had been taken from a queue before, and done with.
import { store } from '../../../src/memory/words.ts'
import { DONE, TAKEN } from '../../../src/queue/ledger/entries.ts'
import type { Ledger } from '../../../src/queue/ledger/ledger.ts'

/** In the name of this thread. */
export function setDone(ledger: Ledger, count: number): void {
  ledger.open()
  const { words, base } = ledger.entryAt(0)
  store(words, base + TAKEN, count)
  store(words, base + DONE, count)
}
