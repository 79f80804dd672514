/** The same numbers summed where they are shared and where they are not, by turns. */

import { median } from '../harness/statistics.mjs'

/**
 * Milliseconds of a sum.
 * @param {any} library
 * @param {{ length: number, sums: number }} sizes
 */
export function clockSums({ SharedArray, closeShared }, { length, sums }) {
  const plain = Float64Array.from({ length }, (_, index) => index % 1_000)
  const shared = new SharedArray('f64', length)
  shared.set(plain)
  const sides = [
    { name: 'sum-shared', array: shared, sum: compile('shared'), times: /** @type {number[]} */ ([]) },
    { name: 'sum-plain', array: plain, sum: compile('plain'), times: /** @type {number[]} */ ([]) },
  ]
  const expected = plain.reduce((all, number) => all + number, 0)
  for (let turn = -2; turn < sums; turn += 1) {
    for (const { array, sum, times } of sides) {
      const start = performance.now()
      const found = sum(array)
      const time = performance.now() - start
      if (found !== expected) throw new Error(`Expected the sum to be ${expected}, got ${found}`)
      if (turn >= 0) times.push(time)
    }
    sides.reverse()
  }
  closeShared(shared)
  return Object.fromEntries(sides.map(({ name, times }) => [name, median(times)]))
}

/**
 * A text of its own, so that the optimizer knows one kind of array in it.
 * @param {string} name
 * @returns {(array: Float64Array) => number}
 */
function compile(name) {
  const body = 'let sum = 0\n for (let index = 0; index < array.length; index += 1) sum += array[index]\n return sum'
  return /** @type {any} */ (new Function('array', `${body} // ${name}`))
}
