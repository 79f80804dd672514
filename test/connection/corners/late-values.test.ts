import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LateValues } from '../../../src/connection/late-values.ts'

const FOR_EVER = { timeout: Infinity, signal: undefined }

function withLate(): { late: LateValues; arrive(value: unknown): void } {
  const late = new LateValues()
  let arrive: (value: unknown) => void = () => {}
  const promise = new Promise(resolve => {
    arrive = resolve
  })
  assert.throws(() => late.add(promise), { code: 'ERR_NOT_LOADED' })
  return { late, arrive: value => arrive(value) }
}

test('a value whose modules are not imported in time stays first in line', async () => {
  const { late, arrive } = withLate()
  assert.throws(() => late.add(Promise.resolve('next')), { code: 'ERR_NOT_LOADED' })
  await assert.rejects(late.take({ timeout: 5, signal: undefined }), { name: 'TimeoutError' })
  await assert.rejects(late.take({ timeout: 0, signal: undefined }), { name: 'TimeoutError' })
  const taken = late.take({ timeout: 10_000, signal: undefined })
  arrive('late')
  assert.equal(await taken, 'late')
  assert.equal(await late.take({ timeout: 0, signal: undefined }), 'next')
  assert.equal(late.isEmpty, true)
})

test('a signal calls off the wait for it, too', async () => {
  const { late, arrive } = withLate()
  const controller = new AbortController()
  const taken = late.take({ timeout: Infinity, signal: controller.signal })
  controller.abort(new Error('enough'))
  await assert.rejects(taken, /enough/)
  await assert.rejects(late.take({ timeout: Infinity, signal: controller.signal }), /enough/)
  arrive('late')
  assert.equal(await late.take(FOR_EVER), 'late')
})

test('what has been dropped is not there any more', () => {
  const { late } = withLate()
  late.drop()
  assert.equal(late.isEmpty, true)
})
