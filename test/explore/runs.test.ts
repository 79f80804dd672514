import { test } from 'node:test'
import { describeExploration, explore } from './explorer.ts'
import { runModels } from './models/run-models.ts'
import { PLAIN } from './models/tiny-arena.ts'

for (const model of await runModels(PLAIN)) {
  test(`every schedule is sound: ${model.name}`, t => {
    t.diagnostic(describeExploration(explore(model)))
  })
}
