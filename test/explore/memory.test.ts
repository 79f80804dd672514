import { test } from 'node:test'
import { describeExploration, explore } from './explorer.ts'
import { cellModels, messageModels } from './models/cell-models.ts'
import { growthModels, runModels } from './models/run-models.ts'
import { slotModels } from './models/slot-models.ts'
import { PLAIN } from './models/tiny-arena.ts'

for (const models of [runModels, growthModels, cellModels, messageModels, slotModels]) {
  for (const model of await models(PLAIN)) {
    test(`every schedule is sound: ${model.name}`, t => {
      t.diagnostic(describeExploration(explore(model)))
    })
  }
}
