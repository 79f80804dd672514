import assert from 'node:assert/strict'
import { test } from 'node:test'
import { playChaos } from '../stress/memory-chaos.ts'

test('an arena survives processes that are killed at random for some seconds', async t => {
  const seed = Number(process.env.SEED ?? 20_260)
  t.diagnostic(`SEED=${seed}`)
  const counts = await playChaos({ seed, processes: 3, kills: 1000, milliseconds: 5000 })
  t.diagnostic(JSON.stringify(counts))
  assert.ok(counts.killedByThemselves + counts.killedFromOutside >= 10)
})
