import assert from 'node:assert/strict'
import { test } from 'node:test'
import { playSyncChaos } from '../stress/sync-chaos.ts'

test('shared objects survive processes that are killed at random for some seconds, and nobody waits for ever', async t => {
  const seed = Number(process.env.SEED ?? 20_261)
  t.diagnostic(`SEED=${seed}`)
  const counts = await playSyncChaos({ seed, workers: 3, milliseconds: 4000 })
  t.diagnostic(JSON.stringify(counts))
  assert.ok(counts.kills >= 3, `${counts.kills} were killed`)
  assert.ok(counts.steps >= 100, `${counts.steps} steps were taken`)
})
