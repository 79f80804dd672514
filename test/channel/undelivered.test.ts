import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { failed, kept, Undelivered } from '../../src/channel/undelivered.ts'

const FOR_EVER = { timeout: Infinity, signal: undefined }
const NOT = { timeout: 0, signal: undefined }
const NOT_IMPORTED = { name: 'MultiprocessingError', code: 'ERR_NOT_IMPORTED', message: /`await it\(\)` gives it/ }

const timeIsUp = (): Error => new RangeError('too late')

function withLate(): { line: Undelivered; arrive(value: unknown): void } {
  const line = new Undelivered('await it()')
  let arrive: (value: unknown) => void = () => {}
  const promise = new Promise(resolve => {
    arrive = resolve
  })
  assert.throws(() => line.ready([promise]), NOT_IMPORTED)
  return { line, arrive: value => arrive(value) }
}

test('a value whose modules are not imported in time stays first in line', async () => {
  const { line, arrive } = withLate()
  await assert.rejects(line.takeInTime({ timeout: 5, signal: undefined }, timeIsUp), RangeError)
  await assert.rejects(line.takeInTime(NOT, timeIsUp), RangeError)
  const taken = line.takeInTime({ timeout: 10_000, signal: undefined }, timeIsUp)
  arrive('late')
  assert.equal(await taken, 'late')
  assert.equal(line.isEmpty, true)
})

test('a signal calls off the wait for it, too', async () => {
  const { line, arrive } = withLate()
  const controller = new AbortController()
  const signal = { timeout: Infinity, signal: controller.signal }
  const taken = line.takeInTime(signal, timeIsUp)
  controller.abort(new Error('enough'))
  await assert.rejects(taken, /enough/)
  await assert.rejects(line.takeInTime(signal, timeIsUp), /enough/)
  arrive('late')
  assert.equal(await line.takeInTime(FOR_EVER, timeIsUp), 'late')
})

test('once its modules are there, calls that cannot wait have it, too', async () => {
  const { line, arrive } = withLate()
  assert.throws(() => line.ready(line.takeMany(5)), NOT_IMPORTED)
  arrive('late')
  await turn()
  assert.deepEqual([line.ready([line.take()]), line.isEmpty], [['late'], true])
})

test('what failed to be imported is told where it is taken', async () => {
  const line = new Undelivered('await it()')
  assert.throws(() => line.ready([Promise.reject(new Error('no such module'))]), NOT_IMPORTED)
  await turn()
  assert.throws(() => line.take(), /no such module/)
  assert.equal(line.isEmpty, true)
})

test('of many, a call that cannot wait has those before the first that is late', async () => {
  const line = new Undelivered('await it()')
  const late = Promise.resolve('late')
  assert.deepEqual(line.ready(['first', late, 'last']), ['first'])
  assert.throws(() => line.ready(line.takeMany(2)), NOT_IMPORTED)
  assert.equal(await line.takeInTime(FOR_EVER, timeIsUp), 'late')
  assert.equal(await line.takeInTime(NOT, timeIsUp), 'last')
})

test('what could not be decoded ends the many before it, and is thrown by itself', () => {
  const line = new Undelivered('await it()')
  line.keep([kept(1), kept(2), failed(new Error('no')), kept(3)])
  assert.deepEqual(line.takeMany(9), [1, 2])
  assert.throws(() => line.takeMany(9), /no/)
  assert.deepEqual(line.takeMany(9), [3])
})

test('what has been dropped is not there any more', () => {
  const { line } = withLate()
  line.drop()
  assert.equal(line.isEmpty, true)
})
