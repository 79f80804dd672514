import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeExploration, explore } from '../explorer.ts'
import { loadSide, PLANTED, sideModels } from './side-models.ts'

for (const model of sideModels(await loadSide('plain'))) {
  test(`every schedule is sound: ${model.name}`, t => {
    t.diagnostic(describeExploration(explore(model)))
  })
}

for (const { title, name, patch } of PLANTED) {
  test(`exploring finds ${title}`, async () => {
    const planted = await loadSide(name, [patch])
    assert.throws(() => sideModels(planted).forEach(explore), /after this schedule/)
  })
}
