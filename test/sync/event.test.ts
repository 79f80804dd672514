// A flag that processes wait for.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { closeShared, Event, RawArray } from '../../src/index.ts'
import { someWait } from '../fixtures/sync/keepers.ts'
import { countWhenSet } from '../fixtures/sync/meeters.ts'
import { ALL, perMethod } from '../process/methods.ts'
import { balancedAsync } from '../value/balance.ts'

test('it is set until it is cleared, however often', () =>
  balancedAsync(async () => {
    const event = new Event()
    assert.deepEqual([event.isSet, await event.wait({ timeout: 0 }), event.waitSync({ timeout: 0 })], [false, false, false])
    event.set()
    event.set()
    assert.deepEqual([event.isSet, await event.wait(), event.waitSync(), await event.wait({ timeout: 0 })], [true, true, true, true])
    event.clear()
    event.clear()
    assert.deepEqual([event.isSet, await event.wait({ timeout: 1 })], [false, false])
    event.close()
  }))

test('all who wait go on when it is set, also when it is cleared at once', () =>
  balancedAsync(async () => {
    const event = new Event()
    const waits = Array.from({ length: 1000 }, () => event.wait())
    event.set()
    event.clear()
    assert.ok((await Promise.all(waits)).every(Boolean))
    assert.deepEqual([event.isSet, event.waitSync({ timeout: 1 })], [false, false], 'who comes later waits')
    event.close()
  }))

test('it takes no argument of users', () => {
  for (const wrong of [null, 5, {}, 'set']) assert.throws(() => new (Event as new (wrong: unknown) => Event)(wrong), TypeError)
})

perMethod(ALL, 'those who wait elsewhere go on when it is set, in both forms, also when it is cleared at once', context =>
  balancedAsync(async () => {
    const [event, count] = [new Event(), new RawArray('i32', 1)]
    const forms = ['promise', 'blocking', 'promise'] as const
    const children = await Promise.all(forms.map(form => new context.Process({ target: countWhenSet, args: [event, form, count] }).start()))
    await someWait(event, 3)
    event.set()
    event.clear()
    for (const child of children) await child.join()
    assert.deepEqual([[...count], event.isSet], [[3], false])
    closeShared(count)
    event.close()
  }),
)
