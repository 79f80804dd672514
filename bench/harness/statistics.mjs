/** The few statistics that a figure consists of. */

/**
 * The value below which this share of the numbers lies, interpolated between neighbours.
 * @param {ArrayLike<number>} numbers
 * @param {number} share from 0 to 1
 */
export function quantile(numbers, share) {
  if (numbers.length === 0) throw new RangeError('Expected at least one number, got none')
  const sorted = Float64Array.from(numbers).sort()
  const position = (sorted.length - 1) * share
  const below = sorted[Math.floor(position)] ?? Number.NaN
  const above = sorted[Math.ceil(position)] ?? Number.NaN
  return below + (above - below) * (position - Math.floor(position))
}

/** @param {ArrayLike<number>} numbers */
export function median(numbers) {
  return quantile(numbers, 0.5)
}

/**
 * @typedef {object} Summary
 * @property {number} median
 * @property {number} min
 * @property {number} max
 * @property {number} deviation the median absolute deviation: half of the runs are at most this far from the median
 * @property {number} runs
 */

/**
 * @param {number[]} numbers
 * @returns {Summary}
 */
export function summarize(numbers) {
  const middle = median(numbers)
  return {
    median: middle,
    min: Math.min(...numbers),
    max: Math.max(...numbers),
    deviation: median(numbers.map(number => Math.abs(number - middle))),
    runs: numbers.length,
  }
}
