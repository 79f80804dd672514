import assert from 'node:assert/strict'
import { test } from 'node:test'
import { arena } from '../../src/memory/arena.ts'
import { assertSound } from '../helpers/crash.ts'
import { playQueueChaos } from '../stress/queue/queue-chaos.ts'

test('a queue survives those who are killed at random for some seconds: nothing comes twice, and nobody waits for ever', async t => {
  const seed = Number(process.env.SEED ?? 20_266)
  t.diagnostic(`SEED=${seed}`)
  const counts = await playQueueChaos({ seed, each: 3, milliseconds: 3000 })
  t.diagnostic(JSON.stringify(counts))
  assert.ok(counts.kills >= 3, `${counts.kills} were killed`)
  assert.ok(counts.got >= 100, `${counts.got} came`)
  assertSound(arena())
})
