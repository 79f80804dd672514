// Durations counted in buckets whose width grows with what they hold: a log-linear histogram, after Gil Tene's HdrHistogram
// (hdrhistogram.org): powers of two, each cut into 32 equal parts. A value is taken for the middle of its bucket, which is wrong by
// at most half of a 32nd: 1.6 %.
//
//   … | 0.5 … 1 ms: 32 buckets | 1 … 2 ms: 32 buckets | 2 … 4 ms: 32 buckets | …
//
// A double is stored in just this form: the exponent says which power of two, the first five bits of the mantissa which part of it.
// So a bucket's number is the upper 17 bits of the double, less those of the lower end, and no logarithm is taken.

import { expected } from '../../base/validate.ts'

/** What was recorded until the snapshot was taken. All durations are in ms; all are 0 as long as nothing was recorded. */
export interface Histogram {
  readonly count: number
  readonly min: number
  readonly mean: number
  readonly max: number
  /**
   * The duration that `p` percent of the recorded ones do not exceed, within 2 %; exact for 0 and 100.
   * @throws TypeError or RangeError unless `p` is a number from 0 to 100
   */
  percentile(p: number): number
}

const PARTS = 32
/** The first power of two, in ms: half of a microsecond. What is less, 0 above all, is counted in a bucket of its own. */
const LOWEST = 2 ** -11
/** In ms: 24 days. What is more is counted in the last bucket. */
const HIGHEST = 2 ** 31
const BUCKETS = 1 + Math.log2(HIGHEST / LOWEST) * PARTS

/** Of the 52 bits of a mantissa the upper word has 20; those below the first five are shifted out. */
const SHIFT = 20 - Math.log2(PARTS)

const double = new Float64Array(1)
/** The upper one is the second: all systems that there are addons for are little-endian. */
const words = new Uint32Array(double.buffer)
const BASE = upperBits(LOWEST) - 1

// The totals are cells, too: a field that holds a double would be allocated anew with each change.
const COUNT = BUCKETS
const SUM = BUCKETS + 1
const MIN = BUCKETS + 2
const MAX = BUCKETS + 3

/** Durations from 1 µs to 24 days, in 11 KB however many they are. */
export class DurationHistogram {
  readonly #cells = new Float64Array(BUCKETS + 4)

  /** Takes some 10 ns and allocates nothing. What is no positive number is counted as 0. */
  record(ms: number): void {
    const value = ms > 0 ? ms : 0
    const cells = this.#cells
    const bucket = bucketOf(value)
    cells[bucket] = cells[bucket]! + 1
    const count = cells[COUNT]!
    cells[COUNT] = count + 1
    cells[SUM] = cells[SUM]! + value
    if (count === 0 || value < cells[MIN]!) cells[MIN] = value
    if (value > cells[MAX]!) cells[MAX] = value
  }

  /** What has been recorded so far: a frozen copy. */
  snapshot(): Histogram {
    const cells = this.#cells.slice()
    const count = cells[COUNT]!
    return Object.freeze({
      count,
      min: cells[MIN]!,
      mean: count === 0 ? 0 : cells[SUM]! / count,
      max: cells[MAX]!,
      percentile: (p: number) => percentileOf(cells, checkPercent(p)),
    })
  }
}

function bucketOf(value: number): number {
  const bucket = upperBits(value) - BASE
  if (bucket <= 0) return 0
  return bucket < BUCKETS ? bucket : BUCKETS - 1
}

function upperBits(value: number): number {
  double[0] = value
  return words[1]! >>> SHIFT
}

/** Of `n` sorted values it is the one with the number ⌈n · p / 100⌉: one that was recorded, but for the width of its bucket. */
function percentileOf(cells: Float64Array, percent: number): number {
  const count = cells[COUNT]!
  const rank = Math.ceil((count * percent) / 100)
  if (rank <= 1 || count === 0) return cells[MIN]!
  if (rank >= count) return cells[MAX]!
  let bucket = 0
  for (let seen = cells[0]!; seen < rank; seen += cells[bucket]!) bucket += 1
  return Math.min(cells[MAX]!, Math.max(cells[MIN]!, middleOf(bucket)))
}

function middleOf(bucket: number): number {
  if (bucket === 0) return 0
  const power = Math.floor((bucket - 1) / PARTS)
  const part = (bucket - 1) % PARTS
  return LOWEST * 2 ** power * (1 + (part + 0.5) / PARTS)
}

function checkPercent(value: unknown): number {
  if (typeof value !== 'number') throw new TypeError(expected('p', 'a number from 0 to 100', value))
  if (!(value >= 0 && value <= 100)) throw new RangeError(expected('p', 'a number from 0 to 100', value))
  return value
}
