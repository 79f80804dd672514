import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DurationHistogram, type Histogram } from '../../../src/pool/watching/histogram.ts'

function histogramOf(values: Iterable<number>): Histogram {
  const histogram = new DurationHistogram()
  for (const value of values) histogram.record(value)
  return histogram.snapshot()
}

/** From 1 µs to 10 days, all orders of magnitude alike. */
const durations = fc.double({ min: -3, max: 8.9, noNaN: true }).map(exponent => 10 ** exponent)
const percents = fc.oneof(fc.integer({ min: 0, max: 100 }), fc.double({ min: 0, max: 100, noNaN: true }))

test('each percentile is within 2 % of the value that has that rank', () => {
  fc.assert(
    fc.property(fc.array(durations, { minLength: 1, maxLength: 300 }), percents, (values, p) => {
      const sorted = values.toSorted((a, b) => a - b)
      const exact = sorted[Math.max(0, Math.ceil((values.length * p) / 100) - 1)] as number
      const found = histogramOf(values).percentile(p)
      assert.ok(Math.abs(found - exact) <= 0.02 * exact, `${found} for ${exact}`)
    }),
    { numRuns: 2000 },
  )
})

test('count, least and greatest are exact, and the mean is that of the values', () => {
  fc.assert(
    fc.property(fc.array(durations, { minLength: 1, maxLength: 300 }), values => {
      const { count, min, max, mean, percentile } = histogramOf(values)
      assert.equal(count, values.length)
      assert.equal(min, Math.min(...values))
      assert.equal(max, Math.max(...values))
      assert.equal(percentile(0), min)
      assert.equal(percentile(100), max)
      const exact = values.reduce((sum, value) => sum + value, 0) / values.length
      assert.ok(Math.abs(mean - exact) <= 1e-9 * exact)
    }),
  )
})

test('percentiles never fall as p grows, and stay between the least and the greatest', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, noNaN: true }), { minLength: 1, maxLength: 50 }), percents, percents, (values, p, q) => {
      const { min, max, percentile } = histogramOf(values)
      assert.ok(percentile(Math.min(p, q)) <= percentile(Math.max(p, q)))
      assert.ok(min <= percentile(p) && percentile(p) <= max)
    }),
  )
})

test('an empty histogram is all zeros', () => {
  const { count, min, mean, max, percentile } = histogramOf([])
  assert.deepEqual([count, min, mean, max, percentile(0), percentile(50), percentile(100)], [0, 0, 0, 0, 0, 0, 0])
})

test('what is no positive number counts as 0, and what is longer than any bucket is still counted', () => {
  assert.deepEqual(summary([-1, Number.NaN, 0]), { count: 3, min: 0, mean: 0, max: 0 })
  assert.deepEqual(summary([1e-9]), { count: 1, min: 1e-9, mean: 1e-9, max: 1e-9 })
  const long = histogramOf([1, 1e12, 1e13])
  assert.equal(long.max, 1e13)
  assert.ok(long.percentile(50) > 2 ** 30)
})

function summary(values: readonly number[]): object {
  const { count, min, mean, max } = histogramOf(values)
  return { count, min, mean, max }
}

test('a snapshot is frozen, and what is recorded afterwards does not change it', () => {
  const histogram = new DurationHistogram()
  histogram.record(1)
  const before = histogram.snapshot()
  for (let index = 0; index < 100; index += 1) histogram.record(1000)
  assert.ok(Object.isFrozen(before))
  assert.equal(before.count, 1)
  assert.equal(before.percentile(99), 1)
  assert.equal(histogram.snapshot().count, 101)
})

test('percentile says what it expects', () => {
  const { percentile } = histogramOf([1])
  assert.throws(() => percentile('50' as never), { name: 'TypeError', message: "Expected `p` to be a number from 0 to 100, got '50'" })
  for (const p of [-1, 100.1, Number.NaN]) assert.throws(() => percentile(p), RangeError)
})
