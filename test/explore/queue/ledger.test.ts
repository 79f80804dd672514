import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeExploration, explore } from '../explorer.ts'
import { ledgerModels, loadLedger, PLANTED } from './ledger-models.ts'

for (const model of ledgerModels(await loadLedger('plain'))) {
  test(`every schedule is sound: ${model.name}`, t => {
    t.diagnostic(describeExploration(explore(model)))
  })
}

for (const { title, name, patch } of PLANTED) {
  test(`exploring finds ${title}`, async () => {
    const planted = await loadLedger(name, [patch])
    assert.throws(() => ledgerModels(planted).forEach(explore), /after this schedule/)
  })
}
