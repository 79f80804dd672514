import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDuration, parseSize } from '../../src/tools/option-values.ts'

test('a duration is a number with its unit, in ms', () => {
  const durations = { '500ms': 500, '0.5ms': 0.5, '30s': 30_000, '1.5s': 1500, '5m': 300_000, '1h': 3_600_000 }
  for (const [text, duration] of Object.entries(durations)) assert.equal(parseDuration(text), duration)
})

test('a size is a number with its unit, in bytes: K, M, G and T are powers of 1024, with a B behind them of 1000', () => {
  const sizes = {
    '512K': 512 * 1024,
    '1.5m': 1.5 * 2 ** 20,
    '2G': 2 * 2 ** 30,
    '2GiB': 2 * 2 ** 30,
    '1T': 2 ** 40,
    '500MB': 5e8,
    '3kB': 3000,
  }
  for (const [text, size] of Object.entries(sizes)) assert.equal(parseSize(text), size)
})
