// Messages with functions in them, damaged. Whoever may send them may run code anyway, so nothing is asked of what comes out but that
// it is a value or an error, and that the process is as alive as before. CHAOS_SEED repeats a run's choices.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pool } from '../../src/pool/pool.ts'
import { readDamaged } from '../fixtures/wire/mutations.ts'

const ROUNDS = 100_000
const seed = Number(process.env.CHAOS_SEED ?? Date.now() | 0)

test(`damaged messages with functions are an error or a value each (seed ${seed})`, async () => {
  await using pool = new Pool(1)
  const { values, errors } = await pool.apply(readDamaged, [seed, ROUNDS])
  assert.equal(values + errors, ROUNDS)
  assert.ok(values > 1000 && errors > 1000, JSON.stringify({ values, errors }))
  assert.equal(await pool.apply(() => 'alive'), 'alive')
})
