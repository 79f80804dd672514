// Keys as words, so that they are compared as integers: a rank is a double whose bits are turned so that they rise with it, a number says which
// put it was.
import { type Words, write } from '../../memory/words.ts'
import { KEY } from './layout.ts'

const double = new Float64Array(1)
const halves = new Int32Array(double.buffer)
const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1
const HIGH = isLittleEndian ? 1 : 0

export interface Key {
  readonly rank: number
  readonly high: number
  readonly low: number
}

/** `at`: of the entry. */
export function writeKey(words: Words, at: number, { rank, high, low }: Key): void {
  // -0 is 0.
  double[0] = rank + 0
  const rankHigh = halves[HIGH] as number
  const rankLow = halves[1 - HIGH] as number
  // The larger the bits of a negative number, the smaller it is.
  const isNegative = rankHigh < 0
  write(words, at + KEY, isNegative ? rankHigh ^ 0x7fffffff : rankHigh)
  write(words, at + KEY + 1, isNegative ? ~rankLow : rankLow)
  write(words, at + KEY + 2, high)
  write(words, at + KEY + 3, low)
}

/** Whether the entry in `words` at `at` is before the other one. */
export function precedes(words: Words, at: number, others: Words, other: number): boolean {
  for (let word = KEY; word < KEY + 4; word += 2) {
    const high = words[at + word] as number
    const otherHigh = others[other + word] as number
    if (high !== otherHigh) return high < otherHigh
    const low = words[at + word + 1] as number
    const otherLow = others[other + word + 1] as number
    if (low !== otherLow) return low >>> 0 < otherLow >>> 0
  }
  return false
}
