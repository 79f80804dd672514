// 20 producers and 20 consumers of one queue are killed at random. `SEED=…` repeats the choices, if not the exact moments.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { arena } from '../../../src/memory/arena.ts'
import { assertSound } from '../../helpers/crash.ts'
import { playQueueChaos } from './queue-chaos.ts'

const MINUTES = Number(process.env.MINUTES ?? 3)

test('each message of a survivor that no victim has taken comes once, whoever is killed', { timeout: 900_000 }, async t => {
  const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31)
  t.diagnostic(`SEED=${seed}`)
  const counts = await playQueueChaos({ seed, each: Number(process.env.EACH ?? 20), milliseconds: MINUTES * 60_000 })
  t.diagnostic(JSON.stringify(counts))
  assert.ok(counts.kills >= MINUTES * 30, `${counts.kills} were killed`)
  assertSound(arena())
})
