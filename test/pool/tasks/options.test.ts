import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pool } from '../../../src/pool/pool.ts'
import { square } from '../../fixtures/pool/work.ts'

const bad: readonly (readonly [unknown, typeof TypeError | typeof RangeError, RegExp])[] = [
  [{ timeout: 0 }, RangeError, /Expected `timeout` to be a number of milliseconds above 0, got 0/],
  [{ timeout: -5 }, RangeError, /`timeout`.*got -5/],
  [{ timeout: NaN }, RangeError, /`timeout`.*got NaN/],
  [{ timeout: '5' }, TypeError, /`timeout`.*got '5'/],
  [{ retries: -1 }, RangeError, /Expected `retries` to be an integer from 0 to 1000, got -1/],
  [{ retries: 1.5 }, RangeError, /got 1\.5/],
  [{ retries: Infinity }, RangeError, /got Infinity/],
  [{ retries: true }, TypeError, /got true/],
  [{ retryIf: 5 }, TypeError, /Expected `retryIf` to be a function, got 5/],
  [{ signal: {} }, TypeError, /Expected `signal` to be an AbortSignal, got/],
  [{ priority: NaN }, RangeError, /Expected `priority` to be a finite number, got NaN/],
  [{ priority: Infinity }, RangeError, /got Infinity/],
  [{ priority: 'high' }, TypeError, /Expected `priority` to be a finite number, got 'high'/],
  [{ prioritty: 1 }, TypeError, /Unknown option `prioritty`/],
  [{ chunkSize: 2 }, TypeError, /Unknown option `chunkSize`/],
  [null, TypeError, /Expected `options` to be an object, got null/],
  [5, TypeError, /Expected `options` to be an object, got 5/],
]

const badOfMaps: typeof bad = [
  [{ chunkSize: 0 }, RangeError, /Expected `chunkSize` to be an integer of at least 1, got 0/],
  [{ chunkSize: '2' }, TypeError, /`chunkSize`.*got '2'/],
  [{ maxPending: 0 }, RangeError, /Expected `maxPending` to be an integer of at least 1, got 0/],
]

test('wrong options are told by their names, and nothing is done', async () => {
  await using pool = new Pool(1)
  for (const [options, constructor, message] of bad) {
    const isIt = (error: unknown): boolean => error instanceof constructor && message.test((error as Error).message)
    await assert.rejects(pool.apply(square, [1], options as object), isIt, message.source)
    if (message.source.includes('chunkSize')) continue
    await assert.rejects(pool.map(square, [1], options as object), isIt, message.source)
    assert.throws(() => pool.imap(square, [1], options as object), isIt, message.source)
    assert.throws(() => pool.stream(() => [1], [], options as object), isIt, message.source)
  }
  for (const [options, constructor, message] of badOfMaps) {
    const isIt = (error: unknown): boolean => error instanceof constructor && message.test((error as Error).message)
    assert.throws(() => pool.imap(square, [1], options as object), isIt, message.source)
    if (!message.source.includes('maxPending')) await assert.rejects(pool.map(square, [1], options as object), isIt, message.source)
  }
  await assert.rejects(pool.map(square, [1], { maxPending: 2 } as object), /Unknown option `maxPending`/)
  assert.equal(await pool.apply(square, [3], { timeout: Infinity, retries: 0, priority: -0 }), 9)
})

test('options that somebody put on Object.prototype are none', async () => {
  const prototype = Object.prototype as { timeout?: unknown; retries?: unknown }
  prototype.timeout = 'x'
  prototype.retries = 'x'
  try {
    await using pool = new Pool(1)
    assert.equal(await pool.apply(square, [3], {}), 9)
    assert.deepEqual(await pool.map(square, [3], { chunkSize: 1 }), [9])
  } finally {
    delete prototype.timeout
    delete prototype.retries
  }
})
