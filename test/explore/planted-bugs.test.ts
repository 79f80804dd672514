import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explore, type Model } from './explorer.ts'
import { PLANTED_BUGS } from './models/planted-bugs.ts'

/** What the first model that fails says, without the schedule; null: none does. */
function firstFinding(models: readonly Model[]): string | null {
  for (const model of models) {
    try {
      explore(model)
    } catch (error) {
      return (error as Error).message.split('\n')[0] as string
    }
  }
  return null
}

for (const { title, variant, models } of PLANTED_BUGS) {
  test(`exploring finds ${title}`, async t => {
    const finding = firstFinding(await models(variant))
    assert.notEqual(finding, null, 'every schedule was sound, with the bug')
    t.diagnostic(`found: ${finding}`)
  })
}
