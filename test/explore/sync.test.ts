import { test } from 'node:test'
import { describeExploration, explore } from './explorer.ts'
import { lockModels } from './models/lock-models.ts'
import { meetingModels } from './models/meeting-models.ts'
import { permitModels } from './models/permit-models.ts'
import { loadCode } from './models/tiny-objects.ts'

const code = await loadCode('plain')
for (const model of [...lockModels(code), ...permitModels(code), ...meetingModels(code)]) {
  test(`every schedule is sound: ${model.name}`, t => {
    t.diagnostic(describeExploration(explore(model)))
  })
}
