// Processes hammer every kind of shared object while they are killed at random. `SEED=…` repeats the choices, if not the exact moments.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { playSyncChaos } from './sync-chaos.ts'

const MINUTES = Number(process.env.MINUTES ?? 3)

test('shared objects survive hundreds of processes that are killed while they use them', { timeout: 900_000 }, async t => {
  const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31)
  t.diagnostic(`SEED=${seed}`)
  const counts = await playSyncChaos({ seed, workers: 5, milliseconds: MINUTES * 60_000 })
  t.diagnostic(JSON.stringify(counts))
  assert.ok(counts.kills >= 100, `${counts.kills} were killed`)
})
