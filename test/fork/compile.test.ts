// Functions that are compiled in the parent, once for all children: none of them may run.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ForkAddon, forkAddon } from '../../src/fork/addon.ts'
import { native } from '../../src/native/load.ts'

const addon = forkAddon() as ForkAddon

test('no function that is compiled is run, whatever kind it is of', async () => {
  let runs = 0
  const run = (): number => {
    runs += 1
    return runs
  }
  class Some {
    static made = 0
    constructor() {
      run()
    }
    get one(): number {
      return run()
    }
    async two(): Promise<void> {
      run()
    }
    *three(): Generator {
      yield run()
    }
  }
  const { get } = Object.getOwnPropertyDescriptor(Some.prototype, 'one') as { get: () => number }
  const withDefault = (value = run()): number => value
  addon.compile(run, Some, Some.prototype.two, Some.prototype.three, get, withDefault, async () => run(), run.bind(null))
  await Promise.resolve()
  assert.equal(runs, 0)
  assert.equal(withDefault(), 1)
})

test('functions of the language and of addons are let alone, as are values that are no functions', () => {
  const items = [1, 2]
  addon.compile(items.push.bind(items, 3), Array.prototype.reverse.bind(items), native().threadId, native().exitNow)
  addon.compile(undefined, null, 1, 'text', {})
  assert.deepEqual(items, [1, 2])
})
