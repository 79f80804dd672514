// A million messages that no encoder wrote. CHAOS_SEED repeats a run's choices.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attempt, damaged, generator, noise, validMessages, withGlobalsWatched } from '../wire/values/hostile-messages.ts'

const seed = Number(process.env.CHAOS_SEED ?? Date.now() | 0)

test(`a million damaged messages are an error or a value each (seed ${seed})`, () => {
  const messages = validMessages()
  const random = generator(seed)
  const pick = (): Uint8Array => messages[random() % messages.length] as Uint8Array
  const outcomes = { value: 0, error: 0 }
  withGlobalsWatched(() => {
    for (let round = 0; round < 1_000_000; round += 1) {
      outcomes[attempt(round % 4 === 0 ? noise(random) : damaged(pick(), pick(), random))] += 1
    }
  })
  assert.equal(outcomes.value + outcomes.error, 1_000_000)
  assert.ok(outcomes.value > 10_000, JSON.stringify(outcomes))
})
