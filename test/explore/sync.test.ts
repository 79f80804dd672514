import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeExploration, explore } from './explorer.ts'
import { lockModels } from './models/lock-models.ts'
import { meetingModels } from './models/meeting-models.ts'
import { permitModels } from './models/permit-models.ts'
import { PLANTED_SYNC_BUGS } from './models/planted-sync-bugs.ts'
import { loadCode } from './models/tiny-objects.ts'

const code = await loadCode('plain')
for (const model of [...lockModels(code), ...permitModels(code), ...meetingModels(code)]) {
  test(`every schedule is sound: ${model.name}`, t => {
    t.diagnostic(describeExploration(explore(model)))
  })
}

for (const { name, title, models, patch } of PLANTED_SYNC_BUGS) {
  test(`exploring finds ${title}`, async () => {
    const planted = await loadCode(name, [patch])
    assert.throws(() => models(planted).forEach(explore), /after this schedule/)
  })
}
