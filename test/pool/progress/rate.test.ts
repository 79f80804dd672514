import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Rate } from '../../../src/pool/progress/rate.ts'
import { formatDuration, formatRate } from '../../../src/pool/progress/words.ts'

test('nothing is known before the first item', () => {
  const rate = new Rate()
  rate.update(0, 1000)
  assert.equal(rate.perMillisecond, undefined)
  assert.equal(rate.remaining(10, 1000), undefined)
})

test('a steady rate is found from the first item on, and what remains follows from it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.double({ min: 0.01, max: 1e5, noNaN: true }), (steps, gap) => {
      const rate = new Rate()
      for (let step = 1; step <= steps; step += 1) rate.update(step * 5, step * gap)
      const exact = 5 / gap
      assert.ok(Math.abs((rate.perMillisecond as number) - exact) <= 1e-6 * exact)
      const remaining = rate.remaining(steps * 5 + 100, steps * gap) as number
      assert.ok(Math.abs(remaining - 100 / exact) <= (1e-5 * 100) / exact)
    }),
  )
})

test('an estimate is never negative nor infinite, however items come', () => {
  const moves = fc.array(fc.tuple(fc.integer({ min: 0, max: 100 }), fc.double({ min: 0, max: 1e6, noNaN: true })), { minLength: 1 })
  fc.assert(
    fc.property(moves, steps => {
      const rate = new Rate()
      let [count, elapsed] = [0, 0]
      for (const [more, gap] of steps) {
        count += more
        elapsed += gap
        rate.update(count, elapsed)
        const remaining = rate.remaining(10_000_000, elapsed)
        assert.ok(remaining === undefined || (remaining >= 0 && Number.isFinite(remaining)))
      }
    }),
  )
})

test('what came lately counts more than what came long ago', () => {
  const rate = new Rate()
  for (let second = 1; second <= 10; second += 1) rate.update(second * 1000, second * 1000)
  for (let second = 11; second <= 60; second += 1) rate.update(10_000 + (second - 10) * 10, second * 1000)
  const perSecond = (rate.perMillisecond as number) * 1000
  assert.ok(perSecond < 100, `${perSecond}`)
})

test('between two chunks the time that remains is counted down, and when it has run out it grows', () => {
  const rate = new Rate()
  rate.update(50, 10_000)
  assert.equal(rate.remaining(100, 10_000), 10_000)
  assert.equal(rate.remaining(100, 14_000), 6000)
  assert.equal(rate.remaining(100, 30_000), 30_000)
  assert.equal(rate.remaining(50, 30_000), 0)
})

test('durations and rates are written in units that fit', () => {
  const seconds = [0, 0.44, 9.94, 9.96, 59.4, 59.6, 3599, 7500, 86_399, 90_000]
  assert.deepEqual(
    seconds.map(each => formatDuration(each * 1000)),
    ['0.0 s', '0.4 s', '9.9 s', '10 s', '59 s', '1 min 0 s', '59 min 59 s', '2 h 5 min', '1 d 0 h', '1 d 1 h'],
  )
  assert.deepEqual(
    [1234.5, 10, 2.25, 0.1, 0.01, 0.001].map(perSecond => formatRate(perSecond / 1000)),
    ['1235/s', '10/s', '2.3/s', '0.1/s', '36/h', '3.6/h'],
  )
})
