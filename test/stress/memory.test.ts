// Thousands of processes die on one arena. `SEED=…` repeats the random choices, if not the exact moments.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { playChaos } from './memory-chaos.ts'

const KILLS = 2000

test('an arena survives thousands of processes that are killed while they work on it', { timeout: 900_000 }, async t => {
  const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31)
  t.diagnostic(`SEED=${seed}`)
  const counts = await playChaos({ seed, processes: 4, kills: KILLS, milliseconds: 800_000 })
  t.diagnostic(JSON.stringify(counts))
  assert.ok(counts.killedByThemselves + counts.killedFromOutside >= KILLS, 'the time was up first')
})
