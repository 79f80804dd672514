import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { readProgressOption } from '../../../src/pool/progress/progress-option.ts'

test('undefined and false are no progress, true is the usual one', () => {
  assert.equal(readProgressOption(undefined), null)
  assert.equal(readProgressOption(false), null)
  assert.deepEqual({ ...readProgressOption(true) }, {})
})

test('settings are taken over, and those that are undefined are not there', () => {
  const given = { label: 'resizing', output: new PassThrough(), interval: 50, onUpdate: () => {} }
  assert.deepEqual({ ...readProgressOption(given) }, given)
  assert.deepEqual({ ...readProgressOption({ label: undefined }) }, {})
})

test('what progress cannot be is an error that says what it can', () => {
  const expected = 'Expected `progress` to be true, false or an object like { label: "resizing" }'
  for (const [value, got] of [
    ['yes', "'yes'"],
    [1, '1'],
    [null, 'null'],
    [[], '[]'],
  ]) {
    assert.throws(() => readProgressOption(value), { name: 'TypeError', message: `${expected}, got ${got}` })
  }
  assert.throws(() => readProgressOption({ lable: 'x' }), { name: 'TypeError', message: /^Unknown option `lable`/ })
  assert.throws(() => readProgressOption({ label: 1 }), { name: 'TypeError', message: 'Expected `progress.label` to be a string, got 1' })
  assert.throws(() => readProgressOption({ output: {} }), { name: 'TypeError', message: /`progress.output` to be a writable stream/ })
  assert.throws(() => readProgressOption({ output: null }), TypeError)
  assert.throws(() => readProgressOption({ onUpdate: true }), { name: 'TypeError', message: /`progress.onUpdate` to be a function/ })
  assert.throws(() => readProgressOption({ interval: '1' }), TypeError)
  for (const interval of [0, -1, 1.5, Infinity, Number.NaN]) assert.throws(() => readProgressOption({ interval }), RangeError)
})

test('what somebody put on Object.prototype is not read as an option', () => {
  const prototype = Object.prototype as unknown as Record<string, unknown>
  prototype.label = 'polluted'
  try {
    assert.equal(readProgressOption({})?.label, undefined)
    assert.equal(readProgressOption(true)?.label, undefined)
  } finally {
    delete prototype.label
  }
})
